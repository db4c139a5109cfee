import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { z } from "zod";
import { exportedDirectoriesFact } from "../facts/exported-directories.js";
import { type ActiveExport, exportsFact } from "../facts/exports.js";
import { ourFilesFact } from "../facts/our-files.js";
import { Refused } from "../host/errors.js";
import { sh } from "../host/sh.js";
import { remove, runFor, type Step } from "../host/steps.js";
import { write } from "../host/writing.js";
import { common } from "../inputs.js";
import { describeLink } from "../links.js";
import { nfsClients, refuseAnyClient } from "../nfs-clients.js";
import { type Found, keepDirectory, lookAtDirectory, lookAtExported, watched } from "../nfs-directory.js";
import {
  checkUnused,
  exportsFile,
  exportsText,
  exportWithout,
  holderAlone,
  matches,
  reexport,
  reexportTo,
  unexport,
} from "../nfs-exporting.js";
import { type Exported, isWithin, ofVolume, overlapping, problemOf } from "../nfs-overlap.js";
import {
  makeRecord,
  type NfsRecord,
  readNfsRecord,
  removeRecord,
  requireNoBlockVolume,
} from "../nfs-record.js";
import { ownerIn, requireOurs } from "../ownership.js";
import type { CheckFailure, Resource } from "../resource.js";
import { fileMode, onDelete, ownPath, userName, volumeName } from "../schemas.js";
import { moveToTrash, trashOf } from "../trash.js";
import { compareRecord, describeHolder, recordText, writeRecord } from "../volume-record.js";

const inputs = z.object({
  ...common,
  name: volumeName,
  path: ownPath,
  access: z.enum(["single", "shared"], '"single" or "shared"').default("shared"),
  clients: nfsClients.optional(),
  anyClient: z.boolean().optional(),
  mode: fileMode.optional(),
  user: userName.optional(),
  group: userName.optional(),
  fsid: z.guid("a UUID").optional(),
  onDelete,
});

export type NfsExportInputs = z.infer<typeof inputs>;

export interface ObservedNfsExport extends Found {
  /** Our drop-in file. */
  readonly file: string | undefined;
  readonly active: readonly ActiveExport[];
  /** Who holds it, where its access is single. */
  readonly record?: NfsRecord | undefined;
  /** Other exports that share its files, or its `fsid`. */
  readonly overlaps?: readonly Exported[];
}

export const nfsExport: Resource<NfsExportInputs, ObservedNfsExport> = {
  kind: "NfsExport",
  inputs,
  identity: ["name", "path"],
  data: {
    isGone: (observed) => observed?.directory === undefined,
    wayBack: ({ path }) =>
      `If it was moved, move it back to ${path}; what Mooring removed is in ${trashOf(path)}.`,
  },
  id: ({ name }) => name,
  lock: ({ name, access }) => (access === "single" ? `volume-${name}` : `nfs-${name}`),
  needs: () => [{ command: "exportfs", package: "nfs-kernel-server" }, { service: "nfs-server" }],
  check({ access = "shared", clients, anyClient }, unjudged) {
    if (unjudged.has("access")) return [];
    if (access === "single") return onlyShared({ clients, anyClient });
    if (clients === undefined)
      return unjudged.has("clients") ? [] : [{ property: "clients", reason: "is required" }];
    return anyClient || unjudged.has("anyClient") ? [] : clients.flatMap(refuseAnyClient);
  },
  beside(inputs, others) {
    const wanted = { path: inputs.path, fsid: fsidOf(inputs) };
    for (const { name, path, owner, ...other } of others) {
      // One that the program does not say is made from the path.
      const fsid = other.fsid ?? (inputs.fsid && fsidOf({ ...other, path }));
      const problem = problemOf(wanted, { name, path, fsid, what: ofVolume(path, owner) });
      if (problem) return [problem];
    }
    return [];
  },
  async observe(host, inputs, _reach, isNew) {
    const { name, path, access } = inputs;
    const [active, files, exported, looked] = await Promise.all([
      host.fact(exportsFact),
      host.fact(ourFilesFact),
      host.fact(exportedDirectoriesFact),
      isNew ? lookAtDirectory(host, path) : undefined,
    ]);
    if (access === "single") requireNoBlockVolume(files, name, host.name);
    const record = readNfsRecord(files, name, host.name);
    const file = files.get(exportsFile(name));
    const found =
      looked ?? (await (file || record ? lookAtExported(host, path, exported) : lookAtDirectory(host, path)));
    const here = active.filter((entry) => entry.path === path);
    const { directory, link } = found;
    const overlaps = overlapping({ name, path, fsid: fsidOf(inputs) }, files, active);
    const overlapped = overlaps.length > 0 && { overlaps };
    if (!directory && !link && file === undefined && here.length === 0 && !record && !overlapped)
      return undefined;
    return { ...found, file, active: here, record, ...overlapped };
  },
  plan(wanted, observed, identity) {
    return wanted ? planWanted(wanted, observed, identity) : planGone(observed, identity);
  },
  drift(inputs, observed) {
    const { directory, file, active, record } = observed;
    const clients = clientsOf(inputs, record);
    const served =
      isShutOut(inputs, observed) || (file === textOf(inputs, record) && matches(clients, active));
    return {
      ...inputs,
      ...(directory && watched(inputs, directory)),
      access: record ? "single" : "shared",
      ...(!served && {
        clients:
          file === undefined
            ? []
            : active.map(({ client: address, options }) => ({ address, options: wordsOf(options) })),
      }),
    };
  },
};

