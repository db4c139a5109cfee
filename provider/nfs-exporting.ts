import type { ActiveExport } from "./facts/exports.js";
import type { Files } from "./facts/our-files.js";
import { sh } from "./host/sh.js";
import { runFor, type Step } from "./host/steps.js";
import { DEFAULT_OPTIONS } from "./nfs-clients.js";
import type { NfsRecord } from "./nfs-record.js";
import { header } from "./ownership.js";

/** The drop-in file of an export, and what makes the NFS server follow it. */

interface Client {
  readonly address: string;
  readonly options: readonly string[];
}

export function exportsFile(name: string): string {
  return `/etc/exports.d/mooring-${name}.exports`;
}

/** Without a client there is no line at all: a path alone would be exported to everybody (exports(5)). */
export function exportsText(owner: string, path: string, fsid: string, clients: readonly Client[]): string {
  const entries = clients.map(
    ({ address, options }) => `${address}(${[...options, `fsid=${fsid}`].join(",")})`,
  );
  return `${header(owner)}${entries.length === 0 ? "" : `${path} ${entries.join(" ")}\n`}`;
}

/** What a volume with one writer is exported to: the holder, or nobody. */
export function holderAlone({ holder }: NfsRecord): Client[] {
  return holder ? [{ address: holder.address, options: DEFAULT_OPTIONS }] : [];
}

export function heldText(record: NfsRecord): string {
  return exportsText(record.owner, record.path, record.fsid, holderAlone(record));
}

export function matches(clients: readonly Client[], active: readonly ActiveExport[]): boolean {
  return (
    active.length === clients.length &&
    clients.every((each) =>
      active.some(
        (entry) =>
          entry.client === each.address && each.options.every((option) => entry.options.includes(option)),
      ),
    )
  );
}

/** The storage host exports it to whom the record says. */
export function isServed(
  name: string,
  record: NfsRecord,
  files: Files,
  active: readonly ActiveExport[],
): boolean {
  const here = active.filter(({ path }) => path === record.path);
  return files.get(exportsFile(name)) === heldText(record) && matches(holderAlone(record), here);
}

/** In place of a client: whoever it is. */
const SOMEBODY = "somebody";

/** Prints whom it is listed for, of the first path that is not listed as wanted, and ends with 1 then. */
const compareListed = `$1 == "want" { paths[++n] = $2; wanted[n] = $3; next }
{ sub(/\\(.*/, "", $2); listed[$1] = listed[$1] == "" ? $2 : listed[$1] " " $2 }
END {
  for (i = 1; i <= n; i++) {
    found = listed[paths[i]]
    if (found == wanted[i] || (wanted[i] == "${SOMEBODY}" && found != "")) continue
    print "exportfs -s lists it for: " (found == "" ? "nobody" : found)
    exit 1
  }
}`;

/**
 * The server follows the files; "$@" are paths, each with the only client it is exported to then. Between finding a
 * file and reading it, another resource may have removed its own: then it looks again. The list has a line for every
 * export of the host, and is gone through once.
 */
const exportAndCheck = sh`tries=0
until said=$(exportfs -ra 2>&1); do
  tries=$((tries + 1))
  case $said in *"can't open /etc/exports.d/mooring-"*) [ $tries -ge 20 ] || continue ;; esac
  printf '%s\n' "$said" >&2
  exit 1
done
[ $# = 0 ] || {
  listed=$(exportfs -s)
  wrong=$({
    while [ $# != 0 ]; do printf 'want %s %s\n' "$1" "$2"; shift 2; done
    printf '%s\n' "$listed"
  } | awk ${compareListed}) || { printf '%s\n' "$said" "$wrong" >&2; exit 1; }
}`;

export const exportWithout: Step = runFor("export without it", [], exportAndCheck);

/** `systemctl reload nfs-server` hides errors, and `exportfs` may name another's broken file: what it said is shown when ours is not served. */
export function reexport(path: string): Step {
  return runFor(`export ${path}`, [path, SOMEBODY], exportAndCheck);
}

export function reexportTo(path: string, address: string): Step {
  return runFor(`export ${path} to ${address} alone`, [path, address], exportAndCheck);
}

/** From here on every request for it is refused, also those of who has it mounted. */
export function unexport(path: string): Step {
  return runFor(`export ${path} to nobody`, [path, ""], exportAndCheck);
}

/**
 * Whether somebody uses a directory is known of files that are open or delegated, by device and inode, and not of a
 * mount that is idle. A client that let its lease end is gone, or as good as. "$@" are directories; where no client
 * has anything open, they are not looked at one by one.
 */
const checkNobodyUses = sh`in_use() {
  for c in /proc/fs/nfsd/clients/*; do
    info=$(cat "$c/info" 2>/dev/null) || continue
    renewed=$(printf '%s\n' "$info" | sed -n 's/^seconds from last renew: //p')
    [ "\${renewed:-0}" -lt "$lease" ] || continue
    inodes=$(sed -n 's/.*superblock: "'"$device"':\\([0-9]*\\)".*/\\1/p' "$c/states" 2>/dev/null | sort -u)
    [ -n "$inodes" ] || continue
    set --
    for i in $inodes; do set -- "$@" -o -inum "$i"; done
    shift
    file=$(find "$directory" -xdev \\( "$@" \\) -print -quit 2>/dev/null) || true
    [ -z "$file" ] || echo "$(printf '%s\n' "$info" | sed -n 's/^address: "\\(.*\\):[0-9]*"$/\\1/p; s/^name: //p' | tr '\n' ' ')has $file open"
  done
}
if [ -d /proc/fs/nfsd/clients ] && cat /proc/fs/nfsd/clients/*/states 2>/dev/null | grep -q superblock; then
  read -r lease < /proc/fs/nfsd/nfsv4leasetime
  for directory do
    [ -d "$directory" ] || continue
    device=$(findmnt -nro MAJ:MIN -T "$directory" | tail -n 1)
    device=$(printf '%02x:%02x' "\${device%:*}" "\${device#*:}")
    # A client that has just unmounted may still be giving back what it had.
    for try in 1 2 3 4 5; do
      users=$(in_use)
      [ -n "$users" ] || break
      sleep 1
    done
    [ -z "$users" ] || { printf '%s\n' "$users" "Unmount it there first. Nothing was changed." >&2; exit 1; }
  done
fi`;

export function checkUnused(path: string): Step {
  return runFor(`check that no client uses ${path}`, [path], checkNobodyUses);
}
