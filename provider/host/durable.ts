import { sh } from "./sh.js";
import { runFor, type Step } from "./steps.js";

/**
 * The steps, and behind them one that brings what they changed to the disk: what was reported as done still is after a
 * power cut, and so is what another host's steps go on from. By file system, since a script changes many files.
 */
export function durably(steps: readonly Step[]): readonly Step[] {
  const changed = [...new Set(steps.flatMap(({ changes = [] }) => changes))];
  return changed.length === 0 ? steps : [...steps, flush(changed)];
}

/** `/etc` and `/var` may be file systems of their own; a directory that was removed was in its parent's. */
function flush(directories: string[]): Step {
  return runFor(
    "bring it to the disk",
    directories,
    sh`flush() {
  n=$#
  for d do
    until [ -d "$d" ]; do d=\${d%/*}; d=\${d:-/}; done
    set -- "$@" "$d"
  done
  shift $n
  # Another resource may remove one at any moment: then the change is in its parent.
  disks=$(stat -c %d -- "$@" 2>/dev/null) || return 1
  flushed=
  for disk in $disks; do
    d=$1; shift
    case $flushed in *" $disk "*) ;; *) flushed="$flushed $disk "; set -- "$@" "$d" ;; esac
  done
  said=$(sync -f -- "$@" 2>&1) && return
  for d do [ -d "$d" ] || return 1; done
  printf '%s\n' "$said" >&2
  exit 1
}
until flush "$@"; do :; done`,
  );
}
