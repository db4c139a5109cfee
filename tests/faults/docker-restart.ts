/** The Docker daemon goes and comes back. */
import type { Fault } from "./suite/fault.js";
import { containerStart, floating, goesOn, nothingToDo, PATIENT } from "./suite/floating.js";
import { said } from "./suite/hosts.js";
import { until } from "./suite/until.js";

export const docker: readonly Fault[] = [
  {
    name: "docker-restart",
    promise: "Hosts come back by themselves, in order.",
    fault: "The Docker daemon is restarted while its container writes.",
    expected: "The container is stopped and started again with all acknowledged data, without Pulumi.",
    shares: PATIENT,
    async run(context) {
      const stack = await floating(context);
      await said("node-01", "systemctl restart docker");
      await goesOn(context, "node-01");
      await nothingToDo(stack);
    },
  },
  {
    name: "docker-killed",
    promise: "Hosts come back by themselves, in order.",
    fault: "The Docker daemon is killed while its container writes.",
    expected: "The container is back with all acknowledged data, without Pulumi.",
    shares: PATIENT,
    async run(context) {
      const stack = await floating(context);
      const before = await containerStart();
      await said("node-01", "systemctl kill -s KILL docker");
      // It runs on without its daemon, which stops it when it comes back; then its unit starts it.
      await until(
        "the container is started anew",
        3 * 60_000,
        async () => (await containerStart()) !== before,
      );
      await goesOn(context, "node-01");
      await nothingToDo(stack);
    },
  },
];
