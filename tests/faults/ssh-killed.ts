/** The SSH connections to a host are killed there, at any moment of creating, moving and destroying. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Running } from "../lab/cli-stack.js";
import { type HostName, ssh } from "../lab/index.js";
import type { Fault, FaultContext } from "./suite/fault.js";
import { goesOn, NAME } from "./suite/floating.js";

/** All sessions but the one that this runs in. */
const KILL = `own=$(ps -o ppid= -p $$ | tr -d ' ')
for process in $(pgrep -f '^sshd: .*@notty'); do [ "$process" = "$own" ] || { kill -9 "$process" && echo killed; }; done`;

export const sshKilled: readonly Fault[] = [
  {
    name: "ssh-killed",
    promise: "Half-way is a state like any other.",
    fault:
      "The SSH connections to a host are killed there at random moments of creating, moving and destroying.",
    expected: "The command fails or goes on; the next up converges; destroy leaves nothing behind.",
    async run(context) {
      const stack = await context.stack("half-way", {
        listener: context.acknowledged.port,
        volumes: [{ name: NAME, node: "node-01" }],
      });
      let hits = await killing(context, "create", stack.startUp(), 20_000, "node-01");
      await stack.up();
      await goesOn(context, "node-01");
      await stack.moveTo("node-02");
      hits += await killing(context, "move", stack.startUp(), 14_000, "node-02");
      await stack.up();
      await goesOn(context, "node-02");
      hits += await killing(context, "destroy", stack.startDestroy(), 8_000, "node-02");
      if (hits === 0) throw new Error("there was no connection at any of the moments: nothing was tried");
    },
  },
];

/** Answers how many connections it killed. */
async function killing(
  context: FaultContext,
  what: string,
  running: Running,
  mostMs: number,
  node: HostName,
): Promise<number> {
  const { random } = context;
  const host = random.pick<HostName>(["storage", node]);
  const moment = random.between(1500, mostMs);
  await Promise.race([running.done, sleep(moment)]);
  const { stdout } = running.running() ? await ssh(host, KILL, { check: false }) : { stdout: "" };
  const killed = stdout.match(/^killed$/gm)?.length ?? 0;
  const { code } = await running.done;
  context.say(
    `${what}: ${killed} connections to ${host} killed after ${Math.round(moment)} ms; exit code ${code}`,
  );
  return killed;
}
