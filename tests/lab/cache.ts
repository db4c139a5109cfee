import { createHash, randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { withLock } from "./lock.js";

/** What is made once and outlives a checkout. */
export const cacheRoot = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-mooring");

const MANIFEST = "manifest.json";

interface Manifest {
  key: unknown;
  /** Size in bytes of every file, by its path in the directory. */
  files: Record<string, number>;
}

/**
 * The directory `NAME-HASH` in the cache, made by `make` unless it is there and whole: every file its manifest
 * names, with the size it had. A broken or half-made one is made anew. Makers wait for each other, and a new
 * key replaces the directories of older ones.
 */
export async function cached(
  name: string,
  key: unknown,
  make: (dir: string) => Promise<void>,
): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 12);
  const dir = join(cacheRoot, `${name}-${hash}`);
  if (await whole(dir)) return dir;
  return withLock(join(cacheRoot, `${name}.lock`), name, async () => {
    if (await whole(dir)) return dir;
    await removeLeftovers(name, dir);
    const making = `${dir}.making-${randomBytes(4).toString("hex")}`;
    await mkdir(making, { recursive: true });
    try {
      await make(making);
      const manifest: Manifest = { key, files: await sizes(making) };
      await writeFile(join(making, MANIFEST), JSON.stringify(manifest));
      await rename(making, dir);
    } catch (error) {
      await remove(making);
      throw error;
    }
    await removeOthers(name, dir);
    return dir;
  });
}

async function whole(dir: string): Promise<boolean> {
  try {
    const { files } = JSON.parse(await readFile(join(dir, MANIFEST), "utf8")) as Manifest;
    for (const [file, size] of Object.entries(files)) {
      if ((await lstat(join(dir, file))).size !== size) return false;
    }
    return true;
  } catch {
    // Whatever keeps us from reading it (missing, cut off, not JSON), the answer is to make it anew.
    return false;
  }
}

async function sizes(dir: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() && !entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    found[path.slice(dir.length + 1)] = (await lstat(path)).size;
  }
  return found;
}

/** Under the lock, every temporary directory of this name belongs to a maker that died. */
async function removeLeftovers(name: string, broken: string): Promise<void> {
  await remove(broken);
  for (const entry of await ofName(name)) {
    if (entry.includes(".making-")) await remove(join(cacheRoot, entry));
  }
}

async function removeOthers(name: string, current: string): Promise<void> {
  for (const entry of await ofName(name)) {
    if (join(cacheRoot, entry) !== current) await remove(join(cacheRoot, entry));
  }
}

async function ofName(name: string): Promise<string[]> {
  const entries = await readdir(cacheRoot);
  return entries.filter(
    (entry) =>
      entry.startsWith(`${name}-`) && /^[0-9a-f]{12}(\.making-\w+)?$/.test(entry.slice(name.length + 1)),
  );
}

function remove(dir: string): Promise<void> {
  return rm(dir, { recursive: true, force: true, maxRetries: 3 });
}
