/** Hosts that go down and come back by themselves, under a container that writes. */
import { setTimeout as sleep } from "node:timers/promises";
import { type HostName, powerOff, powerOn } from "../lab/index.js";
import type { Fault, FaultContext } from "./suite/fault.js";
import {
  containerStart,
  floating,
  goesOn,
  hadNoError,
  NFS,
  nothingToDo,
  PATIENT,
  PATIENTLY,
} from "./suite/floating.js";
import { powerCycle, reboot, said, shutDown } from "./suite/hosts.js";
import { flushedLate, letFlush, writeUnflushed } from "./suite/unflushed.js";

type Backend = "nbd" | "nfs";

export const power: readonly Fault[] = (["nbd", "nfs"] as const).flatMap((backend) => [
  nodeDown(backend, "reboot", (host) => reboot(host)),
  nodeDown(backend, "power-cut", powerCycle),
  storageDown(backend, "reboot", (host) => reboot(host)),
  storageDown(backend, "power-cut", powerCycle),
  bothDown(backend),
  oneHostDown(backend),
]);

type Down = (host: HostName, offMs: number) => Promise<void>;

function nodeDown(backend: Backend, kind: "reboot" | "power-cut", down: Down): Fault {
  const what = kind === "reboot" ? "is rebooted cleanly" : "loses its power and is switched on again";
  return {
    name: `node-${kind}-${backend}`,
    promise: "Hosts come back by themselves, in order.",
    fault: `The node ${what} while its container writes to a volume over ${backend.toUpperCase()}.`,
    expected: "The container is back with all acknowledged data, without Pulumi, which finds nothing to do.",
    shares: backend === "nbd" ? PATIENT : NFS,
    async run(context) {
      const stack = await floating(context);
      await down("node-01", context.random.between(0, 5000));
      context.say("node-01 is back");
      await goesOn(context, "node-01");
      if (backend === "nbd" && kind === "reboot") await wasClean();
      await nothingToDo(stack);
    },
  };
}

function oneHostDown(backend: Backend): Fault {
  return {
    name: `one-host-reboot-${backend}`,
    promise: "Hosts come back by themselves, in order.",
    fault: `A node that is its own storage host is rebooted cleanly while its container writes to a volume over ${backend.toUpperCase()}.`,
    expected:
      "The server stops last, so the host shuts down within two minutes; the container is back with all acknowledged data, without Pulumi, which finds nothing to do.",
    async run(context) {
      const deployment = { ...(backend === "nbd" ? PATIENT : NFS), storage: "node-01" } as const;
      const stack = await floating(context, deployment);
      const began = Date.now();
      await shutDown("node-01", 2 * 60_000);
      context.measured("shutdown", Date.now() - began);
      await powerOn("node-01");
      await goesOn(context, "node-01");
      if (backend === "nbd") await wasClean();
      await nothingToDo(stack);
    },
  };
}

/** The journal of a file system that was unmounted has nothing to be replayed, and no error was recorded. */
async function wasClean(): Promise<void> {
  const lines = await said("node-01", "dmesg | grep 'EXT4-fs (nbd' || true");
  if (!/mounted filesystem/.test(lines)) throw new Error(`the kernel does not tell of the mount:\n${lines}`);
  const unclean = lines.split("\n").filter((line) => /recover|error|orphan|needs/i.test(line));
  if (unclean.length > 0) throw new Error(`the volume was not unmounted cleanly:\n${unclean.join("\n")}`);
}

function storageDown(backend: Backend, kind: "reboot" | "power-cut", down: Down): Fault {
  const what =
    kind === "reboot"
      ? "is rebooted cleanly"
      : "loses its power and is switched on again, and once more while writes wait to be flushed,";
  return {
    name: `storage-${kind}-${backend}`,
    promise: "An outage that is shorter than the reconnect delay is a pause.",
    fault: `The storage host ${what} while a container writes over ${backend === "nbd" ? PATIENTLY : "NFS"}.`,
    expected: `The writer pauses and goes on without an error; nothing acknowledged is lost${kind === "reboot" ? "" : ", nor what was written before and is flushed after"}.`,
    shares: backend === "nbd" ? PATIENT : NFS,
    async run(context) {
      const stack = await floating(context);
      const started = await containerStart();
      await down("storage", context.random.between(0, 5000));
      context.say("the storage host is back");
      await goesOn(context, "node-01");
      if (kind === "power-cut") await cutBeforeFlush(context);
      await hadNoError(started);
      await nothingToDo(stack);
    },
  };
}

/** Once more, with writes that wait to be flushed. */
async function cutBeforeFlush(context: FaultContext): Promise<void> {
  await writeUnflushed();
  const isBack = powerCycle("storage", context.random.between(0, 5000));
  await sleep(2000);
  // It waits for the storage host from here on.
  await letFlush();
  await isBack;
  context.say("the storage host is back once more");
  await flushedLate();
  await goesOn(context, "node-01");
}

function bothDown(backend: Backend): Fault {
  return {
    name: `both-power-cut-${backend}`,
    promise: "Hosts come back by themselves, in order.",
    fault: `The node and the storage host lose their power at once while the container writes over ${backend.toUpperCase()}, and are switched on again, one of them later.`,
    expected: "The container is back with all acknowledged data, without Pulumi, which finds nothing to do.",
    shares: backend === "nbd" ? PATIENT : NFS,
    async run(context) {
      const { random } = context;
      const stack = await floating(context);
      await Promise.all([powerOff("node-01"), powerOff("storage")]);
      const first = random.pick<HostName>(["node-01", "storage"]);
      const second = first === "storage" ? "node-01" : "storage";
      const waited = random.between(0, 10_000);
      await Promise.all([powerOn(first), sleep(waited).then(() => powerOn(second))]);
      context.say(`both are back, ${first} ${Math.round(waited / 1000)} s before ${second}`);
      await goesOn(context, "node-01");
      await nothingToDo(stack);
    },
  };
}