function planWanted(
  wanted: NfsExportInputs,
  observed: ObservedNfsExport | undefined,
  identity: NfsExportInputs,
): Step[] {
  const { path, name, host } = wanted;
  if (observed?.link && observed.file === undefined) {
    throw new Refused(
      `path: ${path} on host "${host.name}" leads elsewhere: ${describeLink(observed.link)}. Nothing was changed.\nGive a path without links; or have a directory, or a bind mount, in the link's place.`,
    );
  }
  refuseOverlap(wanted, observed);
  const file = exportsFile(name);
  const record = recordFor(wanted, observed?.record, identity);
  const text = textOf(wanted, record);
  const directory = observed?.directory;
  if (observed?.file !== undefined) requireOurs(file, ownerIn(observed.file), wanted, identity);
  else if (observed && observed.active.length > 0)
    requireOurs(`an export of ${path}`, undefined, wanted, identity);
  else if (directory && !directory.empty)
    requireOurs(`directory ${path}, which is not empty,`, undefined, wanted, identity);
  const steps: Step[] = [];
  // Whoever uses it now would be cut off.
  if (record && !observed?.record && observed && observed.active.length > 0) steps.push(checkUnused(path));
  steps.push(...keepDirectory(wanted, directory));
  const clients = clientsOf(wanted, record);
  const served =
    isShutOut(wanted, observed) || (observed?.file === text && matches(clients, observed.active));
  const keep = keepRecord(name, observed?.record, record);
  if (served) return keep.every((step) => step.compares) ? steps : [...keep, ...steps];
  // Where there is a record, nothing is done before it was compared.
  if (observed?.record) steps.unshift(...keep);
  else steps.push(...keep);
  if (observed?.file !== text) steps.push(write(file, text));
  const [holder] = record ? clients : [];
  steps.push(!record ? reexport(path) : holder ? reexportTo(path, holder.address) : unexport(path));
  return steps;
}

/** What is exported with this `fsid` already stays as it is: only its removal is refused. */
function refuseOverlap(wanted: NfsExportInputs, observed: ObservedNfsExport | undefined): void {
  const fsid = fsidOf(wanted);
  const { file, record, overlaps: [first] = [] } = observed ?? {};
  const problem = first && problemOf({ path: wanted.path, fsid }, first);
  if (!problem || file?.includes(`fsid=${fsid}`) || record?.fsid === fsid) return;
  throw new Refused(
    `${problem.property}: ${problem.reason} (on host "${wanted.host.name}"). Nothing was changed.\nIf that one is to go, remove it first, in a \`pulumi up\` of its own.`,
  );
}

/** The record as it is to be; none where access is shared. */
function recordFor(
  wanted: NfsExportInputs,
  found: NfsRecord | undefined,
  identity: NfsExportInputs,
): NfsRecord | undefined {
  const { name, owner, path, host } = wanted;
  const fsid = fsidOf(wanted);
  if (found) requireOurs(`the record of volume ${name}`, found.owner, wanted, identity);
  if (found?.holder && (wanted.access === "shared" || found.fsid !== fsid)) {
    const change = wanted.access === "shared" ? 'access can\'t change to "shared"' : "fsid can't change";
    throw new Refused(
      `export "${name}" on host "${host.name}": ${change}: ${describeHolder(name, found.holder, found.epoch)}. Detach it first. Nothing was changed.`,
    );
  }
  if (wanted.access === "shared") return undefined;
  return found ? { ...found, owner, path, fsid } : { owner, kind: "nfs", path, fsid, epoch: 0 };
}

