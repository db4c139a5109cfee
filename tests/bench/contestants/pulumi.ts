/** Mooring, and the floor: the same program, with a provider that does nothing. */
import { join } from "node:path";
import { CHANGED, CliStack, makePlace, type Running } from "../../lab/cli-stack.js";
import type { Lab } from "../../lab/index.js";
import { watchProvider } from "../measure/provider-memory.js";
import { stateOf } from "../measure/state.js";
import { takeTrace } from "../measure/trace.js";
import type { Spec } from "../program/spec.js";
import { type VolumeOperation, type VolumeWork, volumesOf } from "../works.js";
import type { Contestant, Outcome, State, Task } from "./contestant.js";

/** A thousand linked clones on an emulated host take their time. */
const LIMIT_MS = 4 * 60 * 60_000;

/** Operations in flight, of which Pulumi has four for each core by default: most of what they do is to wait for hosts. */
const PARALLEL = 100;

/** From bin/tests/bench/contestants/ to the compiled program. */
const MAIN = join(__dirname, "..", "program", "index.js");

export async function mooring(task: Task): Promise<Contestant> {
  return PulumiContestant.open(task, false);
}

export async function floor(task: Task): Promise<Contestant> {
  return PulumiContestant.open(task, true);
}

class PulumiContestant implements Contestant {
  private constructor(
    private readonly stack: BenchStack,
    private readonly traceFile: string,
    private spec: Spec,
  ) {}

  static async open({ work, count, lab, folder }: Task, engineAlone: boolean): Promise<Contestant> {
    const traceFile = join(folder, "trace");
    const spec = { work, count, engineAlone, changed: false };
    const environment = { MOORING_TRACE: traceFile, PULUMI_PARALLEL: String(PARALLEL) };
    const project = { name: "mooring-bench", main: MAIN, limitMs: LIMIT_MS, environment };
    const hosts = { ...lab, hosts: hostsOf(lab, work, count) };
    const stack = new BenchStack("bench", await makePlace(folder, "bench", project), hosts, spec);
    return new PulumiContestant(await stack.init(), traceFile, spec);
  }

  async perform(operation: VolumeOperation): Promise<Outcome> {
    if (operation === "one change") {
      this.spec = { ...this.spec, changed: true };
      await this.stack.setSpec(this.spec);
    }
    const { seconds, providerBytes, output } = await this.stack.measured(this.#start(operation));
    if (operation === "no change" && CHANGED.test(output))
      throw new Error(`a second run found something to do:\n${output}`);
    if (providerBytes === 0)
      throw new Error("the provider's process was not seen, so its memory is not known");
    if (this.spec.engineAlone) return { seconds, providerBytes };
    return { seconds, providerBytes, roundTrips: takeTrace(this.traceFile) };
  }

  async state(): Promise<State> {
    return stateOf(await this.stack.deployment());
  }

  close(): void {
    this.stack.end();
  }

  #start(operation: VolumeOperation): Running {
    switch (operation) {
      case "create":
      case "one change":
        return this.stack.startUp();
      case "no change":
        return this.stack.startUp("--refresh");
      case "destroy":
        return this.stack.startDestroy();
    }
  }
}

/** The configuration has the hosts of the work, as a user's does, and none beside. */
function hostsOf({ hosts }: Lab, work: VolumeWork, count: number): Lab["hosts"] {
  const used = new Set<string>(["storage", ...volumesOf(work, count, false).map(({ node }) => node)]);
  return Object.fromEntries(Object.entries(hosts).filter(([name]) => used.has(name))) as Lab["hosts"];
}

class BenchStack extends CliStack<Spec> {
  async measured(running: Running): Promise<{ seconds: number; providerBytes: number; output: string }> {
    const watch = watchProvider(running.pid ?? 0);
    try {
      const { ms, output } = await this.wellDone(running);
      return { seconds: ms / 1000, providerBytes: watch.stop(), output };
    } finally {
      watch.stop();
    }
  }
}
