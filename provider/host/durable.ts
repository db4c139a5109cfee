import { sh } from "./sh.js";
import { run, type Step } from "./steps.js";

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
  return run(
    "bring it to the disk",
    sh`flushed=
for d in ${directories}; do
  while :; do
    until [ -d "$d" ]; do d=\${d%/*}; d=\${d:-/}; done
    # Another resource may remove it at any moment: then the change is in its parent.
    disk=$(stat -c %d "$d" 2>/dev/null) || continue
    case $flushed in *" $disk "*) break ;; esac
    said=$(sync -f "$d" 2>&1) && { flushed="$flushed $disk "; break; }
    [ ! -d "$d" ] || { printf '%s\n' "$said" >&2; exit 1; }
  done
done`,
  );
}
