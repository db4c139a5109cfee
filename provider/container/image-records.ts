import { createHash } from "node:crypto";
import { z } from "zod";
import type { Files } from "../facts/our-files.js";
import { Refused } from "../host/errors.js";
import { Sh, sh } from "../host/sh.js";
import { engine, remove, type Step } from "../host/steps.js";

const DIRECTORY = "/var/lib/mooring/images";

/**
 * An image has no labels to own it by, and several resources may need one image: each that needs an image which
 * Mooring brought has a record. The image goes with the last of them.
 */
const recordSchema = z.object({
  image: z.string(),
  owner: z.string(),
  source: z.enum(["pull", "archive"]),
  /** What the archive calls the image that was loaded, and what the Engine does. */
  archiveId: z.string().optional(),
  imageId: z.string().optional(),
  /** Of a load that has not ended: nothing had the reference before it. */
  fresh: z.boolean().optional(),
  /** Its resource is gone, but a container still used the image: who removes that container removes the image. */
  left: z.boolean().optional(),
});

export type ImageRecord = z.infer<typeof recordSchema>;

export function recordFile(image: string, owner: string): string {
  return `${DIRECTORY}/${slug(image)}-${hash(`${image} ${owner}`)}.json`;
}

/** A name of the image that can be a file's. */
export function imageSlug(image: string): string {
  return `${slug(image)}-${hash(image)}`;
}

export function recordText(record: ImageRecord): string {
  return `${JSON.stringify(record)}\n`;
}

export function recordsOf(files: Files, image: string, host: string): ImageRecord[] {
  return [...files]
    .filter(([path]) => path.startsWith(`${DIRECTORY}/`))
    .map(([path, text]) => parse(path, text, host))
    .filter((record) => record.image === image);
}

/** Somebody's but the owner's resource needs it. */
export function inAnyUse(records: readonly ImageRecord[], but: string): boolean {
  return records.some((record) => record.owner !== but && !record.left);
}

/** Of several that go at the same time, the last removes the image: each must know that it is not the last. */
export function stillNeeded(image: string, records: readonly ImageRecord[], but: string): Step {
  const others = records.filter((record) => record.owner !== but && !record.left);
  return {
    title: `check that others still need image ${image}`,
    compares: true,
    action: sh`needed=
for f in ${others.map(({ owner }) => recordFile(image, owner))}; do [ ! -e "$f" ] || needed=1; done
[ -n "$needed" ] || { echo "those that needed image ${new Sh(image)} went meanwhile" >&2; exit 1; }`,
  };
}

/** Removes the image, and after it its records: cut off in between, they still say that it is ours. */
export function removeImage(image: string, records: readonly ImageRecord[]): Step[] {
  return [
    engine(`remove image ${image}`, { call: "remove-image", image }),
    ...records.map((record) => remove(recordFile(image, record.owner))),
  ];
}

function parse(path: string, text: string, host: string): ImageRecord {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    throw new Refused(
      `${path} on host "${host}" is not a record of an image: put back what it was, or remove it. Nothing was changed.`,
    );
  }
}

function slug(image: string): string {
  return image.replaceAll(/[^A-Za-z0-9.-]/g, "_").slice(0, 100);
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
