/** Many work on one host at once. */
import type { Fault } from "./suite/fault.js";
import { nothingLost } from "./suite/loss.js";

export const fourStacks: readonly Fault[] = [
  {
    name: "four-stacks",
    promise: "Only what is ours.",
    fault:
      "Four stacks make volumes and containers on the same two hosts at once, and are destroyed at once.",
    expected: "All succeed, each with its own data, and leave nothing behind.",
    async run(context) {
      const { acknowledged } = context;
      const names = ["one", "two", "three", "four"];
      const stacks = await Promise.all(
        names.map((name) =>
          context.stack(name, { listener: acknowledged.port, volumes: [{ name, node: "node-01" }] }),
        ),
      );
      await Promise.all(stacks.map((stack) => stack.up()));
      context.say("all four are up");
      for (const name of names) {
        await acknowledged.goOn(name, 60_000);
        await nothingLost(acknowledged, name, "node-01");
      }
      await Promise.all(stacks.map((stack) => stack.destroy()));
    },
  },
];
