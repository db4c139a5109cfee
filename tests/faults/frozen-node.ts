/** A node that does not answer is not a dead node. */
import { freeze, powerOff, powerOn, thaw } from "../lab/index.js";
import type { Fault, FaultContext } from "./suite/fault.js";
import { floating, goesOn, nothingToDo } from "./suite/floating.js";
import type { FaultStack } from "./suite/stack.js";

const promise = "Absent is not the same as unreachable.";
const expected =
  "up and destroy fail in bounded time, say which host, and keep the state; when it is back, the move goes on.";
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

async function refused(context: FaultContext, stack: FaultStack): Promise<void> {
  await stack.setHosts({ "node-01": QUICK });
  const before = await stack.resources();
  await stack.moveTo("node-02");
  const { output, ms } = await stack.failedUp(BOUND_MS);
  context.say(`up gave up after ${Math.round(ms / 1000)} s`);
  if (!output.includes('host "node-01"')) throw new Error(`the error does not name the host:\n${output}`);
  const destroyed = await stack.startDestroy().done;
  if (destroyed.code === 0) throw new Error("destroy succeeded without the node");
  if (destroyed.ms > BOUND_MS)
    throw new Error(`destroy failed only after ${Math.round(destroyed.ms / 1000)} s`);
  const after = await stack.resources();
  const gone = before.filter(
    (urn) => /NbdAttachment|LinkedClone|NbdExport/.test(urn) && !after.includes(urn),
  );
  if (gone.length > 0) throw new Error(`these left the state without their host:\n${gone.join("\n")}`);
}
