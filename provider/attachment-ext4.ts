import { attachedLink, roomMark } from "./attachment-marks.js";
import { Sh, sh } from "./host/sh.js";
import { runFor, type Step } from "./host/steps.js";

/** What an attachment does with ext4 on its device, before that is mounted and after. */

/**
 * Sets `$uuid` and `$state`; with recorded errors that is "errors". `$blocks` and `$block` are its size. Nothing is
 * opened for writing, which udev would look after.
 */
export function readExt4(part: string): string {
  return `look() {
  uuid= state= blocks=0 block=0
  while IFS=: read -r key value; do
    value=\${value#"\${value%%[! ]*}"}
    case $key in
    "Filesystem UUID") uuid=$value ;;
    "Filesystem state") state=\${state:-$value} ;;
    "FS Error count") state=errors ;;
    "Block count") blocks=$value ;;
    "Block size") block=$value ;;
    esac
  done <<END
$(dumpe2fs -h "${part}" 2>/dev/null)
END
}
`;
}

/**
 * The kernel replays the journal when it mounts; only a file system that has recorded errors is checked, since with
 * multi-mount protection that takes ten seconds. 1 means that something was put right, more that a person has to look
 * (e2fsck(8)).
 */
export function checkExt4(part: string): string {
  return `  case $state in
  clean) ;;
  *)
    check || {
      # One that was ended in its middle has left its mark, and nobody but this node is let in.
      case $said in *"e2fsck being run"*) tune2fs -f -E clear_mmp "${part}" >/dev/null 2>&1 && check ;; *) false ;; esac
    } || { disconnect; fail "e2fsck: $said"; }
    ;;
  esac
`;
}

/** Leaves the mark `$room` where there is room: who attaches has read the size already. */
export function markRoom(partitioned: boolean): string {
  return `  read -r sectors < "/sys/class/block/\${dev##*/}${partitioned ? "p1" : ""}/size"
  [ $((sectors * 512 - blocks * block)) -lt 4096 ] || : > "$room"
`;
}

/** resize2fs opens the device for writing, and then udev and systemd look at it anew: only where there is room. */
export function growExt4(name: string): Step {
  const [room, link] = [roomMark("$name"), attachedLink("$name")].map((file) => new Sh(`"${file}"`));
  return runFor(
    `grow the file system of ${name} to its disk`,
    [name],
    sh`for name do
  [ -e ${room as Sh} ] || continue
  dev=$(readlink ${link as Sh})
  ${growWith(sh`resize2fs "$dev"`)}
  rm -f ${room as Sh}
done`,
  );
}

/** What the tool said is the error. */
export function growWith(command: Sh): Sh {
  return sh`said=$(${command} 2>&1) || { printf '%s\n' "$said" >&2; exit 1; }`;
}
