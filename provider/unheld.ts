import { type Sh, sh } from "./host/sh.js";

/**
 * Ends a step while a process has a mount, also one in a name space of its own: a container that somebody started by
 * hand keeps its mount when the host's is gone. `mark`, a word of the shell, is what /proc/PID/mountinfo has of it.
 */
export function refuseHeld(mark: Sh): Sh {
  return sh`held=$(grep -lsF -- ${mark} /proc/[0-9]*/mountinfo) || true
if [ -n "$held" ]; then
  echo "the file system is still mounted, also or only in the name spaces of these processes:" >&2
  for file in $held; do
    pid=\${file#/proc/}; pid=\${pid%/mountinfo}
    printf '  %s %s\\n' "$pid" "$(tr '\\0\\n' '  ' 2>/dev/null < /proc/$pid/cmdline)"
  done 2>/dev/null | head -n 5 >&2
  exit 1
fi`;
}
