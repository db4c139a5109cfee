import { z } from "zod";
import type { Host } from "../host/host.js";
import { sh } from "../host/sh.js";

/** What an archive in the format of `docker save` calls an image, or why it can't be known. */
export type ArchivedImage = { readonly id: string } | { readonly problem: string };

const manifestSchema = z.array(z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish() }));

export async function readArchive(host: Host, archive: string, image: string): Promise<ArchivedImage> {
  const { stdout, stderr, exitCode } = await host.attempt(
    `reading the manifest of ${archive}`,
    // The first occurrence is the only one: without the option `tar` reads on to the end of the archive.
    sh`tar -xO --occurrence=1 -f ${archive} manifest.json`,
  );
  if (exitCode !== 0) return { problem: `${archive}: ${stderr.trim().split("\n", 1)[0]}` };
  return imageInManifest(stdout, archive, image);
}

export function imageInManifest(text: string, archive: string, image: string): ArchivedImage {
  const manifest = manifestSchema.safeParse(parseJson(text));
  if (!manifest.success) return { problem: `${archive} is not an archive in the format of docker save` };
  const entry = manifest.data.find(({ RepoTags }) => RepoTags?.includes(image));
  if (!entry) {
    const tags = manifest.data.flatMap(({ RepoTags }) => RepoTags ?? []);
    return {
      problem: `${archive} holds no image ${image}; it holds ${tags.join(", ") || "none with a name"}`,
    };
  }
  // "<hex>.json" in the older form, "blobs/sha256/<hex>" in the newer one.
  const hex = entry.Config.match(/[0-9a-f]{64}/)?.[0];
  return hex ? { id: `sha256:${hex}` } : { problem: `${archive}: its manifest names no id for ${image}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
