import { host, type Kind } from "./kinds.js";

/** Pulumi's mark for a value that preview can't know yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A kind, what is changed of its good inputs, and all that is said of it: each as "property: reason". Nothing of a good one. */
export type Row = readonly [kind: Kind, change: Record<string, unknown>, ...failures: string[]];

/** A change to the host's connection. */
export const connection = (change: Record<string, unknown>) => ({
  host: { ...host, connection: { ...host.connection, ...change } },
});

/** A template that is made from an image, not blank. */
export const fromImage = (image: unknown) => ({
  image,
  size: undefined,
  fsType: undefined,
  partitioned: undefined,
});
