import { posix } from "node:path";
import { z } from "zod";
import { hostPath, noObject } from "../inputs/schemas.js";

const TARGET = "an absolute path inside the container";

const containerPath = z
  .string(TARGET)
  .regex(/^\/[^\p{Cc}]*$/u, TARGET)
  .refine((path) => !path.split("/").includes(".."), 'a path without ".."')
  .transform((path) => posix.normalize(path).replace(/(?<=.)\/$/, ""))
  .refine((path) => path !== "/", "a path below \"/\": a volume can't be the container's root")
  .refine((path) => !/^\/(proc|sys)(\/|$)/.test(path), "a path outside the container's /proc and /sys");

const volumeSchema = z.strictObject(
  {
    source: hostPath,
    target: containerPath,
    subdirectory: z
      .string()
      .regex(
        /^[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*(\/[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*)*$/,
        'a relative path, such as "data"',
      )
      .default("data"),
    readOnly: z.boolean().default(false),
  },
  noObject('a volume, such as { source: "/mnt/mooring/shop", target: "/data" }'),
);

export type Volume = z.infer<typeof volumeSchema>;

/** Bound into the container, sorted. */
export const volumes = z
  .array(volumeSchema, 'a list, such as [{ source: "/mnt/mooring/shop", target: "/data" }]')
  .superRefine(eachTargetOnce)
  .transform((volumes) => [...volumes].sort((a, b) => (a.target < b.target ? -1 : 1)));

function eachTargetOnce(volumes: readonly Volume[], context: z.RefinementCtx): void {
  const targets = volumes.map(({ target }) => target);
  for (const [index, target] of targets.entries())
    if (targets.indexOf(target) < index)
      context.addIssue({ code: "custom", path: [index, "target"], message: "one volume at each target" });
}
