/** Runs faults one after another, each on fresh hosts. Nothing is retried. */

import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reset } from "../../lab/index.js";
import { onInterruption } from "../../lab/interruption.js";
import { footprint, footprintSince } from "../../lab-tests/footprint.js";
import { Acknowledgements } from "./acknowledgements.js";
import type { Fault, FaultContext } from "./fault.js";
import { Random } from "./random.js";
import { FaultStack, seconds } from "./stack.js";

export interface Result {
  readonly fault: Fault;
  readonly passed: boolean;
  readonly ms: number;
  /** Of a writer, between two acknowledgements. */
  readonly pauseMs: number | undefined;
  readonly measured: readonly { readonly what: string; readonly ms: number }[];
}

/** What hangs is a failure too. */
const LIMIT_MS = 25 * 60_000;

export async function runFault(fault: Fault, seed: string): Promise<Result> {
  const started = Date.now();
  const measured: { what: string; ms: number }[] = [];
  const folder = await mkdtemp(join(tmpdir(), "mooring-faults-"));
  const stacks: FaultStack[] = [];
  const acknowledged = await Acknowledgements.listen();
  const cleanUp = () => {
    for (const stack of stacks) stack.end();
    acknowledged.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const leave = onInterruption(cleanUp);
  let failure: Error | undefined;
  try {
    const lab = await reset();
    const before = await footprint();
    const context: FaultContext = {
      ...{ lab, acknowledged, random: new Random(`${seed}/${fault.name}`) },
      say: (text) => console.log(`    ${seconds(Date.now() - started).padStart(8)}  ${text}`),
      measured(what, ms) {
        measured.push({ what, ms });
        context.say(`${what}: ${seconds(ms)}`);
      },
      async stack(name, spec, hosts) {
        const stack = await FaultStack.make(folder, name, lab, spec, hosts);
        stacks.push(stack);
        return stack;
      },
    };
    await within(LIMIT_MS, async () => {
      await fault.run(context);
      context.say("destroy");
      // In the opposite order: a later one may use what an earlier one has made.
      for (const stack of stacks.toReversed()) await stack.destroy();
      const left = await footprintSince(before);
      if (left.length > 0) throw new Error(`destroy left behind:\n${left.join("\n")}`);
    });
  } catch (error) {
    failure = error as Error;
  } finally {
    leave();
    cleanUp();
  }
  const result = {
    ...{ fault, passed: failure === undefined, ms: Date.now() - started, measured },
    pauseMs: acknowledged.longestPause(),
  };
  if (failure) console.log(failure.message.replaceAll(/^/gm, "    "));
  console.log(`  ${failure ? "FAILED" : "passed"} after ${seconds(result.ms)}${pauseText(result)}`);
  return result;
}

function pauseText({ pauseMs }: Result): string {
  return pauseMs === undefined ? "" : `; the longest pause of a writer: ${seconds(pauseMs)}`;
}

async function within(limitMs: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${seconds(limitMs)}`)), limitMs);
  });
  try {
    await Promise.race([work(), limit]);
  } finally {
    clearTimeout(timer);
  }
}
