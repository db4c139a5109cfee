import { dirname } from "node:path";
import { Refused } from "./host/errors.js";
import { sh } from "./host/sh.js";
import { remove, runFor, type Step } from "./host/steps.js";
import { describeLink } from "./links.js";
import { fsidOf, type NfsExportInputs } from "./nfs-export-inputs.js";
import type { ObservedNfsExport } from "./nfs-export-observing.js";
import { checkUnused, exportsFile, exportWithout } from "./nfs-exporting.js";
import { isWithin } from "./nfs-overlap.js";
import { removeRecord } from "./nfs-record.js";
import { ownerIn } from "./ownership.js";
import { moveToTrash } from "./trash.js";
import { compareRecord, describeHolder } from "./volume-record.js";

/** The steps until it is exported no more, and its directory is where `onDelete` says. */
export function planGone(observed: ObservedNfsExport | undefined, identity: NfsExportInputs): Step[] {
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
  if (observed.directory && identity.onDelete !== "retain") steps.push(checkNothingMounted(path));
  if (!record && observed.active.length > 0) steps.push(checkUnused(path));
  if (observed.file !== undefined || observed.active.length > 0) {
    steps.push(remove(exportsFile(name)), exportWithout);
  }
  if (isOurRecord) steps.push(removeRecord(name));
  if (observed.directory && identity.onDelete === "trash")
    steps.push(moveToTrash(path, "NfsExport", identity));
  if (observed.directory && identity.onDelete === "destroy") {
    steps.push(
      runFor(`destroy ${path}`, [path], sh`${refuseMounts}\nrm -rf --one-file-system -- "$@"`, dirname(path)),
    );
  }
  return steps;
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
