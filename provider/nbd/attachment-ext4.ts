/** What an attachment's script does with ext4 on the device, before that is mounted. */

/**
 * Sets `$uuid` and `$state`; with recorded errors that is "errors". `$blocks` and `$block` are its size. `$seen` is the
 * mark of multi-mount protection, `$mark` the host that made it, `$marker` its device there, and `$marked` when, in
 * seconds. Nothing is opened for writing, which udev would look after.
 */
export function readExt4(part: string): string {
  return `look() {
  uuid= state= blocks=0 block=0 seen= mark= marker= marked=0
  while IFS=: read -r key value; do
    value=\${value#"\${value%%[! ]*}"}
    case $key in
    "Filesystem UUID") uuid=$value ;;
    "Filesystem state") state=\${state:-$value} ;;
    "FS Error count") state=errors ;;
    "Block count") blocks=$value ;;
    "Block size") block=$value ;;
    *mmp_sequence) seen=$value ;;
    *mmp_node_name) mark=$value ;;
    *mmp_device_name) marker=$value ;;
    *mmp_update_time) marked=$value ;;
    esac
  done <<END
$(dumpe2fs -h "${part}" 2>/dev/null)
END
}
`;
}

/** EXT4_MMP_SEQ_CLEAN of the kernel: it was unmounted. */
const CLEAN = "0xff4d4d50";

/**
 * A mount after a crash waits for 40 s, to see whether multi-mount protection's mark still moves. One that this very host
 * made does not where the kernel has nothing mounted from the device that is named in it, or made before it booted: that
 * is by this host's own clock, and a mount that lives has a younger one.
 */
export function clearOwnMark(part: string): string {
  return `  [ "\${seen:-${CLEAN}}" = ${CLEAN} ] || [ "$mark" != "$(uname -n)" ] || {
    dead=
    # A path is a program's, not the kernel's.
    case $marker in "" | */*) ;; *) [ -e "/proc/fs/ext4/$marker" ] || dead=1 ;; esac
    [ -n "$dead" ] || while read -r key value; do
      [ "$key" = btime ] || continue
      [ "$marked" -ge "$value" ] || dead=1
      break
    done < /proc/stat
    [ -z "$dead" ] || tune2fs -f -E clear_mmp "${part}" >/dev/null 2>&1 || true
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
