/** The archive format of `docker save`, with one layer: what it holds is decided by the tree and the config alone. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "./run";

/** As in the OCI image specification. */
export interface ImageConfig {
  Entrypoint?: string[];
  Cmd?: string[];
  Env?: string[];
  ExposedPorts?: Record<string, object>;
  StopSignal?: string;
}

/** Moves `layer` (a tar file) away into the archive's making. */
export async function writeDockerArchive(
  archive: string,
  tag: string,
  config: ImageConfig,
  layer: string,
): Promise<void> {
  const folder = await mkdtemp(join(dirname(archive), "docker-archive-"));
  try {
    const diffId = await sha256(layer);
    const image = JSON.stringify({
      architecture: "amd64",
      os: "linux",
      created: "1970-01-01T00:00:00Z",
      config,
      rootfs: { type: "layers", diff_ids: [`sha256:${diffId}`] },
      history: [{ created: "1970-01-01T00:00:00Z", created_by: "mooring lab" }],
    });
    const imageId = createHash("sha256").update(image).digest("hex");
    const manifest = [{ Config: `${imageId}.json`, RepoTags: [tag], Layers: [`${diffId}.tar`] }];
    await rename(layer, join(folder, `${diffId}.tar`));
    await writeFile(join(folder, `${imageId}.json`), image);
    await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
    const fixed = [
      "--sort=name",
      "--mtime=@0",
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      "--mode=u=rw,go=r",
    ];
    const files = ["manifest.json", `${imageId}.json`, `${diffId}.tar`];
    await run("tar", ["-cf", archive, ...fixed, "-C", folder, ...files]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
