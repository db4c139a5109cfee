import { basename, dirname } from "node:path";
import { sh } from "../host/sh.js";
import { run, type Step } from "../host/steps.js";
import type { CommonInputs } from "../resource.js";

/** Where removed data of a directory goes: beside it, and so on the same file system. */
export function trashOf(path: string): string {
  return `${dirname(path)}/.mooring-trash`;
}

/**
 * Moves data out of the way, with a manifest that says what it is and where it was. The way back: move it to where
 * it was and run `pulumi up` with `adopt: true`.
 */
export function moveToTrash(
  path: string,
  kind: string,
  { owner, host }: CommonInputs,
  more: Record<string, string> = {},
): Step {
  const manifest = JSON.stringify({ kind, path, owner, host: host.name, ...more }).slice(0, -1);
  return run(
    `move ${path} to ${trashOf(path)}`,
    sh`if [ -e ${path} ]; then
  ! mountpoint -q ${path} || { echo "it is a mount point: unmount it first, or set onDelete to retain" >&2; exit 1; }
  mkdir -p -m 0700 ${trashOf(path)}
  place=${trashOf(path)}/${basename(path)}-$(date -u +%Y%m%dT%H%M%SZ)-$$
  mkdir -m 0700 "$place"
  printf '%s,"removed":"%s"}\n' ${manifest} "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$place/manifest.json"
  mv -T -- ${path} "$place/data"
fi`,
    trashOf(path),
  );
}
