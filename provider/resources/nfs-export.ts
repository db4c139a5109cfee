import { Refused } from "../host/errors.js";
import type { Step } from "../host/steps.js";
import { write } from "../host/writing.js";
import { besideNamesakes } from "../inputs/beside.js";
import { describeLink } from "../links.js";
import { keepDirectory, watched } from "../nfs/directory.js";
import { checkClients, fsidOf, type NfsExportInputs, nfsExportInputs } from "../nfs/export-inputs.js";
import { type ObservedNfsExport, observeExport } from "../nfs/export-observing.js";
import { leftAlone, planGone } from "../nfs/export-removal.js";
import { describeUnmounted, forGood } from "../nfs/exported-while-mounted.js";
import {
  checkUnused,
  exportsText,
  holderAlone,
  matches,
  reexport,
  reexportTo,
  unexport,
} from "../nfs/exporting.js";
import { exportsFile } from "../nfs/files.js";
import { describeOpen, ofVolume, problemOf } from "../nfs/overlap.js";
import { makeRecord, type NfsRecord, removeRecord } from "../nfs/record.js";
import { trashOf } from "../nfs/trash.js";
import { compareOwner, ownerIn, requireOurs } from "../ownership.js";
import { POOL } from "../pool.js";
import type { Resource } from "../resource.js";
import { checkMounted } from "../unmounted.js";
import {
  compareRecord,
  describeHolder,
  recordText,
  refuseAnew,
  volumeRecordFile,
  writeRecord,
} from "../volume-record.js";

const NOTHING: ObservedNfsExport = { directory: undefined, file: undefined, active: [] };

