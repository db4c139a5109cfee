/** The Pulumi CLI is killed or interrupted, at any moment of creating, moving and destroying. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Running, seconds } from "../lab/cli-stack.js";
import { processes, providersBelow } from "../lab/provider-process.js";
import type { Fault, FaultContext } from "./suite/fault.js";
import { goesOn, NAME } from "./suite/floating.js";
import type { FaultStack } from "./suite/stack.js";

const promise = "Half-way is a state like any other.";

export const interrupted: readonly Fault[] = [
  {
    name: "cli-killed",
    promise,
    fault: "The Pulumi CLI is killed with SIGKILL at a random moment of creating, moving and destroying.",
    expected: "The next up goes on from what it finds; destroy leaves nothing behind.",
    run: (context) =>
      throughout(context, async (running, stack) => {
        running.kill();
        await running.done;
        await stack.forgetKilled();
      }),
  },
  {
    name: "provider-killed",
    promise,
    fault:
      "The process of the provider is killed with SIGKILL at a random moment of creating, moving and destroying.",
    expected: "The command fails; the next up goes on from what it finds; destroy leaves nothing behind.",
    run: (context) =>
      throughout(context, async (running) => {
        const providers = await providersOf(running);
        for (const pid of providers) process.kill(pid, "SIGKILL");
        const { code, output } = await running.done;
        if (code === 0 && providers.length > 0)
          throw new Error(`the command succeeded although its provider was killed:\n${output}`);
      }),
  },
  {
    name: "ctrl-c",
    promise,
    fault: "Ctrl-C is pressed once, at a random moment of creating, moving and destroying.",
    expected: "What runs is finished; the next up goes on; destroy leaves nothing behind.",
    run: (context) =>
      throughout(context, async (running) => {
        running.interrupt();
        await running.done;
      }),
  },
  {
    name: "ctrl-c-twice",
    promise,
    fault: "Ctrl-C is pressed twice, at a random moment of creating, moving and destroying.",
    expected: "The CLI ends at once; the next up goes on; destroy leaves nothing behind.",
    run: (context) =>
      throughout(context, async (running, stack) => {
        running.interrupt();
        await sleep(context.random.between(200, 1500));
        running.interrupt();
        const again = Date.now();
        await running.done;
        const took = Date.now() - again;
        if (took > AT_ONCE_MS)
          throw new Error(`the CLI went on for ${seconds(took)} after the second Ctrl-C`);
        await stack.forgetKilled();
      }),
  },
];

/** On a machine that carries the hosts, too. */
const AT_ONCE_MS = 15_000;

/** It is started when it is needed first; a command that ends without has done nothing. */
async function providersOf(running: Running): Promise<number[]> {
  while (running.running()) {
    const found = providersBelow(running.pid ?? 0, processes());
    if (found.length > 0) return found;
    await sleep(50);
  }
  return [];
}

type Interrupt = (running: Running, stack: FaultStack) => Promise<void>;

/** Less than an operation takes on emulated hosts, as a rule. */
const [CREATE_MS, MOVE_MS, DESTROY_MS] = [20_000, 14_000, 8_000];

async function throughout(context: FaultContext, interrupt: Interrupt): Promise<void> {
  const { acknowledged, random } = context;
  const stack = await context.stack("half-way", {
    listener: acknowledged.port,
    volumes: [{ name: NAME, node: "node-01" }],
  });
  let interruptions = 0;
  const atSomeMoment = async (what: string, running: Running, mostMs: number) => {
    const moment = random.between(1500, mostMs);
    const ended = await Promise.race([running.done.then(() => true), sleep(moment).then(() => false)]);
    context.say(
      ended
        ? `${what} had ended before it was interrupted`
        : `${what} interrupted after ${Math.round(moment)} ms`,
    );
    if (ended) return;
    interruptions++;
    await interrupt(running, stack);
  };
  await atSomeMoment("create", stack.startUp(), CREATE_MS);
  await stack.up();
  await goesOn(context, "node-01");
  await stack.moveTo("node-02");
  await atSomeMoment("move", stack.startUp(), MOVE_MS);
  await stack.up();
  await goesOn(context, "node-02");
  await atSomeMoment("destroy", stack.startDestroy(), DESTROY_MS);
  if (interruptions === 0) throw new Error("each had ended before it was interrupted: nothing was tried");
}
