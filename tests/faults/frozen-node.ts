/** A node that does not answer is not a dead node. */
import { freeze, powerOff, powerOn, thaw } from "../lab/index.js";
import type { Fault, FaultContext } from "./suite/fault.js";
import { floating, goesOn, nothingToDo } from "./suite/floating.js";
import type { FaultStack } from "./suite/stack.js";

const promise = "Absent is not the same as unreachable.";
const expected =
  "up, refresh and destroy fail in bounded time, say which host and what to do, and keep the state; when it is back, the move goes on.";
/** Two tries of 15 s, with keep-alive and waits: far from for ever. */
const QUICK = { connection: { dialErrorLimit: 2 } };
const BOUND_MS = 3 * 60_000;

export const frozen: readonly Fault[] = [
  {
    name: "node-frozen",
    promise,
    fault: "The node stands still, and its container is to move away.",
    expected,
    async run(context) {
      const stack = await floating(context);
      await freeze("node-01");
      await refused(context, stack);
      await thaw("node-01");
      await goesOn(context, "node-01");
      await stack.up();
      await goesOn(context, "node-02");
      await nothingToDo(stack);
    },
  },
  {
    name: "node-dead",
    promise,
    fault: "The node has lost its power, nobody says that it is lost, and its container is to move away.",
    expected,
    async run(context) {
      const stack = await floating(context);
      await powerOff("node-01");
      await refused(context, stack);
      await powerOn("node-01");
      await stack.up();
      await goesOn(context, "node-02");
      await nothingToDo(stack);
    },
  },
];

function helps(what: string, output: string): void {
  for (const words of ['host "node-01"', "Check that the host is up"])
    if (!output.includes(words)) throw new Error(`the error of ${what} does not say: ${words}\n${output}`);
}

async function refused(context: FaultContext, stack: FaultStack): Promise<void> {
  await stack.setHosts({ "node-01": QUICK });
  const before = await stack.resources();
  await stack.moveTo("node-02");
  const { output, ms } = await stack.failedUp(BOUND_MS);
  context.say(`up gave up after ${Math.round(ms / 1000)} s`);
  helps("up", output);
  for (const [what, running] of [
    ["refresh", () => stack.start("refresh", "--yes", "--skip-preview")],
    ["destroy", () => stack.startDestroy()],
  ] as const) {
    const outcome = await running().done;
    if (outcome.code === 0) throw new Error(`${what} succeeded without the node`);
    if (outcome.ms > BOUND_MS)
      throw new Error(`${what} failed only after ${Math.round(outcome.ms / 1000)} s`);
    helps(what, outcome.output);
  }
  const after = await stack.resources();
  const gone = before.filter(
    (urn) => /NbdAttachment|LinkedClone|NbdExport/.test(urn) && !after.includes(urn),
  );
  if (gone.length > 0) throw new Error(`these left the state without their host:\n${gone.join("\n")}`);
}
