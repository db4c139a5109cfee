/** The old node is lost, and its container starts elsewhere. */
import { setTimeout as sleep } from "node:timers/promises";
import { seconds } from "../lab/cli-stack.js";
import { cut, freeze, heal, powerOff, powerOn, thaw } from "../lab/index.js";
import {
  DATABASE,
  failOverByHand,
  firstQuery,
  makeTable,
  noRowLost,
  startInserts,
  undoByHand,
  warmUp,
} from "./suite/database.js";
import type { Fault, FaultContext } from "./suite/fault.js";
import { floating, goesOn, IMPATIENT, NAME, NFS, nothingToDo } from "./suite/floating.js";
import type { Deployment } from "./suite/ground.js";
import { nothingRuns, said, staysDown } from "./suite/hosts.js";
import type { FaultStack } from "./suite/stack.js";
import { until } from "./suite/until.js";
import { MARIADB, MARIADB_ARCHIVE } from "./suite/writer.js";

/** Fail over under emulation may take this many times what the same steps take by hand. */
const TIMES_BY_HAND = 2;

export const failOver: readonly Fault[] = [
  {
    name: "fail-over",
    promise: "Fail over acts on the storage host alone.",
    fault:
      "The node loses its power during inserts into MariaDB; 8 s later it is said to be lost, and the database moves.",
    expected: `Every answered INSERT is there, within ${TIMES_BY_HAND} times what the steps take by hand; the node that comes back is cleaned by the next up.`,
    run: (context) => databaseFailsOver(context, TIMES_BY_HAND),
  },
  {
    name: "fail-over-frozen",
    promise: "A node that returns by itself can't write.",
    fault:
      "The node stands still while its container writes; it is said to be lost, fenced, and goes on later.",
    expected: "What it writes then fails; nothing acknowledged is lost, and the next up cleans it.",
    run: (context) =>
      writerFailsOver(
        context,
        () => freeze("node-01"),
        () => thaw("node-01"),
      ),
  },
  {
    name: "fail-over-cut",
    promise: "A node that returns by itself can't write.",
    fault:
      "The node's storage cable is pulled while its container writes; it is said to be lost, fenced, and healed later.",
    expected:
      "Its container stays down, its mount point empty; nothing acknowledged is lost, and the next up cleans it.",
    run: (context) =>
      writerFailsOver(
        context,
        () => cut("node-01"),
        () => heal("node-01"),
      ),
  },
  {
    name: "fail-over-nfs",
    promise: "Fail over acts on the storage host alone.",
    fault:
      "The node loses its power while its container writes over NFS; it is said to be lost, and comes back later.",
    expected:
      "All acknowledged data is there; the old node's container stays down, and the next up cleans that node.",
    run: (context) =>
      writerFailsOver(
        context,
        () => powerOff("node-01"),
        () => powerOn("node-01"),
        NFS,
      ),
  },
  {
    name: "fail-over-frozen-nfs",
    promise: "A node that returns by itself can't write.",
    fault:
      "The node stands still while its container writes over NFS; it is said to be lost, fenced, and goes on later.",
    expected: "What it writes then fails; nothing acknowledged is lost, and the next up cleans it.",
    run: (context) =>
      writerFailsOver(
        context,
        () => freeze("node-01"),
        () => thaw("node-01"),
        NFS,
        // Which takes no writes: the container in it fails, and tries again.
        { keepsMount: true },
      ),
  },
];

/** For who only wants to know how long it takes. */
export const failOverUnlimited: Fault = {
  ...(failOver[0] as Fault),
  run: (context) => databaseFailsOver(context, Number.POSITIVE_INFINITY),
};

