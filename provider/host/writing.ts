import { dirname } from "node:path";
import { type Sh, sh } from "./sh.js";
import { runFor, type Step } from "./steps.js";

/** Writes a whole file of ours, through a new file, with its mode set before it has content. */
export function write(path: string, content: string, mode = "0644"): Step {
  return writing(path, content, mode, putInPlace);
}

/** Like {@link write}, for what must never be found empty: a power cut in the middle leaves the old file or the new. */
export function writeThrough(path: string, content: string): Step {
  return writing(path, content, "0644", flushAndPutInPlace);
}

function writing(path: string, content: string, mode: string, script: Sh): Step {
  const permissions = Number.parseInt(mode, 8);
  const mask = `0${(~permissions & 0o777).toString(8)}`;
  // A new file is never executable by itself: only then a process more is needed.
  const change = permissions & 0o111 ? mode : "";
  return runFor(`write ${path}`, [path, mask, change, content], script, dirname(path));
}

/**
 * "$@" are a path, a mask, a mode or nothing, and the content, for each file. One that is alone in its directory is new
 * beside its place; several of a directory are new in one below it that nobody reads, under their own names: then one
 * `mv` is enough for all of them. Another program may remove that one in the moment before it has a file: then each is
 * written alone.
 */
function script(flush: Sh): Sh {
  return sh`(
dirs=' ' many=' ' n=0
for a do
  d=\${a%/*}
  [ $((n % 4)) != 0 ] || case $dirs in *" $d "*) many="$many$d " ;; *) dirs="$dirs$d " ;; esac
  n=$((n + 1))
done
mask=$(umask) made= new=
trap '[ $? = 0 ] || { rm -f -- $new; [ -z "$made" ] || rmdir -- $made 2>/dev/null || :; }' EXIT
while [ $n != 0 ]; do
  d=\${1%/*} f=\${1##*/}
  case $many in *" $d "*) d=$d/.mooring-new ;; *) f=$f.mooring-new ;; esac
  [ -d "$d" ] || { umask "$mask"; mkdir -p "$d"; made="$made $d"; }
  [ ! -e "$d/$f" ] && [ ! -L "$d/$f" ] || rm -f "$d/$f"
  new="$new $d/$f"
  umask "$2"
  printf '%s' "$4" > "$d/$f"
  [ -z "$3" ] || chmod "$3" "$d/$f"
  shift 4
  set -- "$@" "$d/$f"
  n=$((n - 4))
done
${flush}
while [ $# != 0 ]; do
  d=\${1%/*}
  case $d in
  */.mooring-new)
    (for f do shift; [ "\${f%/*}" != "$d" ] || set -- "$@" "$f"; done; exec mv -f -- "$@" "\${d%/*}")
    for f do shift; [ "\${f%/*}" = "$d" ] || set -- "$@" "$f"; done
    rmdir --ignore-fail-on-non-empty -- "$d" 2>/dev/null || [ ! -d "$d" ]
    ;;
  *)
    mv -f -- "$1" "\${1%.mooring-new}"
    shift
    ;;
  esac
done
)`;
}

const putInPlace = script(sh`:`);
const flushAndPutInPlace = script(sh`sync "$@"`);
