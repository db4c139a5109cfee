import { dirname } from "node:path";
import { Refused } from "../host/errors.js";
import { sh } from "../host/sh.js";
import { remove, runFor, type Step } from "../host/steps.js";
import { write } from "../host/writing.js";
import { describeLink } from "../links.js";
import { compareOwner, ownerIn } from "../ownership.js";
import { compareRecord, describeHolder } from "../volume-record.js";
import { fsidOf, type NfsExportInputs } from "./export-inputs.js";
import type { ObservedNfsExport } from "./export-observing.js";
import { describeUnmounted, forGood } from "./exported-while-mounted.js";
import { checkUnused, exportsText, unexport } from "./exporting.js";
import { exportsFile } from "./files.js";
import { isWithin } from "./overlap.js";
import { removeRecord } from "./record.js";
import { moveToTrash } from "./trash.js";

/** The steps until it is exported no more, and its directory is where `onDelete` says. */
export function planGone(observed: ObservedNfsExport | undefined, identity: NfsExportInputs): Step[] {
  if (!observed) return [];
  const { path, name } = identity;
  if (isAnothers(identity, observed)) return [];
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
  if (observed.unmounted && observed.mountPoint && identity.onDelete !== "retain") {
    throw new Refused(
      `on host "${identity.host.name}" ${describeUnmounted(path, observed.mountPoint)}: what is to be removed (onDelete: "${identity.onDelete}") is there. Nothing was changed.\n${forGood(name)}`,
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
  const { file, active } = observed;
  if (!isOurs(identity, observed)) return isLeftOver(identity, observed) ? [removeEmpty(path)] : [];
  steps.push(...compareOwner(exportsFile(name), { ...identity, adopt: false }, identity, true));
  const emptied = exportsText(identity.owner, path, fsidOf(identity), [], observed.mountPoint);
  if (observed.directory && identity.onDelete !== "retain") steps.push(checkNothingMounted(path));
  if (!record && active.length > 0) steps.push(checkUnused(path));
  if (file !== emptied) steps.push(write(exportsFile(name), emptied));
  if (file !== emptied || active.length > 0) steps.push(unexport(path));
  if (observed.directory && identity.onDelete === "trash")
    steps.push(moveToTrash(path, "NfsExport", identity));
  if (observed.directory && identity.onDelete === "destroy") {
    steps.push(
      runFor(`destroy ${path}`, [path], sh`${refuseMounts}\nrm -rf --one-file-system -- "$@"`, dirname(path)),
    );
  }
  // Last what says whose it is: cut off anywhere before, the next delete goes on.
  steps.push(remove(exportsFile(name)));
  if (isOurRecord) steps.push(removeRecord(name));
  return steps;
}

/** What is in the directory may be anybody's where nothing of ours says that it was exported for this one. */
export function leftAlone(identity: NfsExportInputs, observed: ObservedNfsExport): string | undefined {
  const { directory, file, record } = observed;
  if (isAnothers(identity, observed))
    return `${exportsFile(identity.name)} belongs to ${ownerIn(file ?? "") ?? "somebody else"}`;
  if (record && record.owner !== identity.owner && record.owner !== "")
    return `volume ${identity.name} belongs to ${record.owner}`;
  if (isOurs(identity, observed) || !directory || directory.empty || identity.onDelete === "retain")
    return undefined;
  return `there is something in ${identity.path}, and no sign that it is this one's`;
}

/** A file without an owner is not taken for another's where the record says that it is ours: removing it is an error. */
function isAnothers({ owner }: NfsExportInputs, { file, record }: ObservedNfsExport): boolean {
  if (file === undefined) return false;
  const found = ownerIn(file);
  return found === undefined ? record?.owner !== owner : found !== owner;
}

function isOurs(identity: NfsExportInputs, { file, record, active }: ObservedNfsExport): boolean {
  return file !== undefined || record?.owner === identity.owner || active.length > 0;
}

/** Made for it, before its file was. */
function isLeftOver({ onDelete }: NfsExportInputs, { directory, isMountPoint }: ObservedNfsExport): boolean {
  return directory?.empty === true && !isMountPoint && onDelete !== "retain";
}

function removeEmpty(path: string): Step {
  return runFor(
    `remove ${path}, which is empty`,
    [path],
    sh`rmdir --ignore-fail-on-non-empty -- "$@"`,
    dirname(path),
  );
}

/** A bind mount has the same file system, and rm(1) would empty what it shows. */
const refuseMounts = sh`mounts=$(cat /proc/self/mounts)
for p do
  case $mounts in *" $p "* | *" $p/"*)
    { echo "mounted there, or in it, is:"; findmnt -rno TARGET,SOURCE | grep -F "$p"; echo 'Unmount it first, or set onDelete: "retain".'; } >&2
    exit 1 ;;
  esac
done`;

function checkNothingMounted(path: string): Step {
  return runFor(`check that nothing is mounted in ${path}`, [path], refuseMounts);
}