/** Compares it in any case: what is exported is made from it. */
function keepRecord(name: string, found: NfsRecord | undefined, wanted: NfsRecord | undefined): Step[] {
  if (!wanted) return found ? [compareRecord(name, found), removeRecord(name)] : [];
  if (!found) return makeRecord(name, wanted);
  return recordText(found) === recordText(wanted)
    ? [compareRecord(name, found)]
    : [compareRecord(name, found, wanted), writeRecord(name, wanted)];
}

function planGone(observed: ObservedNfsExport | undefined | undefined, identity: NfsExportInputs): Step[] {
  if (!observed) return [];
  const { path, name } = identity;
  const owner = observed.file === undefined ? undefined : ownerIn(observed.file);
  if (observed.file !== undefined && owner !== identity.owner) {
    throw new Refused(
      `${exportsFile(name)} on host "${identity.host.name}" belongs to ${owner ?? "somebody else"}; it was left alone.`,
    );
  }
  const ours = `fsid=${fsidOf(identity)}`;
  const others = observed.active.filter(({ options }) => !options.includes(ours));
  if (others.length > 0) {
    throw new Refused(
      `${path} on host "${identity.host.name}" is also exported by somebody else, to ${others.map(({ client }) => client).join(", ")}; it was left alone. Remove that export first.`,
    );
  }
  const { record } = observed;
  if (record?.holder && record.owner === identity.owner) {
    throw new Refused(
      `export "${name}" on host "${identity.host.name}" is in use: ${describeHolder(name, record.holder, record.epoch)}. Detach it first. Nothing was changed.`,
    );
  }
  if (observed.link && observed.directory && identity.onDelete !== "retain") {
    throw new Refused(
      `${path} on host "${identity.host.name}" leads elsewhere: ${describeLink(observed.link)}. What is there was left alone: it may not be what Mooring made.\nPut the directory back in the link's place, or set onDelete: "retain".`,
    );
  }
  const inTheWay = observed.overlaps?.find((other) => isWithin(other, path));
  if (inTheWay && observed.directory && identity.onDelete !== "retain") {
    throw new Refused(
      `${path} on host "${identity.host.name}" can't be removed (onDelete: "${identity.onDelete}"): in it is ${inTheWay.what}. Remove that first, or set onDelete: "retain". Nothing was changed.`,
    );
  }
  const isOurRecord = record?.owner === identity.owner;
  const steps: Step[] = record && isOurRecord ? [compareRecord(name, record)] : [];
  if (!record && observed.active.length > 0) steps.push(checkUnused(path));
  if (observed.file !== undefined || observed.active.length > 0) {
    steps.push(remove(exportsFile(name)), exportWithout);
  }
  if (isOurRecord) steps.push(removeRecord(name));
  if (observed.directory && identity.onDelete === "trash")
    steps.push(moveToTrash(path, "NfsExport", identity));
  if (observed.directory && identity.onDelete === "destroy") {
    steps.push(runFor(`destroy ${path}`, [path], sh`rm -rf --one-file-system -- "$@"`, dirname(path)));
  }
  return steps;
}

/** Of what `exportfs -s` lists, what the defaults do not say already. */
function wordsOf(options: readonly string[]): string[] {
  const implied = ["wdelay", "hide", "secure", "no_all_squash", "root_squash", "sec=sys"];
  return options.filter((option) => !implied.includes(option) && !option.startsWith("fsid=")).sort();
}

/** Whom it is exported to. */
function clientsOf({ access, clients = [] }: NfsExportInputs, record: NfsRecord | undefined) {
  return access === "shared" ? clients : record ? holderAlone(record) : [];
}

/** Its holder is being fenced, or given up: the record says so last, and until then the mount goes on, not the export. */
function isShutOut(wanted: NfsExportInputs, observed: ObservedNfsExport | undefined): boolean {
  const { record, file, active = [] } = observed ?? {};
  return (
    record?.holder !== undefined &&
    active.length === 0 &&
    file === exportsText(wanted.owner, wanted.path, fsidOf(wanted), [])
  );
}

function textOf(wanted: NfsExportInputs, record: NfsRecord | undefined): string {
  return exportsText(wanted.owner, wanted.path, fsidOf(wanted), clientsOf(wanted, record));
}

function onlyShared(given: { clients: unknown; anyClient: unknown }): CheckFailure[] {
  return Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([property]) => ({
      property,
      reason: 'belongs to access "shared"; with "single" the node that the volume is attached to is let in',
    }));
}

/** The same for as long as the directory is: a client's handles survive a reboot and a renumbered disk. */
function fsidOf({ fsid, host, path }: Pick<NfsExportInputs, "fsid" | "host" | "path">): string {
  if (fsid !== undefined) return fsid;
  const hex = createHash("sha256").update(`${host.name}:${path}`).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
