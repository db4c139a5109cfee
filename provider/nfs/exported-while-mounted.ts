import { posix } from "node:path";
import { volumeRecordFile } from "../volume-record.js";
import { exportsFile } from "./files.js";

/**
 * The mount point that a directory is exported below, where that is a file system of its own. Exported with
 * `mountpoint=`, it is exported to nobody while nothing is mounted there (exports(5)): what a node wrote then would be
 * on the file system below, hidden when the disk is back.
 */
export function mountPointOf(path: string, mounted: ReadonlyMap<string, string>): string | undefined {
  const above = nearest(path, mounted);
  if (above === "/") return undefined;
  // mountd takes a bind mount of the file system around it for none (nfs-utils, check_is_mountpoint).
  return mounted.get(above) === mounted.get(nearest(posix.dirname(above), mounted)) ? undefined : above;
}

function nearest(path: string, mounted: ReadonlyMap<string, string>): string {
  return path === "/" || mounted.has(path) ? path : nearest(posix.dirname(path), mounted);
}

/** In an exports file of ours, also while it is exported to nobody. */
export function mountPointLine(mountPoint: string | undefined): string {
  return mountPoint === undefined ? "" : `# Mount point: ${mountPoint}\n`;
}

export function mountPointIn(text: string): string | undefined {
  return text.match(/^# Mount point: (.+)$/m)?.[1];
}

export function hasMountPoint(options: readonly string[]): boolean {
  return options.some((option) => /^(mp|mountpoint)(=|$)/.test(option));
}

/** What remembers the mount point stands in the way of a new beginning. */
export function forGood(name: string): string {
  return `If that disk never comes back there: pulumi state delete, then remove ${exportsFile(name)} and ${volumeRecordFile(name)} on the host, where they are.`;
}

export function describeUnmounted(path: string, mountPoint: string): string {
  return `${path} is on ${mountPoint}, where nothing is mounted now. Mount it, then run there: exportfs -ra; exportfs -f`;
}
