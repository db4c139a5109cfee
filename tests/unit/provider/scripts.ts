import { write, writeThrough } from "../../../provider/host/writing.js";
import { reservePort } from "../../../provider/nbd/ports.js";
import { letAddressIn } from "../../../provider/nbd/serving.js";
import { unexport } from "../../../provider/nfs/exporting.js";
import { refreshUnits } from "../../../provider/systemd.js";
import { refuseUnmounted } from "../../../provider/unmounted.js";

/** Commands that stand in many plans, as they are for sh. */

/** What they do is tested by running them (writing.test.ts). */
export const WRITE = String(write("/file", "").action);
export const WRITE_THROUGH = String(writeThrough("/file", "").action);

/** What it does is tested by running it (serving.test.ts). */
export const ALLOW = String(letAddressIn("name", "").action);

/** What it does is tested by running it (systemd.test.ts). */
export const READ_CHANGED = String(refreshUnits().action);

export const ENABLE = `systemctl enable -q --no-reload "$@"
${READ_CHANGED}`;

const explain = (seconds: number, wanted: string) =>
  `[ $code != 124 ] || echo "not ${wanted} after \${patience:-${seconds}} s (timeouts.steps gives it longer)" >&2
  n=$#; for u do set -- "$@" -u "$u"; done; shift $n
  journalctl -q -o cat -n 12 "$@" --no-pager >&2
  exit $code`;

export const start = (
  seconds: number,
  verb = "start",
) => `timeout --foreground \${patience:-${seconds}} systemctl ${verb} "$@" || {
  code=$?
  ${explain(seconds, "active")}
}`;

export const stop = (
  seconds: number,
) => `timeout --foreground \${patience:-${seconds}} systemctl stop "$@" || {
  code=$?
  if [ $code = 5 ] && [ $# != 1 ]; then
    for u do
      timeout --foreground \${patience:-${seconds}} systemctl stop "$u" || {
        code=$?
        [ $code = 5 ] || set -- "$u"
        [ $code = 5 ] || break
      }
    done
  elif [ $code = 124 ]; then
    grace=0
    for u do
      for f in /etc/systemd/system/mooring-container-*.service; do
        if grep -qsF -- "$u" "$f"; then
          g=$(sed -n 's/^TimeoutStopSec=//p' "$f")
          [ "$g" -le $grace ] || grace=$g
        fi
      done
    done
    if [ $grace -gt 0 ]; then
      code=0
      timeout --foreground $grace systemctl stop "$@" || code=$?
    fi
  fi
  [ $code = 0 ] || [ $code = 5 ] || {
    ${explain(seconds, "stopped")}
  }
}`;

/** What it does is tested by running it (ownership.test.ts). */
export const compareOwner = (file: string, owner: string, before = owner) => `## compare the owner of ${file}
set -- '${file}' '${owner}' '${before}'
while [ $# != 0 ]; do
  if [ -s "$1" ] || [ -L "$1" ]; then
    whose='somebody else'
    while IFS= read -r line; do case $line in '# Owner: '*) whose=\${line#'# Owner: '}; break ;; esac; done < "$1"
    case $whose in "$2" | "$3") ;; *) printf 'another program made it meanwhile; it belongs to %s\\n' "$whose" >&2; exit 1 ;; esac
  fi
  shift 3
done
`;

/** What it does is tested by running it (unheld.test.ts). */
export const refuseHeld = (mark: string) => `held=$(grep -lsF -- ${mark} /proc/[0-9]*/mountinfo) || true
if [ -n "$held" ]; then
  echo "the file system is still mounted, also or only in the name spaces of these processes:" >&2
  for file in $held; do
    pid=\${file#/proc/}; pid=\${pid%/mountinfo}
    printf '  %s %s\\n' "$pid" "$(tr '\\0\\n' '  ' 2>/dev/null < /proc/$pid/cmdline)"
  done 2>/dev/null | head -n 5 >&2
  exit 1
fi`;

export const UNLINK = `n=$#
for u do
  for l in /etc/systemd/system/*.wants/"$u"; do [ ! -L "$l" ] || set -- "$@" "$l"; done
done
shift $n
[ $# = 0 ] || rm -f -- "$@"
for l do
  d=\${l%/*}
  set -- "$d"/*
  [ -e "$1" ] || [ -L "$1" ] || rmdir --ignore-fail-on-non-empty -- "$d" 2>/dev/null || [ ! -d "$d" ]
done`;

export const RESTART = `\${redo:-restart}`;

export const REMOVE = `(cd '/etc/systemd/system'; rm -f -- "$@")
systemctl reset-failed "$@" 2>/dev/null || true
${UNLINK}`;

export const MAKE_MOUNT_POINT = `n=$#
for p do
  if [ ! -d "$p" ]; then set -- "$@" "$p"
  elif ! mountpoint -q "$p"; then
    [ -z "$(ls -A -- "$p")" ] || { echo "'$p' is not empty: what is in it would be hidden below the mount. Move it away, or choose another path." >&2; exit 1; }
    set -- "$@" "$p"
  fi
done
shift $n
[ $# = 0 ] || { mkdir -p -- "$@"; chattr +i -- "$@"; }`;

export const REMOVE_MOUNT_POINT = `n=$#
for p do [ ! -d "$p" ] || set -- "$@" "$p"; done
shift $n
[ $# = 0 ] || { chattr -i -- "$@"; rmdir -- "$@"; }
for d in '/mnt/mooring'; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done`;

/** What it does is tested by running it (serving.test.ts). */
export const RESERVE_PORT = String(reservePort("", undefined, 0).action);

/** What it does is tested by running it (nfs-exporting.test.ts). */
export const EXPORT = String(unexport("/srv/a").action);

/** What it does is tested by running it (unmounted.test.ts). */
export const checkMounted = (path: string) => `## check that the disk of ${path} is mounted
set -- '${path}'
${refuseUnmounted}
`;
