import { Sh, sh } from "../host/sh.js";
import { runFor, type Step } from "../host/steps.js";
import { POOL } from "../pool.js";
import type { VolumeRecord } from "../volume-record.js";
import { attachedLink, grownFile, roomMark } from "./attachment-marks.js";

/**
 * A file system that is smaller than its device grows. Who attaches it, also at boot, measures both and leaves a mark;
 * once it has grown, the mark goes, and the device's size is kept: what is left behind it then is too little.
 */

/** Sets `$blocks` and `$block`, as {@link readExt4} does: of the superblock's first words (XFS Algorithms & Data Structures). */
export function measureXfs(part: string): string {
  return `  read -r magic block high low <<END
$(od -A n -v -t u4 -N 16 --endian=big "${part}")
END
  blocks=$((high * 4294967296 + low))
`;
}

/** Leaves the mark `$room` where there is room; `$grown` is the file with the size that it has grown to. */
export function markRoom(partitioned: boolean): string {
  return `  read -r sectors < "/sys/class/block/\${dev##*/}${partitioned ? "p1" : ""}/size" || { disconnect; fail "the size of $dev is not known"; }
  { read -r had < "$grown"; } 2>/dev/null || had=
  [ $((sectors * 512 - blocks * block)) -lt 4096 ] || [ "$sectors" = "$had" ] || : > "$room"
`;
}

/** resize2fs opens the device for writing, and then udev and systemd look at it anew: only where there is room. */
export function growFileSystem(name: string, path: string, fsType: VolumeRecord["fsType"]): Step {
  const inShell = (file: (name: string) => string): Sh => new Sh(`"${file("$1")}"`);
  return runFor(
    `grow the file system of ${name} to its disk`,
    [name, path],
    sh`while [ $# != 0 ]; do
  if [ -e ${inShell(roomMark)} ]; then
    dev=$(readlink ${inShell(attachedLink)})
    said=$(${fsType === "xfs" ? sh`xfs_growfs "$2"` : sh`resize2fs "$dev"`} 2>&1) || { printf '%s\n' "$said" >&2; exit 1; }
    cat "/sys/class/block/\${dev##*/}/size" > ${inShell(grownFile)}
    rm -f ${inShell(roomMark)}
  fi
  shift 2
done`,
    `${POOL}/attachments`,
  );
}
