/** A node that is said to be lost, and is not. */
import { cleanedByNextUp } from "./fail-over.js";
import type { Fault } from "./suite/fault.js";
import { floating, goesOn } from "./suite/floating.js";

export const lostAlive: readonly Fault[] = [
  {
    name: "lost-alive",
    promise: "A lost node that still has a live session is refused, unless the fence is forced.",
    fault: "A node that works is said to be lost, and its container is to move.",
    expected:
      "Refused, with the session's address, when it was last heard of, and its bytes; its writer is not disturbed. Forced, it goes on, and nothing is lost.",
    async run(context) {
      const stack = await floating(context);
      await stack.setHosts({ "node-01": { lost: true } });
      await stack.moveTo("node-02");
      const { output } = await stack.failedUp();
      if (
        !/node "node-01".*10\.77\.0\.12:\d+, heard of [\d.]+ s ago, [1-9]\d* bytes received from it/s.test(
          output,
        )
      )
        throw new Error(`the error does not tell of the session:\n${output}`);
      await goesOn(context, "node-01");
      await stack.setHosts({ "node-01": { lost: true, fence: "force" } });
      await stack.up();
      await goesOn(context, "node-02");
      await cleanedByNextUp(context, stack);
    },
  },
];
