import type { Pool } from "../facts/pool.js";
import { Refused } from "../host/errors.js";
import { shownBytes } from "../inputs/shown.js";
import { CLONES, POOL, TRASH } from "../pool.js";
import type { Warning } from "../resource.js";

/** Whether the storage host has room for more images, and for what clones will still write. */

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** What making or growing an image never takes: running volumes need it to go on writing. */
function reserve(size: number): number {
  return Math.min(size / 20, GIB);
}

/** Of the file system, in percent: more is worth a warning. */
const FULL = 85;

/** `needs`: bytes that the step itself writes. What clones write later is theirs to take: that is what they are for. */
export function requireRoom(what: string, host: string, needs: number, pool: Pool | undefined): void {
  if (!pool) return;
  const { at, size, free } = pool.fileSystem;
  const kept = reserve(size);
  if (needs + kept <= free) return;
  throw new Refused(
    `no room for ${what} on host "${host}": it needs ${shownBytes(needs)}, and ${shownBytes(kept)} stay free for the volumes in use, but of the file system of ${POOL} (${at}, ${shownBytes(size)}) ${shownBytes(free)} are free. Nothing was changed.\nMake room there: what was deleted is in ${TRASH}, and can be removed. Or make the file system larger.`,
  );
}

/** `changed`: an image was just made or grown. */
export function warnOfRoom(host: string, { images, fileSystem }: Pool, changed: boolean): Warning[] {
  const { at, size, used, free } = fileSystem;
  const warnings: Warning[] = [];
  const clones = images.filter(({ path }) => path.startsWith(`${CLONES}/`));
  const growth = clones.reduce(
    (sum, { virtualSize, allocated }) => sum + Math.max(0, virtualSize - allocated),
    0,
  );
  if (changed && growth > free)
    warnings.push({
      about: "overcommitted",
      text: `the storage of host "${host}" is overcommitted: its linked clones (${clones.length}) can still grow by ${shownBytes(growth)}, and ${shownBytes(free)} are free on their file system (${at}). When it is full, writes fail in all of them: watch it, and give it space in time.`,
    });
  if (used / (used + free) > FULL / 100)
    warnings.push({
      about: "full",
      text: `the file system of ${POOL} on host "${host}" (${at}) is more than ${FULL} % full: ${shownBytes(free)} of ${shownBytes(size)} are free. When it is full, writes fail in every volume on it. Make room: what was deleted is in ${TRASH}, and can be removed. Or make it larger.`,
    });
  return warnings;
}

/** About what a mkfs writes into an empty disk. With ext4 that is its inode tables and the journal, with xfs its log. */
export function bytesOfFormat(size: number, fsType: "ext4" | "xfs"): number {
  const rest = 8 * MIB;
  if (fsType === "xfs") return Math.min(2 * GIB, Math.max(64 * MIB, size / 2048)) + rest;
  return inodeTables(size, size) + Math.min(GIB, size / 32) + rest;
}

/** About what is written when a file system that was made with `original` bytes grows. */
export function bytesOfGrowth(from: number, to: number, original: number, fsType: "ext4" | "xfs"): number {
  return (fsType === "xfs" ? 0 : inodeTables(to - from, original)) + 8 * MIB;
}

/** mke2fs.conf(5): 256 bytes for each 16 KiB; for each 4 KiB where it was made for less than 512 MiB. */
function inodeTables(size: number, original: number): number {
  return size / (original < 512 * MIB ? 16 : 64);
}
