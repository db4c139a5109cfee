import { type NfsSession, readNfsSessions } from "../facts/nfs-sessions.js";
import { ourFilesFact } from "../facts/our-files.js";
import { waitUntil } from "../host/patience.js";
import { sh } from "../host/sh.js";
import { run, type Step } from "../host/steps.js";
import { write } from "../host/writing.js";
import type { HostRef } from "../inputs/host-ref.js";
import { refuseLiveNode } from "../live-node.js";
import type { CommonInputs, Fence } from "../resource.js";
import { compareRecord, writeRecord } from "../volume-record.js";
import { heldText, reexportTo, unexport } from "./exporting.js";
import { exportsFile } from "./files.js";
import { type NfsRecord, readNfsRecord } from "./record.js";

/** Who holds a directory with one writer: the steps on the storage host. Each counts the epoch up. */

interface NfsHolding extends CommonInputs {
  readonly name: string;
  readonly storage?: HostRef | undefined;
  readonly address?: string | undefined;
}

/** From now on this mount alone gets the directory. `fence`: whoever had it was not asked, and had these sessions. */
export function takeDirectory(
  { name, owner, host, address = "" }: NfsHolding,
  record: NfsRecord,
  fence?: readonly NfsSession[],
): Step[] {
  const next: NfsRecord = { ...record, epoch: record.epoch + 1, holder: { owner, node: host.name, address } };
  const { holder, ...rest } = record;
  // The address of who had it is let in no more before the record has another.
  const elsewhere = holder && holder.address !== address ? serveHolder(name, rest) : [];
  return [
    compareRecord(name, record, next),
    ...(fence ? shutOut(name, record, fence) : elsewhere),
    writeRecord(name, next),
    ...serveHolder(name, next),
  ];
}

/** The export says what the record says. */
export function serveHolder(name: string, record: NfsRecord): Step[] {
  const { path, holder } = record;
  return [
    write(exportsFile(name), heldText(record)),
    holder ? reexportTo(path, holder.address) : unexport(path),
  ];
}

/** From now on nobody gets the directory. The record says so last: until then the holder is who gives it back. */
export function giveDirectoryBack(name: string, record: NfsRecord, fence?: readonly NfsSession[]): Step[] {
  const { holder: _, ...rest } = record;
  const next: NfsRecord = { ...rest, epoch: record.epoch + 1 };
  return [
    compareRecord(name, record, next),
    ...(fence ? shutOut(name, record, fence) : serveHolder(name, rest)),
    writeRecord(name, next),
  ];
}

/**
 * Not exported any more, a client gets no further request through; expired, it has no file open and no lock, and what
 * it was writing has ended: the kernel answers only then. One that lives makes itself known anew, under a new number.
 */
function shutOut(name: string, record: NfsRecord, sessions: readonly NfsSession[]): Step[] {
  const { holder, ...rest } = record;
  const [address = "", bits] = (holder?.address ?? "").split("/");
  const addresses = [
    ...new Set([...(bits === undefined ? [address] : []), ...sessions.map((session) => session.address)]),
  ];
  return [
    ...serveHolder(name, rest),
    run(
      `expire the NFS clients ${addresses.join(", ")}`,
      sh`expired=
for c in /proc/fs/nfsd/clients/*; do
  info=$(cat "$c/info" 2>/dev/null) || continue
  for a in ${addresses}; do
    case $info in *"address: \\"$a:"* | *"address: \\"[$a]:"*) ;; *) continue ;; esac
    (echo expire > "$c/ctl") 2>/dev/null || [ ! -e "$c" ] || { echo "client \${c##*/} at $a can't be expired" >&2; exit 1; }
    expired="$expired $c"
  done
done
for c in $expired; do
${waitUntil(sh`[ ! -e "$c" ]`, 10, sh`echo "client \${c##*/} is still there"`)}
done`,
    ),
  ];
}

interface Fenceable {
  readonly record: NfsRecord | undefined;
  readonly sessions: readonly NfsSession[];
}

export const nfsFence: Fence<NfsHolding> = {
  whileTaking: true,
  host: ({ storage }) => storage,
  async observe(storage, { name, owner, host }): Promise<Fenceable> {
    const record = readNfsRecord(await storage.fact(ourFilesFact), name, storage.name);
    const { holder } = record ?? {};
    const holds = holder?.owner === owner && holder.node === host.name;
    return { record, sessions: holds ? await readNfsSessions(storage, holder.address) : [] };
  },
  plan({ name, owner, host }, { record, sessions }: Fenceable, force) {
    if (!record || record.holder?.owner !== owner || record.holder.node !== host.name) return [];
    if (!force) refuseLiveClient(name, host.name, sessions);
    return giveDirectoryBack(name, record, sessions);
  },
};

export function refuseLiveClient(name: string, node: string, sessions: readonly NfsSession[]): void {
  const shown = sessions
    .filter(({ answers }) => answers)
    .map(
      ({ peer, silentSeconds }) =>
        `${peer}, which answers${silentSeconds === undefined ? "" : `; its last request was ${silentSeconds} s ago`}`,
    );
  refuseLiveNode(name, node, shown);
}
