import type { Fact } from "../host/host.js";
import { sh } from "../host/sh.js";

export interface Attached {
  /** The block device, such as `/dev/nbd0` or `/dev/nbd0p1`. */
  readonly device: string;
  /** Bytes of the whole device. */
  readonly bytes: number;
  /**
   * Errors that ext4 has recorded since it was last checked; after one it writes no more, whatever the mount's options
   * say. 1 for an xfs that has shut down: it answers to everything with one (xfs_vn_getattr, fs/xfs/xfs_iops.c).
   */
  readonly errors: number;
  /** The file system has not grown to the device yet. */
  readonly hasRoom: boolean;
}

/** The devices that attachments have now, by volume name. */
export const attachedFact: Fact<ReadonlyMap<string, Attached>> = {
  name: "attached volumes",
  command: sh`[ ! -d /run/mooring/attached ] || find /run/mooring/attached -type l -printf '%f %l\n'
! ls -d /sys/block/nbd*/pid >/dev/null 2>&1 || for pid in /sys/block/nbd*/pid; do read -r sectors < "\${pid%/pid}/size" && read -r task < "$pid" || continue; echo "= $pid $sectors $task"; done
for f in /run/mooring/attach-*.task; do [ ! -e "$f" ] || { read -r task < "$f"; echo "~ $f $task"; }; done
for f in /run/mooring/attach-*.room; do [ ! -e "$f" ] || echo "+ $f"; done
for f in /sys/fs/ext4/nbd*/errors_count; do [ ! -e "$f" ] || { read -r errors < "$f"; echo "! $f $errors"; }; done
while read -r d m t _; do
  case $d:$t in /dev/nbd*:xfs)
    case $(timeout -k 1 5 stat -c %Z -- "$(printf %b "$m")" 2>&1) in *': Input/output error') echo "! /sys/fs/xfs/\${d##*/} 1" ;; esac ;;
  esac
done < /proc/self/mounts`,
  parse(stdout) {
    const rows = stdout.split("\n").map((line) => line.split(" "));
    const connected = new Map<string, { sectors: number; task: string | undefined }>();
    for (const [mark, pid, count, task] of rows)
      if (mark === "=") connected.set(pid?.split("/")[3] ?? "", { sectors: Number(count), task });
    const tasks = new Map<string, string>();
    for (const [mark, file, task = ""] of rows)
      if (mark === "~") tasks.set(file?.match(/\/attach-(.*)\.task$/)?.[1] ?? "", task);
    const rooms = new Set<string>();
    for (const [mark, file] of rows)
      if (mark === "+") rooms.add(file?.match(/\/attach-(.*)\.room$/)?.[1] ?? "");
    const errors = new Map<string, number>();
    for (const [mark, file, count] of rows)
      if (mark === "!") errors.set(`/dev/${file?.split("/")[4]}`, Number(count));
    const attached = new Map<string, Attached>();
    for (const [name, device] of rows) {
      const disk = device?.match(/^\/dev\/(nbd\d+)/)?.[1];
      const client = disk === undefined ? undefined : connected.get(disk);
      if (!name || !device || /^[=~!+]$/.test(name) || !client) continue;
      // A crash left the link behind: nothing is attached, or the device is another volume's by now.
      if (client.task !== undefined && (tasks.get(name) ?? client.task) !== client.task) continue;
      attached.set(name, {
        device,
        bytes: client.sectors * 512,
        errors: errors.get(device) ?? 0,
        hasRoom: rooms.has(name),
      });
    }
    return attached;
  },
};
