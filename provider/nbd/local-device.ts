import { patience, waitUntil } from "../host/patience.js";
import { Sh, sh } from "../host/sh.js";
import { ENDABLE } from "../host/shell.js";

/**
 * What a client says of a busy device: qemu-nbd; nbd-client by ioctl, and by netlink, whose error has no reason. Of one
 * that is not there for a moment: the module is loaded again with more of them. And of one whose last qemu-nbd is still
 * ending: it holds its pid file, and removes its socket, which has the device's name, last (qemu-nbd.c).
 */
const BUSY = [
  "set NBD socket|resource busy|setup device|Failed to open /dev/nbd",
  "lock pid file|lock/qemu-nbd-nbd",
].join("|");

/**
 * Runs `connect`, which connects `$dev`, with one free device after another until one takes it: a device that was given
 * up a moment ago, and that udev still looks at, is busy although nothing is connected to it. After `seconds` of
 * nothing but busy ones it gives up. `afterTimeout` is the error when `connect` ended with timeout(1)'s exit code. The
 * device's lock, so that two do not pick one, is kept on descriptor 8 until the caller sees the device connected: a
 * storage host that does not answer keeps nobody from the other devices.
 */
export function connectFreeDevice(connect: string, seconds: number | Sh, afterTimeout = "no answer"): string {
  return `said=/run/mooring/nbd.said.$$
echo "every free nbd device is being connected by somebody else" > "$said"
tries=0
dev=
# Many at once begin at different ones: each that finds another's lock costs a process.
set -- /sys/block/nbd*
n=$(($$ % $#))
while [ $n != 0 ]; do set -- "$@" "$1"; shift; n=$((n - 1)); done
while [ -z "$dev" ]; do
  free=
  for sys do
    [ ! -e "$sys/pid" ] || continue
    free=\${sys##*/}
    exec 8<>"/run/mooring/$free.lock"
    flock -n 8 && [ ! -e "$sys/pid" ] || continue
    dev=/dev/$free
    code=0
    ${connect} 2>"$said" || code=$?
    [ $code != 0 ] || break
    [ $code != 124 ] || echo "${afterTimeout}" >> "$said"
    grep -Eq '${BUSY}' "$said" || { cat "$said" >&2; rm -f "$said"; exit $code; }
    dev=
  done
  [ -n "$free" ] || { rm -f "$said"; echo "no free nbd device: all are in use (load the module with a larger nbds_max)" >&2; exit 1; }
  tries=$((tries + 1)); [ -n "$dev" ] || [ $tries -lt $((${seconds} * 2)) ] || { cat "$said" >&2; rm -f "$said"; exit 1; }
  [ -n "$dev" ] || { exec 8>&-; sleep 0.5; }
done
rm -f "$said"`;
}

/**
 * Runs `body` with `$dev` being the image as a block device of the storage host itself, and takes it away again
 * whatever happens, at a deadline too. The device's lock is kept until its server has ended. The image must not be in
 * use: qemu's lock refuses it.
 */
export function withLocalDevice(image: Sh, body: Sh, readOnly = false): Sh {
  return sh`(
ended=
trap 'ended=1' TERM HUP PIPE
${new Sh(connectFreeDevice(`qemu-nbd --pid-file="/run/mooring/$free.pid" ${readOnly ? "--read-only " : ""}--format=qcow2 --discard=unmap --connect="$dev" ${image} 8>&- 9>&-`, patience(10)))}
trap 'qemu-nbd --disconnect "$dev" >/dev/null' EXIT
${new Sh(ENDABLE)}
[ -z "$ended" ] || exit 143
${waitUntil(sh`[ -e "/sys/block/\${dev##*/}/pid" ] && read -r sectors < "/sys/block/\${dev##*/}/size" && [ "$sectors" -gt 0 ]`, 10, sh`echo "$dev did not become ready"`)}
read -r server < "/run/mooring/\${dev##*/}.pid"
${body}
sync "$dev" "\${part:-$dev}"
qemu-nbd --disconnect "$dev" >/dev/null
trap - EXIT
${waitUntil(
  sh`[ ! -e "/sys/block/\${dev##*/}/pid" ] && ! kill -0 "$server" 2>/dev/null`,
  10,
  sh`echo "$dev is still in use"`,
)}
)`;
}

/** Waits for the first partition of `$dev` and sets `$part`; without partitions `$part` is the device. */
export function firstPartition(partitioned: boolean): Sh {
  return partitioned
    ? sh`part=\${dev}p1
blockdev --rereadpt "$dev" 2>/dev/null || true
${waitUntil(sh`[ -b "$part" ]`, 10, sh`echo "$part did not appear: the nbd module needs max_part=15"`)}`
    : sh`part=$dev`;
}
