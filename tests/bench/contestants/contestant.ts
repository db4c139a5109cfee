import type { Lab } from "../../lab/index.js";
import type { VolumeOperation, VolumeWork } from "../works.js";

export const contestantNames = ["mooring", "floor", "script", "pyinfra", "ansible"] as const;
export type ContestantName = (typeof contestantNames)[number];

export const contestantDescriptions: Readonly<Record<ContestantName, string>> = {
  mooring: "this package",
  floor: "the engine with the same resources and a provider that does nothing",
  script: "one hand-written sh script per operation and host, over one warm SSH connection",
  pyinfra: "the newest from PyPI",
  ansible: "the newest from PyPI",
};

/** What an operation has to be done on. */
export interface Task {
  readonly work: VolumeWork;
  readonly count: number;
  readonly lab: Lab;
  /** For files of its own; it is removed at the end. */
  readonly folder: string;
}

export interface RoundTrips {
  /** Scripts that were run over SSH. */
  readonly ssh: number;
  /** Requests to the Docker Engine. */
  readonly docker: number;
  /** Of both, to the host that has the most. */
  readonly mostOnHost: number;
}

export interface Outcome {
  readonly seconds: number;
  /** Where it is known. */
  readonly roundTrips?: RoundTrips;
  /** Most memory that the provider's process had. */
  readonly providerBytes?: number;
}

/** One way to do the work, ready to begin. */
export interface Contestant {
  /** Only what takes the time of who waits for it is in its seconds. */
  perform(operation: VolumeOperation): Promise<Outcome>;
  /** After "create": what it keeps about what it made. */
  state?(): Promise<State>;
  close(): void;
}

export interface State {
  /** Of the resources, without the positions. */
  readonly bytes: number;
  /** Of what every stack has beside: itself, its providers, how it was made. */
  readonly restBytes: number;
  /** Of the positions in the program that the engine keeps with each resource. */
  readonly positionBytes: number;
  readonly resources: number;
}
