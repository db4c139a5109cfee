/** Stacks that faults happen to. */
import { join } from "node:path";
import { CliStack, type HostChanges, makePlace, type Outcome, seconds } from "../../lab/cli-stack.js";
import type { Lab } from "../../lab/index.js";
import type { Node, Spec, VolumeSpec } from "../program/spec.js";

const LIMIT_MS = 12 * 60_000;

const PROJECT = {
  name: "mooring-faults",
  main: join(__dirname, "..", "program", "index.js"),
  limitMs: LIMIT_MS,
};

export class FaultStack extends CliStack<Spec> {
  static async make(
    parent: string,
    name: string,
    lab: Lab,
    spec: Spec,
    hosts: HostChanges = {},
  ): Promise<FaultStack> {
    return new FaultStack(name, await makePlace(parent, name, PROJECT), lab, spec, hosts).init();
  }

  /** Changes all volumes of the program, for the operations from now on. */
  change(change: Partial<VolumeSpec>): Promise<void> {
    return this.setSpec({
      ...this.spec,
      volumes: this.spec.volumes.map((volume) => ({ ...volume, ...change })),
    });
  }

  moveTo(node: Node): Promise<void> {
    return this.change({ node });
  }

  up(...more: string[]): Promise<Outcome> {
    return this.wellDone(this.startUp(...more));
  }

  /** Looks at the hosts first, and repairs. */
  refreshUp(): Promise<Outcome> {
    return this.up("--refresh");
  }

  /** What an `up` that fails says, within `limitMs`. */
  async failedUp(limitMs = LIMIT_MS): Promise<Outcome> {
    return failed("up", await this.startUp().done, limitMs);
  }

  async failedDestroy(limitMs = LIMIT_MS): Promise<Outcome> {
    return failed("destroy", await this.startDestroy().done, limitMs);
  }

  destroy(): Promise<Outcome> {
    return this.wellDone(this.startDestroy());
  }

  /** What it finds changed, property by property. */
  async refresh(): Promise<string> {
    return (await this.wellDone(this.start("refresh", "--yes", "--skip-preview", "--diff"))).output;
  }

  /** After a CLI that was killed: its lock on the stack is of no use any more. */
  async forgetKilled(): Promise<void> {
    await this.start("cancel", "--yes", this.name).done;
  }
}

function failed(what: string, outcome: Outcome, limitMs: number): Outcome {
  if (outcome.code === 0) throw new Error(`pulumi ${what} succeeded, where an error was expected`);
  if (outcome.ms > limitMs) {
    throw new Error(`pulumi ${what} failed, as it should, but only after ${seconds(outcome.ms)}`);
  }
  return outcome;
}
