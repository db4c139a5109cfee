/** The Docker daemon goes and comes back. */
import type { Outcome } from "../lab/cli-stack.js";
import type { Fault } from "./suite/fault.js";
import { containerStart, floating, goesOn, NAME, nothingToDo, PATIENT } from "./suite/floating.js";
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
  {
    name: "docker-down",
    promise: "Half-way is a state like any other.",
    fault:
      "The Docker daemon of the new node can't start when the container is to move, then that of the old node is down, and again when it is removed.",
    expected:
      "up and destroy fail and name Docker; with the daemon back, the next up completes the move, and the next destroy leaves nothing. Nothing acknowledged is lost.",
    async run(context) {
      const stack = await floating(context, PATIENT);
      await stack.moveTo("node-02");
      // Stopped, it would be started: `install` allows that.
      await said("node-02", `${STOP}; systemctl mask -q docker.service`);
      names("node-02", await stack.failedUp(5 * 60_000));
      await goesOn(context, "node-01");
      await said("node-02", `systemctl unmask -q docker.service; ${START}`);
      await said("node-01", STOP);
      names("node-01", await stack.failedUp(5 * 60_000));
      await said("node-01", START);
      await stack.up();
      await goesOn(context, "node-02");
      await nothingToDo(stack);
      await said("node-02", STOP);
      names("node-02", await stack.failedDestroy(5 * 60_000));
      await said("node-02", START);
      await stack.destroy();
      for (const node of NODES) {
        const left = await said(
          node,
          `find /etc/systemd/system /var/lib/mooring /mnt/mooring -name '*${NAME}*' 2>/dev/null
docker ps -aq --filter name='^${NAME}$'`,
        );
        if (left !== "") throw new Error(`destroy left this on ${node}:\n${left}`);
      }
    },
  },
];

const NODES = ["node-01", "node-02"] as const;
const STOP = "systemctl stop docker.socket docker.service";
const START = "systemctl start docker.socket docker.service";

/** In one message: the host and its Docker. */
function names(node: (typeof NODES)[number], { output }: Outcome): void {
  if (!output.split("\n").some((line) => line.includes(`host "${node}"`) && /docker/i.test(line)))
    throw new Error(`the error does not name Docker on ${node}:\n${output}`);
}
