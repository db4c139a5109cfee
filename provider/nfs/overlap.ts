import type { ActiveExport } from "../facts/exports.js";
import type { Files } from "../facts/our-files.js";
import { ownerIn } from "../ownership.js";
import type { CheckFailure } from "../resource.js";
import { describeOwner } from "../volume-record.js";

/** What may not be of two exports on one host: a directory, all that is below it, and the number that clients know it by. */

/** A directory that is exported, or that one node at a time may mount. */
export interface Exported {
  /** Of the volume, where it is one of ours: what is below it, or above, can't be one too. */
  readonly name?: string | undefined;
  readonly path: string;
  readonly fsid?: string | undefined;
  /** Whose it is, for people. */
  readonly what: string;
}

interface Beside {
  readonly name: string;
  readonly path: string;
  readonly fsid: string;
}

/** Of all that the host exports, or has a record of, what is in the way of an export. */
export function overlapping(wanted: Beside, files: Files, active: readonly ActiveExport[]): Exported[] {
  const { at, below, numbered } = indexOf(files, active);
  const near = [
    ...[wanted.path, ...above(wanted.path)].flatMap((path) => at.get(path) ?? []),
    ...(below.get(wanted.path) ?? []),
    ...(numbered.get(wanted.fsid.toLowerCase()) ?? []),
  ];
  return [...new Set(near)].filter((each) => each.name !== wanted.name && problemOf(wanted, each));
}

/**
 * What others, and not Mooring, export for writing above a directory or below it: who mounts that writes here too,
 * whoever holds the volume.
 */
export function openTo(path: string, files: Files, active: readonly ActiveExport[]): ActiveExport[] {
  const { theirs, theirsBelow } = indexOf(files, active);
  const outer = ["/", ...above(path)].flatMap((each) => theirs.get(each) ?? []);
  return [...outer, ...(theirsBelow.get(path) ?? [])];
}

export function describeOpen(path: string, { path: other, client }: ActiveExport): string {
  const where = path.startsWith(other === "/" ? "/" : `${other}/`) ? "is inside of" : "has within it";
  return `${path} ${where} ${other}, which somebody else exports to ${client} for writing`;
}

/** A host with a thousand exports is looked through once, and not once for each of them. */
interface Index {
  readonly active: readonly ActiveExport[];
  /** By path. */
  readonly at: ReadonlyMap<string, Exported[]>;
  /** By each directory above. */
  readonly below: ReadonlyMap<string, Exported[]>;
  readonly numbered: ReadonlyMap<string, Exported[]>;
  /** Of others than Mooring, for writing. */
  readonly theirs: ReadonlyMap<string, ActiveExport[]>;
  readonly theirsBelow: ReadonlyMap<string, ActiveExport[]>;
}

const indexes = new WeakMap<Files, Index>();

function indexOf(files: Files, active: readonly ActiveExport[]): Index {
  const known = indexes.get(files);
  if (known?.active === active) return known;
  const listed = active.map(({ path, options }) => ({
    path,
    fsid: fsidIn(options.join(",")),
    what: `${path}, which somebody else exports`,
  }));
  const said = exportedIn(files);
  const all = [...said, ...listed];
  const ours = new Set(said.flatMap(({ name, path }) => (name === undefined ? [] : [path])));
  const theirs = active.filter(({ path, options }) => options.includes("rw") && !ours.has(path));
  const index = {
    active,
    at: groupedBy(all, ({ path }) => [path]),
    below: groupedBy(all, ({ path }) => above(path)),
    numbered: groupedBy(all, ({ fsid }) => (fsid === undefined ? [] : [fsid.toLowerCase()])),
    theirs: groupedBy(theirs, ({ path }) => [path]),
    theirsBelow: groupedBy(theirs, ({ path }) => above(path)),
  };
  indexes.set(files, index);
  return index;
}

function groupedBy<One>(all: readonly One[], keys: (one: One) => string[]): Map<string, One[]> {
  const groups = new Map<string, One[]>();
  for (const one of all) {
    for (const key of keys(one)) {
      const group = groups.get(key);
      if (group) group.push(one);
      else groups.set(key, [one]);
    }
  }
  return groups;
}

/** The directories that a path is in. */
function above(path: string): string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

function exportedIn(files: Files): Exported[] {
  return [...files].flatMap(([file, text]) =>
    file.endsWith(".exports") ? inDropIn(file, text) : file.endsWith(".json") ? inRecord(file, text) : [],
  );
}

function inDropIn(file: string, text: string): Exported[] {
  const owner = ownerIn(text);
  const name = owner === undefined ? undefined : file.match(/\/mooring-(.*)\.exports$/)?.[1];
  return text.split("\n").flatMap((line) => {
    const [, path] = line.match(/^(\/\S*)\s/) ?? [];
    if (path === undefined) return [];
    const what = owner === undefined ? `${path}, which ${file} exports` : ofVolume(path, owner);
    return [{ name, path, fsid: fsidIn(line), what }];
  });
}

function inRecord(file: string, text: string): Exported[] {
  if (!text.includes('"kind":"nfs"')) return [];
  try {
    const { owner, path, fsid } = JSON.parse(text) as Record<"owner" | "path" | "fsid", string>;
    return [{ name: file.match(/([^/]*)\.json$/)?.[1], path, fsid, what: ofVolume(path, owner) }];
  } catch {
    // Damaged: its own resource says so.
    return [];
  }
}

function fsidIn(options: string): string | undefined {
  return options.match(/\bfsid=([^,)\s]+)/)?.[1];
}

export function ofVolume(path: string, owner: string): string {
  return `${path}, which is NfsExport ${describeOwner(owner)}`;
}

/** Why an export can't be beside another. */
export function problemOf({ path, fsid }: Omit<Beside, "name">, other: Exported): CheckFailure | undefined {
  const { what } = other;
  if (sharesFiles(path, other)) {
    const reason =
      other.path === path
        ? `${what}: one directory is one volume`
        : `${path} ${path.startsWith(`${other.path}/`) ? "is inside of" : "has within it"} ${what}: whoever may mount the outer one reads and writes the inner one too, and what removes the outer one takes the inner one along. Choose a path beside it`;
    return { property: "path", reason };
  }
  if (other.path === path || other.fsid?.toLowerCase() !== fsid.toLowerCase()) return undefined;
  return {
    property: "fsid",
    reason: `${fsid} is that of ${what}: clients would get the one directory for the other. Choose another, or leave it out`,
  };
}

/** Another volume of ours is there, above or below. */
function sharesFiles(path: string, other: Exported): boolean {
  return isWithin(other, path) || (other.name !== undefined && path.startsWith(`${other.path}/`));
}

/** Another volume of ours goes with what is at a path. */
export function isWithin({ name, path: other }: Exported, path: string): boolean {
  return name !== undefined && (other === path || other.startsWith(`${path}/`));
}
