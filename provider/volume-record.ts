import { z } from "zod";
import type { Files } from "./facts/our-files.js";
import { Refused } from "./host/errors.js";
import { sh } from "./host/sh.js";
import type { Step } from "./host/steps.js";
import { writeThrough } from "./host/writing.js";
import { VOLUMES } from "./pool.js";
import type { CommonInputs } from "./resource.js";

/** What the storage host knows of a block volume: the one truth about who may write to it. */
export interface VolumeRecord {
  /** Owner record of the linked clone. */
  readonly owner: string;
  readonly template: string;
  readonly fsType: "ext4" | "xfs";
  readonly fsUuid: string;
  /** The file system is in the first partition. */
  readonly partitioned: boolean;
  /** Counts the changes of the holder; the export's name carries it. */
  readonly epoch: number;
  /** ext4's multi-mount protection is on. */
  readonly mmp?: boolean | undefined;
  /** Its disk is larger than its partition, which has still to grow: bytes of the disk before. */
  readonly growing?: number | undefined;
  /** The attachment that may write, and where; absent: nobody. */
  readonly holder?: Holder | undefined;
}

export interface Holder {
  readonly owner: string;
  readonly node: string;
  /** The node's address, or its network: the only one that is let in. */
  readonly address?: string | undefined;
  /** Where and how the node was told to find the volume: what is served must stay that. */
  readonly server?: string | undefined;
  /** SHA-256 of its key file. */
  readonly credential?: string | undefined;
}

/** What of it goes into the scripts and units of nodes: nothing but what it is there for. */
const recordSchema = z.object({
  fsType: z.enum(["ext4", "xfs"]),
  fsUuid: z.guid(),
  partitioned: z.boolean(),
  epoch: z.int().min(0),
  owner: z.string(),
  holder: z.object({ owner: z.string(), node: z.string() }).optional(),
});

export function volumeRecordFile(name: string): string {
  return `${VOLUMES}/${name}.json`;
}

/** The file that the export's unit reads: port and epoch. */
export function volumeEnvironmentFile(name: string): string {
  return `${VOLUMES}/${name}.env`;
}

export function readVolumeRecord(files: Files, name: string, host: string): VolumeRecord | undefined {
  const record = parseRecord(files, name, host);
  if ((record as { kind?: unknown } | undefined)?.kind !== "nfs") {
    if (record === undefined || recordSchema.safeParse(record).success) return record as VolumeRecord;
    throw damaged(files, name, host);
  }
  throw new Refused(
    `"${name}" on host "${host}" is a directory that is exported over NFS (${volumeRecordFile(name)}), not a block volume: choose another name. Nothing was changed.`,
  );
}

/** A block volume's record, or a directory's: they share their names. */
export function parseRecord(files: Files, name: string, host: string): unknown {
  const text = files.get(volumeRecordFile(name));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(files, name, host);
  }
}

function damaged(files: Files, name: string, host: string): Refused {
  const text = files.get(volumeRecordFile(name)) ?? "";
  return new Refused(
    `the record of volume "${name}" on host "${host}" is damaged (${volumeRecordFile(name)}); nothing was changed. Its content is: ${text.slice(0, 200)}`,
  );
}

export function recordText(record: object): string {
  return `${JSON.stringify(record)}\n`;
}

/**
 * The record still is what the plan was made from, or nothing is done: of two programs, one wins. The same script,
 * under the volume's lock, replaces it; where that was done already, `to` is there.
 */
export function compareRecord(name: string, from: object, to?: object): Step {
  const isTo = to ? sh` || [ "$current" = ${recordText(to).trimEnd()} ]` : sh``;
  return {
    title: `compare the record of volume ${name}`,
    compares: true,
    action: sh`current=
{ IFS= read -r current < ${volumeRecordFile(name)}; } 2>/dev/null || true
[ "$current" = ${recordText(from).trimEnd()} ]${isTo} || { echo "another program took the volume meanwhile; its record is now: $current" >&2; exit 1; }`,
  };
}

export function writeRecord(name: string, record: object): Step {
  return writeThrough(volumeRecordFile(name), recordText(record));
}

/** Files of a host still know data that is not there. It was lost, and nothing new is quietly made in its place. */
export function refuseAnew(
  name: string,
  host: string,
  gone: {
    readonly files: readonly string[];
    readonly what: string;
    readonly anew: "a blank one" | "an empty one";
    readonly trash: string;
  },
): never {
  const { files, what, anew, trash } = gone;
  throw new Refused(
    `volume "${name}" on host "${host}" is remembered by ${files.join(" and ")}, and its ${what} is not there: its data is gone, and ${anew} is never made in its place.\nBring the ${what.split(" ")[0]} back; what Mooring removed is in ${trash}. For a new, ${anew.split(" ")[1]} one, on the host: rm ${files.join(" ")}`,
  );
}

/** Whose volume it is when it is not to be had. */
export function describeHolder(name: string, holder: Pick<Holder, "node" | "owner">, epoch: number): string {
  return `volume "${name}" is attached to node "${holder.node}" by ${describeOwner(holder.owner)}, epoch ${epoch}`;
}

/** The holder, where it is the same attachment on another node: a state was lost, or a move was cut off. */
export function holderElsewhere<H extends Pick<Holder, "node" | "owner">>(
  holder: H | undefined,
  wanted: Attaching,
  identity: Attaching,
): H | undefined {
  const isOurs = holder?.owner === wanted.owner || holder?.owner === identity.owner;
  return isOurs && holder?.node !== wanted.host.name ? holder : undefined;
}

/** Why an attachment is not to be forgotten: nobody else could take back what it has on another node. */
export function strandedElsewhere(
  name: string,
  record:
    | { readonly epoch: number; readonly holder?: Pick<Holder, "node" | "owner"> | undefined }
    | undefined,
  attaching: Attaching,
): string | undefined {
  const holder = holderElsewhere(record?.holder, attaching, attaching);
  return (
    holder &&
    `node "${holder.node}" has volume "${name}" for it, epoch ${record?.epoch}: an update that took it there was cut off before the state said so. Nothing was changed.\nRun pulumi up, which completes that; then this can be removed.`
  );
}

type Attaching = Pick<CommonInputs, "host" | "owner">;

/** A stack and a resource name, for people, from the URN in an owner record. */
export function describeOwner(owner: string): string {
  const [, stack, project, , name] = owner.match(/^urn:pulumi:([^:]*)::([^:]*)::(.*)::(.*)$/) ?? [];
  return name === undefined ? owner : `"${name}" of stack ${project}/${stack}`;
}
