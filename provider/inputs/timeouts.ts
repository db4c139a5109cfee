import { z } from "zod";
import { DEFAULT_LIMITS, type Limits } from "../host/limits.js";
import { duration, millisecondsOf } from "./schemas.js";

const time = duration.refine((text) => millisecondsOf(text) >= 1000, "at least 1s");

/** How long a resource may wait; it changes nothing on a host, and nothing of it is drift. */
export const timeoutsSchema = z.strictObject({
  lock: time.optional(),
  steps: time.optional(),
  read: time.optional(),
});

export type Timeouts = z.infer<typeof timeoutsSchema>;

export function limitsOf({ lock, steps, read }: Timeouts = {}): Limits {
  return {
    lockMs: lock === undefined ? DEFAULT_LIMITS.lockMs : millisecondsOf(lock),
    readMs: read === undefined ? DEFAULT_LIMITS.readMs : millisecondsOf(read),
    ...(steps !== undefined && { stepsMs: millisecondsOf(steps) }),
  };
}
