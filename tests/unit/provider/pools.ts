import type { FileSystem } from "../../../provider/facts/file-system.js";
import type { Image, Pool } from "../../../provider/facts/pool.js";

const GIB = 2 ** 30;

/** A storage host's images, on a file system of 100 GiB with half of it free, or as it is said. */
export function poolOf(images: readonly Image[], fileSystem: Partial<FileSystem> = {}): Pool {
  return { images, fileSystem: { at: "/", size: 100 * GIB, used: 50 * GIB, free: 50 * GIB, ...fileSystem } };
}
