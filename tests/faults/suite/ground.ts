/** Hosts on which there is nothing, the stacks on them, and what their writers acknowledge. */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostChanges } from "../../lab/cli-stack.js";
import { type Lab, reset, up } from "../../lab/index.js";
import { onInterruption } from "../../lab/interruption.js";
import { type Footprint, footprint, footprintSince } from "../../lab-tests/footprint.js";
import type { Spec, VolumeSpec } from "../program/spec.js";
import { Acknowledgements } from "./acknowledgements.js";
import { FaultStack } from "./stack.js";

/** A volume whose container writes on node-01, for all faults that leave it as they found it. */
export type Deployment = Omit<VolumeSpec, "name" | "node">;

export class Ground {
  /** What the fault before has left for the next, which shares it. */
  shared: FaultStack | undefined;
  readonly #stacks: FaultStack[] = [];
  readonly #leave = onInterruption(() => this.#cleanUp());

  private constructor(
    private readonly folder: string,
    readonly acknowledged: Acknowledgements,
    readonly lab: Lab,
    private readonly before: Footprint,
  ) {}

  /** On hosts as after their first boot, or on those that the ground before has left clean: they are warm. */
  static async on(hosts: "fresh" | "clean"): Promise<Ground> {
    const lab = await (hosts === "fresh" ? reset() : up());
    const before = await footprint();
    const folder = await mkdtemp(join(tmpdir(), "mooring-faults-"));
    return new Ground(folder, await Acknowledgements.listen(), lab, before);
  }

  async stack(name: string, spec: Spec, hosts?: HostChanges): Promise<FaultStack> {
    const stack = await FaultStack.make(this.folder, name, this.lab, spec, hosts);
    this.#stacks.push(stack);
    return stack;
  }

  /** The fault that made it shares its first stack with the next. */
  handOn(): void {
    this.shared = this.#stacks[0];
  }

  /** Rejects when something is left of them on the hosts. */
  async destroy(): Promise<void> {
    // In the opposite order: a later one may use what an earlier one has made.
    for (const stack of this.#stacks.toReversed()) await stack.destroy();
    const left = await footprintSince(this.before);
    if (left.length > 0) throw new Error(`destroy left behind:\n${left.join("\n")}`);
  }

  end(): void {
    this.#leave();
    this.#cleanUp();
  }

  #cleanUp(): void {
    for (const stack of this.#stacks) stack.end();
    this.acknowledged.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
