import type { HostChanges } from "../../lab/cli-stack.js";
import type { Lab } from "../../lab/index.js";
import type { Spec } from "../program/spec.js";
import type { Acknowledgements } from "./acknowledgements.js";
import type { Deployment } from "./ground.js";
import type { Random } from "./random.js";
import type { FaultStack } from "./stack.js";

/** Something that goes wrong, and what Mooring promises then. */
export interface Fault {
  /** As in `FAULTS=name,name`. */
  readonly name: string;
  /** Which promise it tests, a sentence. */
  readonly promise: string;
  /** What is done, a sentence. */
  readonly fault: string;
  /** What has to happen, a sentence. */
  readonly expected: string;
  /** What it begins with, and leaves as it was: faults with the same share one. Without it, it begins with nothing. */
  readonly shares?: Deployment;
  /** Rejects when that does not happen. */
  run(context: FaultContext): Promise<void>;
}

/** What a fault has for its run: hosts on which there is nothing, or the deployment that it shares. */
export interface FaultContext {
  readonly lab: Lab;
  readonly random: Random;
  /** Goes up by one with each round, from what the seed gives: for what does a part of everything each time. */
  readonly turn: number;
  /** What the writers acknowledged, in this process, which no host can take down. */
  readonly acknowledged: Acknowledgements;
  /** What the fault shares, with its stack where another fault has made it. */
  readonly shared: { readonly deployment: Deployment; readonly stack: FaultStack | undefined } | undefined;
  /** A line for whoever watches. */
  say(text: string): void;
  /** For the table: a figure besides the longest pause. */
  measured(what: string, ms: number): void;
  /** A stack of its own, which is destroyed at the end: what is left on the hosts then fails the fault. */
  stack(name: string, spec: Spec, hosts?: HostChanges): Promise<FaultStack>;
}
