import type { VolumeWork } from "../works.js";

/** What the benchmark's stack has. It stands in the stack's configuration, and so it is small. */
export interface Spec {
  readonly work: VolumeWork;
  readonly count: number;
  /** After the one change. */
  readonly changed: boolean;
  /** The engine alone: the same resources, with a provider that does nothing. */
  readonly engineAlone: boolean;
}
