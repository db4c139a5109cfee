import type { z } from "zod";
import type { Host } from "./host/host.js";
import type { Step } from "./host/steps.js";
import type { HostRef } from "./inputs/host-ref.js";
import type { Timeouts } from "./inputs/timeouts.js";
import type { Need } from "./prerequisites.js";

/** What every resource's inputs have. */
export interface CommonInputs {
  readonly host: HostRef;
  /** The URN of the Pulumi resource: the owner record on the host. */
  readonly owner: string;
  /** Take over an object that is there and is not ours. */
  readonly adopt?: boolean | undefined;
  /** How long it may wait; nothing of the object depends on it. */
  readonly timeouts?: Timeouts | undefined;
  /** The lifecycle's, never in a state: a lost host kept it when its resource went elsewhere, and is back. */
  readonly abandoned?: boolean;
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** What somebody should know although all is as it is wanted. */
export interface Warning {
  /** Each kind is shown once for a host, however many resources see it. */
  readonly about: string;
  readonly text: string;
}

/** Finds another host than the resource's own: the storage host of an attachment. */
export type Reach = (ref: HostRef) => Host;

/** One resource: one file, one contract, nothing of Pulumi. */
export interface Resource<Inputs extends CommonInputs, Observed> {
  readonly kind: string;
  /** Types, defaults, canonical forms and error messages of the inputs, each property on its own. */
  readonly inputs: z.ZodObject;
  /** Inputs that name the object; changing one replaces it, or is refused where there is data. */
  readonly identity: ReadonlyArray<keyof Inputs & string>;
  /** Holds data: never replaced, never made anew in silence. */
  readonly data?: {
    /** Looked, and the data is not there. */
    isGone(observed: Observed | undefined): boolean;
    /** What has to be mounted, where it is a mount point, before it is believed that the data is gone. */
    readonly disk?: string;
    /** It is there, and nothing is in it that could be lost. */
    isEmpty?(observed: Observed): boolean;
    /** Files of the host that still know it when it is gone; absent: none stands in the way of a new one. */
    rememberedBy?(inputs: Inputs, observed: Observed | undefined): readonly string[];
    /** The way back: where to look for it. */
    wayBack(inputs: Inputs, observed: Observed | undefined): string;
  };
  /** Lives on a node: another `host` is a move, an update. Other resources stay where their data is. */
  readonly movable?: boolean;
  /** Known before the first side effect. */
  id(inputs: Inputs): string;
  /** Serialises the steps on one object of one host, across programs. */
  lock(inputs: Inputs): string;
  /** Pure: what is wrong between the properties. `unjudged` are unknown yet, or wrong by themselves: they are absent. */
  check?(inputs: Partial<Inputs>, unjudged: ReadonlySet<string>): CheckFailure[];
  /** Kinds with one word here are looked at together by {@link beside}; unless given, the kind alone. */
  readonly among?: string;
  /** Pure: what is wrong beside what the program says of others of this kind on the same host. */
  beside?(inputs: Inputs, others: readonly Inputs[]): CheckFailure[];
  /** Pure: why the change from `olds` can't be made in place. */
  refuse?(olds: Inputs, news: Inputs): string | undefined;
  /** What the host must have for it. */
  needs?(inputs: Inputs): Need[];
  /**
   * Reads only. `undefined`: looked and it is not there. Rejects when it cannot know. `isNew`: most likely it is not,
   * and what is asked only then can be asked at once, in the same round trip.
   */
  observe(host: Host, inputs: Inputs, reach: Reach, isNew?: boolean): Promise<Observed | undefined>;
  /**
   * Reads only: adds to what was observed who still uses what only one may have. That takes seconds, so it is asked
   * before something is made or changed alone.
   */
  observeRival?(observed: Observed, taking: Taking<Inputs>): Promise<Observed>;
  /** Pure: the steps from what is observed to what is wanted (`undefined`: gone). Empty when nothing is to be done. */
  plan(wanted: Inputs | undefined, observed: Observed | undefined, identity: Inputs): Step[];
  /** Of what lives on a node: ends what the node can do elsewhere, when the node itself is lost and is not asked. */
  readonly fence?: Fence<Inputs>;
  /** Pure: what of it stays on a lost node, for who has to remove it by hand. */
  remains?(inputs: Inputs): string;
  /** Pure: why the state may not forget this one yet, although a delete has nothing more to do on its host. */
  stranded?(inputs: Inputs, observed: Observed): string | undefined;
  /** Pure: what a move changes that the program does not say. */
  ofMove?(before: Inputs, after: Inputs): string | undefined;
  /** Pure: what of its name a delete leaves on the host, since it is another's, and whose. */
  leftAlone?(inputs: Inputs, observed: Observed): string | undefined;
  /** Pure: the inputs as they are on the host, for `read`: what differs is drift. */
  drift(inputs: Inputs, observed: Observed): Inputs;
  /** Pure: properties that only the host knows. */
  outputs?(inputs: Inputs, observed: Observed): Record<string, unknown>;
  /** Pure: asked after steps were applied (`changed`), and by `read`. */
  warnings?(inputs: Inputs, observed: Observed, changed: boolean): Warning[];
}

/** Something that is about to be made or changed. */
export interface Taking<Inputs> {
  readonly wanted: Inputs;
  /** What it was made from. */
  readonly identity: Inputs;
  readonly reach: Reach;
  /** The user calls this node lost, and says that it may be cut off although it is heard of. */
  isForced(node: string): boolean;
}

/** Makes it impossible for a lost node to write. Acts on the storage host alone. */
export interface Fence<Inputs> {
  /** The resource's own plan fences whom it takes from: a move from a lost node needs no fence before. */
  readonly whileTaking?: boolean;
  /** The storage host; `undefined`: this one has nothing that only one may have. */
  host(inputs: Inputs): HostRef | undefined;
  /** Reads only. With `force` nothing is decided by the node's sessions: where it takes time, they are not looked for. */
  // biome-ignore lint/suspicious/noExplicitAny: what one fence observes only its own plan reads
  observe(storage: Host, inputs: Inputs, force: boolean): Promise<any>;
  /** Pure. Refuses while the node still has a live session, unless `force`. */
  // biome-ignore lint/suspicious/noExplicitAny: see `observe`
  plan(inputs: Inputs, observed: any, force: boolean): Step[];
}

/** Erases a resource's types for the lifecycle. */
// biome-ignore lint/suspicious/noExplicitAny: one list holds resources of every type
export type AnyResource = Resource<any, any>;
