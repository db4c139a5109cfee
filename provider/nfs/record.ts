import type { Files } from "../facts/our-files.js";
import { Refused } from "../host/errors.js";
import { sh } from "../host/sh.js";
import { removeIfEmpty, run, type Step } from "../host/steps.js";
import { POOL, VOLUMES } from "../pool.js";
import { type Holder, parseRecord, recordText, volumeRecordFile, writeRecord } from "../volume-record.js";

/** What the storage host knows of a directory that one node at a time may mount: the one truth about who that is. */
export interface NfsRecord {
  /** Owner record of the export. */
  readonly owner: string;
  readonly kind: "nfs";
  /** The directory. */
  readonly path: string;
  readonly fsid: string;
  /** What has to be mounted for it to be exported. */
  readonly mountPoint?: string | undefined;
  /** Counts the changes of the holder. */
  readonly epoch: number;
  /** The mount that may write, and where; absent: nobody. */
  readonly holder?: NfsHolder | undefined;
}

type NfsHolder = Pick<Holder, "owner" | "node"> & { readonly address: string };

/** `undefined` also where the name is a block volume's: see {@link requireNoBlockVolume}. */
export function readNfsRecord(files: Files, name: string, host: string): NfsRecord | undefined {
  const record = parseRecord(files, name, host);
  return isNfs(record) ? record : undefined;
}

/** A name is one volume's: a record that is a block volume's is not for an export over NFS. */
export function requireNoBlockVolume(files: Files, name: string, host: string): void {
  const record = parseRecord(files, name, host);
  if (record === undefined || isNfs(record)) return;
  throw new Refused(
    `"${name}" on host "${host}" is a block volume (${volumeRecordFile(name)}), not a directory that is exported over NFS: choose another name. Nothing was changed.`,
  );
}

function isNfs(record: unknown): record is NfsRecord {
  return (record as { kind?: unknown } | undefined)?.kind === "nfs";
}

/** Under the lock that a block volume's record is made under, too. It may have been made already. */
export function makeRecord(name: string, record: NfsRecord): Step[] {
  const file = volumeRecordFile(name);
  return [
    run(
      `check that no other volume is called ${name}`,
      sh`[ ! -e ${file} ] || [ "$(cat ${file})" = ${recordText(record).trimEnd()} ] || { echo "another program made a volume of that name meanwhile; its record is: $(cat ${file})" >&2; exit 1; }`,
    ),
    writeRecord(name, record),
  ];
}

export function removeRecord(name: string): Step {
  const file = volumeRecordFile(name);
  return run(`remove ${file}`, sh`rm -f ${file}\n${removeIfEmpty(VOLUMES, POOL)}`, VOLUMES);
}
