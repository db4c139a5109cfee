import { spawnSync } from "node:child_process";

/** Waits until it is so; a test that never gets there fails by its time. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((wake) => setTimeout(wake, 20));
}

/** Nobody holds the lock of that file. */
export function isFree(file: string): boolean {
  return spawnSync("/bin/sh", ["-c", 'exec flock -n "$0" true', file]).status === 0;
}

/** Processes of this machine with such an argument. */
export function runs(argument: string): boolean {
  return spawnSync("pgrep", ["-f", "--", argument]).status === 0;
}
