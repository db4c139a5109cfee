import { type Sh, sh } from "../host/sh.js";

/** The file system that a directory is on, or will be. Sizes are bytes. */
export interface FileSystem {
  /** Where it is mounted. */
  readonly at: string;
  readonly size: number;
  readonly used: number;
  /** For all but what is set aside for root. */
  readonly free: number;
}

/** Of a directory that is not there yet, or is removed at that moment, its nearest parent's. */
export function fileSystemOf(directory: string): Sh {
  return sh`d=${directory}
until said=$(df -B1 --output=size,used,avail,target -- "$d/" 2>&1); do
  [ -n "$d" ] || { printf '%s\n' "$said" >&2; exit 1; }
  d=\${d%/*}
done
printf '%s\n' "$said"`;
}

export function parseFileSystem(stdout: string): FileSystem {
  const [, size, used, free, at] = stdout.trimEnd().match(/^ *(\d+) +(\d+) +(\d+) (\/.*)$/m) ?? [];
  if (at === undefined) throw new Error(`df did not tell the size of the file system: ${stdout.trim()}`);
  return { at, size: Number(size), used: Number(used), free: Number(free) };
}
