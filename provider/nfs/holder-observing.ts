import { exportsFact } from "../facts/exports.js";
import { type NfsSession, readNfsSessions } from "../facts/nfs-sessions.js";
import { ourFilesFact } from "../facts/our-files.js";
import type { Host } from "../host/host.js";
import type { Taking } from "../resource.js";
import { holderElsewhere } from "../volume-record.js";
import { isServed } from "./exporting.js";
import type { NfsMountInputs } from "./mount-inputs.js";
import { type NfsRecord, readNfsRecord } from "./record.js";

/** What the storage host knows of who has a directory. */
export interface Holding {
  /** On the storage host, of one whose access is single. */
  readonly record?: NfsRecord | undefined;
  /** The storage host exports it as the record says. */
  readonly served?: boolean | undefined;
  /** Of another node that this very mount is recorded for. */
  readonly sessions?: readonly NfsSession[];
  /** They may be cut off although they are heard of. */
  readonly isForced?: boolean;
}

export async function observeHolding(storage: Host, { name }: NfsMountInputs): Promise<Holding> {
  const [files, active] = await Promise.all([storage.fact(ourFilesFact), storage.fact(exportsFact)]);
  const record = readNfsRecord(files, name, storage.name);
  return { record, served: record && isServed(name, record, files, active) };
}

/** The clients of the node that this very mount is recorded for. By force, too: they are expired. */
export async function observeRivalClients<Observed extends Holding>(
  observed: Observed,
  { wanted, identity, reach, isForced }: Taking<NfsMountInputs>,
): Promise<Observed> {
  const rival = holderElsewhere(observed.record?.holder, wanted, identity);
  if (!rival || !wanted.storage) return observed;
  const sessions = await readNfsSessions(reach(wanted.storage), rival.address);
  return { ...observed, sessions, isForced: isForced(rival.node) };
}