export const nfsExport: Resource<NfsExportInputs, ObservedNfsExport> = {
  kind: "NfsExport",
  inputs: nfsExportInputs,
  identity: ["name", "path"],
  data: {
    isGone: (observed) => observed?.directory === undefined,
    isEmpty: ({ directory }) => directory?.empty === true,
    rememberedBy,
    wayBack: ({ name, path }, { mountPoint, unmounted } = NOTHING) =>
      `${unmounted && mountPoint ? `${describeUnmounted(path, mountPoint)}. ${forGood(name).slice(0, -1)}` : "If its disk is not mounted, mount it"}. If it was moved, move it back to ${path}; what Mooring removed is in ${trashOf(path)}.`,
  },
  id: ({ name }) => name,
  lock: ({ name, access }) => (access === "single" ? `volume-${name}` : `nfs-${name}`),
  needs: () => [{ command: "exportfs", package: "nfs-kernel-server" }, { service: "nfs-server" }],
  check: checkClients,
  beside(inputs, others) {
    const wanted = { path: inputs.path, fsid: fsidOf(inputs) };
    for (const { name, path, owner, ...other } of others) {
      // One that the program does not say is made from the path.
      const fsid = other.fsid ?? (inputs.fsid && fsidOf({ ...other, path }));
      const problem = problemOf(wanted, { name, path, fsid, what: ofVolume(path, owner) });
      if (problem) return [problem];
    }
    return besideNamesakes(inputs, others);
  },
  observe: observeExport,
  plan(wanted, observed, identity) {
    return wanted ? planWanted(wanted, observed, identity) : planGone(observed, identity);
  },
  warnings(inputs, { overlaps = [], exposed = [] }) {
    const wanted = { path: inputs.path, fsid: fsidOf(inputs) };
    const open = exposed.map((other) => ({
      about: `${inputs.path} in reach of ${other.path}`,
      text: `NfsExport "${inputs.name}" on host "${inputs.host.name}": ${describeOpen(inputs.path, other)}: who mounts that reads and writes here too`,
    }));
    const beside = overlaps.flatMap((other) => {
      const { property, reason } = problemOf(wanted, other) ?? {};
      if (!property) return [];
      const text = `NfsExport "${inputs.name}" on host "${inputs.host.name}" has another beside it that came at the same moment, or later: ${property}: ${reason}`;
      return [{ about: `${inputs.path} beside ${other.path}`, text }];
    });
    return [...beside, ...open];
  },
  leftAlone,
  drift(inputs, observed) {
    const { directory, file, active, record } = observed;
    const clients = clientsOf(inputs, record);
    const served =
      isShutOut(inputs, observed) ||
      (file === textOf(inputs, record, observed.mountPoint) && matches(clients, active));
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
  refuseExposed(wanted, observed);
  if (observed?.unmounted && observed.mountPoint)
    throw new Refused(
      `on host "${host.name}" ${describeUnmounted(path, observed.mountPoint)}. Nothing was changed.`,
    );
  const file = exportsFile(name);
  const record = recordFor(wanted, observed, identity);
  const text = textOf(wanted, record, observed?.mountPoint);
  const directory = observed?.directory;
  if (observed?.file !== undefined) requireOurs(file, ownerIn(observed.file), wanted, identity);
  else if (observed && observed.active.length > 0)
    requireOurs(`an export of ${path}`, undefined, wanted, identity);
  else if (directory && !directory.empty)
    requireOurs(`directory ${path}, which is not empty,`, undefined, wanted, identity);
  if (!directory) refuseGone(wanted, observed, identity);
  const steps: Step[] = [];
  // Whoever uses it now would be cut off.
  if (record && !observed?.record && observed && observed.active.length > 0) steps.push(checkUnused(path));
  if (observed?.file === undefined || !directory) steps.push(checkMounted(path));
  if (record && !observed?.record) steps.push(checkMounted(POOL));
  steps.push(...keepDirectory(wanted, directory));
  const clients = clientsOf(wanted, record);
  const served =
    isShutOut(wanted, observed) || (observed?.file === text && matches(clients, observed.active));
  const keep = keepRecord(name, observed?.record, record);
  if (served) return keep.every((step) => step.compares) ? steps : [...keep, ...steps];
  // Where there is a record, nothing is done before it was compared.
  if (observed?.record) steps.unshift(...keep);
  else steps.push(...keep);
  if (observed?.file !== text) {
    if (!observed?.record) steps.unshift(...compareOwner(file, wanted, identity, true));
    steps.push(write(file, text));
  }
  const [holder] = record ? clients : [];
  steps.push(!record ? reexport(path, clients) : holder ? reexportTo(path, holder.address) : unexport(path));
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

/** One writer can't be kept where others write through an export of their own. What is so already is a warning. */
function refuseExposed(
  { access, path, host }: NfsExportInputs,
  observed: ObservedNfsExport | undefined,
): void {
  const [first] = observed?.exposed ?? [];
  if (access !== "single" || !first || observed?.record) return;
  throw new Refused(
    `path: ${describeOpen(path, first)} (on host "${host.name}"): who mounts that writes here too, whoever holds the volume, and also once it was fenced. Nothing was changed.\nChoose a path outside of it, or end that export.`,
  );
}

/** Its file is made last, and a record that nobody was ever given is what is left of a making that was cut off. */
function refuseGone(
  wanted: NfsExportInputs,
  observed: ObservedNfsExport | undefined,
  identity: NfsExportInputs,
): void {
  const { record, file } = observed ?? {};
  const isMaking = record?.epoch === 0 && [wanted.owner, identity.owner].includes(record.owner);
  if (file === undefined && (!record || isMaking)) return;
  const path = record?.path ?? wanted.path;
  refuseAnew(wanted.name, wanted.host.name, {
    files: rememberedBy(wanted, observed),
    what: `directory ${path}`,
    ...{ anew: "an empty one", trash: trashOf(path) },
  });
}

function rememberedBy(
  { name }: NfsExportInputs,
  { file, record }: ObservedNfsExport = NOTHING,
): readonly string[] {
  return [...(file === undefined ? [] : [exportsFile(name)]), ...(record ? [volumeRecordFile(name)] : [])];
}

/** The record as it is to be; none where access is shared. */
function recordFor(
  wanted: NfsExportInputs,
  { record: found, mountPoint }: ObservedNfsExport = NOTHING,
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
  if (found) return { ...found, owner, path, fsid };
  return { owner, kind: "nfs", path, fsid, ...(mountPoint && { mountPoint }), epoch: 0 };
}

/** Compares it in any case: what is exported is made from it. */
function keepRecord(name: string, found: NfsRecord | undefined, wanted: NfsRecord | undefined): Step[] {
  if (!wanted) return found ? [compareRecord(name, found), removeRecord(name)] : [];
  if (!found) return makeRecord(name, wanted);
  return recordText(found) === recordText(wanted)
    ? [compareRecord(name, found)]
    : [compareRecord(name, found, wanted), writeRecord(name, wanted)];
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
    file === exportsText(wanted.owner, wanted.path, fsidOf(wanted), [], observed?.mountPoint)
  );
}

function textOf(
  wanted: NfsExportInputs,
  record: NfsRecord | undefined,
  mountPoint: string | undefined,
): string {
  return exportsText(wanted.owner, wanted.path, fsidOf(wanted), clientsOf(wanted, record), mountPoint);
}
