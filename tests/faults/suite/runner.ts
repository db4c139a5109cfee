/** Runs faults one after another, each on clean hosts or on a deployment that it shares. Nothing is retried. */
import { seconds } from "../../lab/cli-stack.js";
import type { Fault, FaultContext } from "./fault.js";
import { Ground } from "./ground.js";
import { Random } from "./random.js";

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

export class Runner {
  /** With the deployment that the next fault shares. */
  #ground: Ground | undefined;
  /** What a fault that failed has left is no beginning for another. */
  #hosts: "fresh" | "clean" = "fresh";

  /** `next` is run after it: it finds this one's deployment where both share it. */
  async run(fault: Fault, seed: string, turn: number, next?: Fault): Promise<Result> {
    const started = Date.now();
    const measured: { what: string; ms: number }[] = [];
    let pauseMs: number | undefined;
    let failure: Error | undefined;
    try {
      this.#ground ??= await Ground.on(this.#hosts);
      const ground = this.#ground;
      const context: FaultContext = {
        ...{ lab: ground.lab, acknowledged: ground.acknowledged },
        shared: fault.shares && { deployment: fault.shares, stack: ground.shared },
        random: new Random(`${seed}/${fault.name}`),
        turn,
        say: (text) => console.log(`    ${seconds(Date.now() - started).padStart(8)}  ${text}`),
        measured(what, ms) {
          measured.push({ what, ms });
          context.say(`${what}: ${seconds(ms)}`);
        },
        stack: (name, spec, hosts) => ground.stack(name, spec, hosts),
      };
      try {
        await within(LIMIT_MS, async () => {
          await fault.run(context);
          if (next && shareOne(fault, next)) return ground.handOn();
          context.say("destroy");
          await ground.destroy();
          this.#end();
          this.#hosts = "clean";
        });
      } finally {
        pauseMs = ground.acknowledged.longestPause(started);
      }
    } catch (error) {
      failure = error as Error;
      this.#end();
      this.#hosts = "fresh";
    }
    const result = { fault, passed: failure === undefined, ms: Date.now() - started, pauseMs, measured };
    if (failure) console.log(failure.message.replaceAll(/^/gm, "    "));
    console.log(`  ${failure ? "FAILED" : "passed"} after ${seconds(result.ms)}${pauseText(result)}`);
    return result;
  }

  #end(): void {
    this.#ground?.end();
    this.#ground = undefined;
  }
}

function shareOne(one: Fault, other: Fault): boolean {
  return one.shares !== undefined && JSON.stringify(one.shares) === JSON.stringify(other.shares);
}

/** Those that share a deployment one after another, where the first of them is. */
export function inGroups(faults: readonly Fault[]): Fault[] {
  const firsts = faults.filter(
    (fault, index) => !faults.slice(0, index).some((before) => shareOne(before, fault)),
  );
  return firsts.flatMap((first) => [
    first,
    ...faults.filter((fault) => fault !== first && shareOne(first, fault)),
  ]);
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