async function databaseFailsOver(context: FaultContext, timesByHand: number): Promise<void> {
  const { acknowledged, random } = context;
  const stack = await context.stack("database", {
    listener: acknowledged.port,
    volumes: [{ name: DATABASE, node: "node-01", container: "mariadb" }],
  });
  await stack.up();
  await makeTable("node-01");
  await said("node-02", `docker load -q -i ${MARIADB_ARCHIVE}`);
  await warmUp("node-02", MARIADB);
  const lives = random.between(500, 5000);
  await dieDuringInserts(context, 1, lives);
  await noticed();
  const floor = await timed(() => failOverByHand("node-02", MARIADB));
  context.measured("by hand", floor);
  await noRowLost(acknowledged, "node-02");
  await undoByHand("node-02");
  await powerOn("node-01");
  await firstQuery("node-01", 5 * 60_000);

  await dieDuringInserts(context, 1_000_000, lives);
  await noticed();
  const decided = Date.now();
  await stack.setHosts({ "node-01": { lost: true } });
  await stack.moveTo("node-02");
  const done = stack.up();
  const answered = firstQuery("node-02", 10 * 60_000).then(() => Date.now() - decided);
  // What is wrong with the `up` is the reason for no answer.
  const took = await Promise.race([answered, done.then(() => answered)]);
  context.measured("fail over", took);
  await done;
  context.say(`pulumi up ended after ${seconds(Date.now() - decided)}`);
  context.say(`all ${await noRowLost(acknowledged, "node-02")} rows are there`);
  if (took > timesByHand * floor) {
    throw new Error(`fail over took ${seconds(took)}, by hand it is ${seconds(floor)}`);
  }

  await powerOn("node-01");
  await staysDown(random, "node-01", DATABASE);
  await stack.setHosts({});
  await stack.up();
  await noRowLost(acknowledged, "node-02");
  await nothingToDo(stack);
  await stack.destroy();
  await said("node-02", `docker rmi ${MARIADB}`);
}

/** Nobody knows at once. Whoever decides sooner waits for the rest of the time in which a living node would answer. */
function noticed(): Promise<void> {
  return sleep(8000);
}

/** As much to recover each time: the database is started anew, and lives for as long. */
async function dieDuringInserts(
  { acknowledged, say }: FaultContext,
  first: number,
  lives: number,
): Promise<void> {
  await said("node-01", `systemctl restart mooring-container-${DATABASE}.service`);
  await firstQuery("node-01", 5 * 60_000);
  await startInserts(acknowledged, "node-01", first);
  await sleep(lives);
  await powerOff("node-01");
  say(`node-01 is dead; ${acknowledged.count("rows")} rows are acknowledged`);
}

async function writerFailsOver(
  context: FaultContext,
  goes: () => Promise<void>,
  comesBack: () => Promise<void>,
  // When it is back, what it still holds fails after this time.
  deployment: Deployment = IMPATIENT,
  { keepsMount = false } = {},
): Promise<void> {
  const stack = await floating(context, deployment);
  await goes();
  // Whatever it still writes is cut off by the fence.
  await sleep(context.random.between(0, 5000));
  await stack.setHosts({ "node-01": { lost: true, fence: "force" } });
  await stack.moveTo("node-02");
  context.measured("fail over", await timed(() => stack.up()));
  await goesOn(context, "node-02");
  await comesBack();
  if (keepsMount) await sleep(context.random.between(10_000, 20_000));
  else await nothingRunsOnOldNode(context);
  await goesOn(context, "node-02");
  await cleanedByNextUp(context, stack);
}

async function nothingRunsOnOldNode(context: FaultContext): Promise<void> {
  await until("the old node's container is down and its mount point empty", 5 * 60_000, async () => {
    await nothingRuns("node-01", NAME);
    return true;
  });
  await staysDown(context.random, "node-01", NAME);
  context.say("the old node is back, and its container is down");
}

/** Once the host is no longer said to be lost. */
export async function cleanedByNextUp(context: FaultContext, stack: FaultStack): Promise<void> {
  await stack.setHosts({});
  await stack.up();
  const left = await said(
    "node-01",
    `find /etc/systemd/system /var/lib/mooring /mnt/mooring -name '*${NAME}*' 2>/dev/null
docker ps -aq --filter name='^${NAME}$'`,
  );
  if (left !== "") throw new Error(`the next up left this on the old node:\n${left}`);
  await goesOn(context, "node-02");
  await nothingToDo(stack);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = Date.now();
  await work();
  return Date.now() - started;
}
