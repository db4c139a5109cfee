import { takeLock } from "../host/lock.js";
import { sh } from "../host/sh.js";
import { runFor, type Step } from "../host/steps.js";
import { VOLUMES } from "../pool.js";
import { volumeEnvironmentFile } from "../volume-record.js";

/** The first port that is tried: IANA's port for NBD. */
const FIRST_PORT = 10809;

/**
 * Picks the lowest free port, or takes the wanted one, under a lock of all exports. What has ports is looked at once for
 * all in "$@": for each a file, the wanted port or nothing, and the epoch.
 */
export function reservePort(name: string, wanted: number | undefined, epoch: number): Step {
  return runFor(
    `reserve a port for ${name}`,
    [volumeEnvironmentFile(name), wanted ?? "", epoch].map(String),
    reservePorts,
    VOLUMES,
  );
}

const reservePorts = sh`command -v ss >/dev/null || { echo "ss is missing, which tells what ports are taken: install iproute2" >&2; exit 1; }
(
${takeLock(8, "ports")}
own=
n=0
for a do
  [ $((n % 3)) != 0 ] || own="$own $a"
  n=$((n + 1))
done
used=
for line in $(find ${VOLUMES} -name '*.env' -exec grep -H '^MOORING_PORT=' {} +); do
  case "$own " in *" \${line%%:*} "*) ;; *) used="$used \${line##*=}" ;; esac
done
used="$used $(ss -Hltn | sed -E 's/^[^ ]+ +[0-9]+ +[0-9]+ +[^ ]*:([0-9]+) .*/\\1/' | tr '\\n' ' ')"
new=${VOLUMES}/.ports
rm -rf "$new"
mkdir "$new"
while [ $# != 0 ]; do
  port=\${2:-${FIRST_PORT}}
  while :; do
    case "$used " in
    *" $port "*)
      [ -z "$2" ] || { echo "port: $port is in use: $(grep -lsx "MOORING_PORT=$port" ${VOLUMES}/*.env; ss -Hltnp "sport = :$port")" >&2; exit 1; }
      port=$((port + 1))
      ;;
    *) break ;;
    esac
  done
  used="$used $port"
  printf 'MOORING_PORT=%s\\nMOORING_EPOCH=%s\\n' "$port" "$3" > "$new/\${1##*/}"
  shift 3
done
sync "$new"/*
mv -f "$new"/* ${VOLUMES}
rmdir "$new"
)`;
