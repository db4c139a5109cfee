import { z } from "zod";
import { hostRefSchema } from "./host-ref.js";
import { timeoutsSchema } from "./timeouts.js";

/** It stands in a line of files of ours, where those would end it, or take the next line to it. */
const OWNER = "a resource name without control characters, and without a backslash at its end";

/** The inputs that every resource has. */
export const common = {
  host: hostRefSchema,
  owner: z.string().regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*[^\p{Cc}\p{Zl}\p{Zp}\\]$/u, OWNER),
  adopt: z.boolean().optional(),
  timeouts: timeoutsSchema.optional(),
};
