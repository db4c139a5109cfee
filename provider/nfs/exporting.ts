import { isIP } from "node:net";
import type { ActiveExport } from "../facts/exports.js";
import type { Files } from "../facts/our-files.js";
import { sh } from "../host/sh.js";
import { runFor, type Step } from "../host/steps.js";
import { header } from "../ownership.js";
import { DEFAULT_OPTIONS } from "./clients.js";
import { hasMountPoint, mountPointLine } from "./exported-while-mounted.js";
import { exportsFile } from "./files.js";
import type { NfsRecord } from "./record.js";

/** The drop-in file of an export, and what makes the NFS server follow it. */

interface Client {
  readonly address: string;
  readonly options: readonly string[];
}

/** Without a client there is no line at all: a path alone would be exported to everybody (exports(5)). */
export function exportsText(
  owner: string,
  path: string,
  fsid: string,
  clients: readonly Client[],
  mountPoint?: string,
): string {
  const entries = clients.map(({ address, options }) => {
    const needed = mountPoint === undefined || hasMountPoint(options) ? [] : [`mountpoint=${mountPoint}`];
    return `${address}(${[...options, `fsid=${fsid}`, ...needed].join(",")})`;
  });
  return `${header(owner)}${mountPointLine(mountPoint)}${entries.length === 0 ? "" : `${path} ${entries.join(" ")}\n`}`;
}

/** What a volume with one writer is exported to: the holder, or nobody. */
export function holderAlone({ holder }: NfsRecord): Client[] {
  return holder ? [{ address: holder.address, options: DEFAULT_OPTIONS }] : [];
}

export function heldText(record: NfsRecord): string {
  return exportsText(record.owner, record.path, record.fsid, holderAlone(record), record.mountPoint);
}

/**
 * The server exports it as its file says. A host's name it lists as the resolver has it, so that of names only their
 * number and their options are compared: two of one host are one.
 */
export function matches(clients: readonly Client[], active: readonly ActiveExport[]): boolean {
  const named = clients.filter(({ address }) => isHostName(address));
  const literal = clients.filter((client) => !named.includes(client));
  const isOf = (entry: ActiveExport, { options }: Client): boolean =>
    options.filter(isListed).every((option) => entry.options.includes(option));
  const rest = active.filter((entry) => !literal.some(({ address }) => address === entry.client));
  return (
    literal.every((each) => active.some((entry) => entry.client === each.address && isOf(entry, each))) &&
    active.length - rest.length === literal.length &&
    rest.length <= named.length &&
    rest.length >= Math.min(named.length, 1) &&
    rest.every((entry) => named.some((each) => isOf(entry, each)))
  );
}

/** Neither address nor network, nor a pattern or a netgroup: those are listed as they are written. */
function isHostName(address: string): boolean {
  return !/[*?:@/]/.test(address) && isIP(address) === 0;
}

/** `exportfs -s` prints neither what every export is anyway, nor others in the words of exports(5). */
function isListed(option: string): boolean {
  return /^(rw|ro|a?sync|(no_)?wdelay|(no)?hide|crossmnt|(in)?secure|(no_)?(root|all)_squash|no_subtree_check|no_acl|insecure_locks)$/.test(
    option,
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

/** In place of host names: there is none among the clients. */
const NO_NAMES = "-";

/**
 * Prints what is wrong with the first path that is not listed as wanted, or that `exportfs` complained of, and ends with
 * 1 then. What it says of others' exports is theirs: it goes on with the rest, ours among them.
 */
const compareListed = `function concerns(line, word,   at, rest) {
  for (rest = " " line " "; at = index(rest, word); rest = substr(rest, at + 1))
    if (substr(rest, at - 1, 1) !~ /[A-Za-z0-9._\\/-]/ && substr(rest, at + length(word)) !~ /^([A-Za-z0-9_\\/-]|\\.[A-Za-z0-9])/) return 1
  return 0
}
$1 == "said" { said[++lines] = substr($0, 6); next }
$1 == "failed" { failed = 1; next }
$1 == "want" { paths[++n] = $2; names[n] = $3; wanted[n] = $4; next }
{ sub(/\\(.*/, "", $2); listed[$1] = listed[$1] == "" ? $2 : listed[$1] " " $2 }
END {
  for (i = 1; i <= n; i++) {
    found = listed[paths[i]]
    wrong = found != wanted[i] && (wanted[i] != "${SOMEBODY}" || found == "")
    count = split(names[i], each, ",")
    for (l = 1; l <= lines; l++) {
      if (failed && said[l] !~ /subtree_check/ && concerns(said[l], paths[i])) wrong = 1
      for (k = 1; k <= count; k++) if (said[l] ~ /resolve/ && concerns(said[l], each[k])) wrong = 1
    }
    if (!wrong) continue
    for (l = 1; l <= lines; l++) print said[l]
    print "exportfs -s lists it for: " (found == "" ? "nobody" : found)
    exit 1
  }
}`;

/**
 * The server follows the files; "$@" are paths, each with the host names among its clients, and with the only client it
 * is exported to then. Between finding a file and reading it, another resource may have removed its own: then it looks
 * again. The list has a line for every export of the host, and is gone through once.
 */
const exportAndCheck = sh`tries=0 failed=
until said=$(exportfs -ra 2>&1); do
  tries=$((tries + 1))
  case $said in *"can't open /etc/exports.d/mooring-"*) [ $tries -ge 20 ] || continue ;; esac
  failed=failed
  break
done
listed=$(exportfs -s)
wrong=$({
  printf '%s\n' "$said" | sed 's/^/said /'
  [ -z "$failed" ] || echo failed
  while [ $# != 0 ]; do printf 'want %s %s %s\n' "$1" "$2" "$3"; shift 3; done
  printf '%s\n' "$listed"
} | awk ${compareListed}) || { printf '%s\n' "$wrong" >&2; exit 1; }`;

/** `systemctl reload nfs-server` hides errors. `exportfs` may name another's broken file, and then does the rest. */
export function reexport(path: string, clients: readonly Client[]): Step {
  const names = clients.map(({ address }) => address).filter(isHostName);
  return runFor(`export ${path}`, [path, names.join(",") || NO_NAMES, SOMEBODY], exportAndCheck);
}

export function reexportTo(path: string, address: string): Step {
  return runFor(`export ${path} to ${address} alone`, [path, NO_NAMES, address], exportAndCheck);
}

/** From here on every request for it is refused, also those of who has it mounted. */
export function unexport(path: string): Step {
  return runFor(`export ${path} to nobody`, [path, NO_NAMES, ""], exportAndCheck);
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
