import { exportedDirectoriesFact } from "../facts/exported-directories.js";
import { type ActiveExport, exportsFact } from "../facts/exports.js";
import { mountPointsFact } from "../facts/mount-points.js";
import { ourFilesFact } from "../facts/our-files.js";
import type { Host } from "../host/host.js";
import type { Reach } from "../resource.js";
import { type Found, lookAtDirectory, lookAtExported } from "./directory.js";
import { fsidOf, type NfsExportInputs } from "./export-inputs.js";
import { mountPointIn, mountPointOf } from "./exported-while-mounted.js";
import { exportsFile } from "./files.js";
import { type Exported, openTo, overlapping } from "./overlap.js";
import { type NfsRecord, readNfsRecord, requireNoBlockVolume } from "./record.js";

export interface ObservedNfsExport extends Found {
  /** Our drop-in file. */
  readonly file: string | undefined;
  readonly active: readonly ActiveExport[];
  /** What has to be mounted for it to be exported; where it is not exported yet, what is. */
  readonly mountPoint?: string | undefined;
  /** The directory itself is one where something is mounted. */
  readonly isMountPoint?: boolean;
  /** Nothing is mounted there now: the directory is not looked at. */
  readonly unmounted?: boolean;
  /** Who holds it, where its access is single. */
  readonly record?: NfsRecord | undefined;
  /** Other exports that share its files, or its `fsid`. */
  readonly overlaps?: readonly Exported[];
  /** Others' exports through which it can be written to. */
  readonly exposed?: readonly ActiveExport[];
}

export async function observeExport(
  host: Host,
  inputs: NfsExportInputs,
  _reach: Reach,
  isNew = false,
): Promise<ObservedNfsExport | undefined> {
  const { name, path, access } = inputs;
  const [active, files, exported, mounted, looked] = await Promise.all([
    host.fact(exportsFact),
    host.fact(ourFilesFact),
    host.fact(exportedDirectoriesFact),
    host.fact(mountPointsFact),
    isNew ? lookAtDirectory(host, path) : undefined,
  ]);
  if (access === "single") requireNoBlockVolume(files, name, host.name);
  const record = readNfsRecord(files, name, host.name);
  const file = files.get(exportsFile(name));
  const found =
    looked ?? (await (file || record ? lookAtExported(host, path, exported) : lookAtDirectory(host, path)));
  const here = active.filter((entry) => entry.path === path);
  const { link } = found;
  const mountPoint = record
    ? record.mountPoint
    : file === undefined
      ? mountPointOf(path, mounted)
      : mountPointIn(file);
  const unmounted = mountPoint !== undefined && !mounted.has(mountPoint);
  const directory = unmounted ? undefined : found.directory;
  const overlaps = overlapping({ name, path, fsid: fsidOf(inputs) }, files, active);
  const overlapped = overlaps.length > 0 && { overlaps };
  const open = openTo(path, files, active);
  const exposed = open.length > 0 && { exposed: open };
  const isKnown = directory || link || file !== undefined || here.length > 0 || record;
  if (!isKnown && !overlapped && !exposed && !mountPoint) return undefined;
  const isMountPoint = mounted.has(path);
  const place = {
    ...(mountPoint && { mountPoint }),
    ...(unmounted && { unmounted }),
    ...(isMountPoint && { isMountPoint }),
  };
  return { ...found, directory, file, active: here, record, ...place, ...overlapped, ...exposed };
}
