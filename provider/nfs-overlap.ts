import type { ActiveExport } from "./facts/exports.js";
import type { Files } from "./facts/our-files.js";
import { ownerIn } from "./ownership.js";
import type { CheckFailure } from "./resource.js";
import { describeOwner } from "./volume-record.js";

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
  const listed: Exported[] = active
    .filter(({ path }) => path !== wanted.path)
    .map(({ path, options }) => ({
      path,
      fsid: fsidIn(options.join(",")),
      what: `${path}, which somebody else exports`,
    }));
  return [...exportedIn(files), ...listed].filter(
    (each) => each.name !== wanted.name && problemOf(wanted, each),
  );
}

/** A host with a thousand exports has a thousand files, and each export looks at all of them. */
const parsed = new WeakMap<Files, readonly Exported[]>();

function exportedIn(files: Files): readonly Exported[] {
  const known = parsed.get(files);
  if (known) return known;
  const found = [...files].flatMap(([file, text]) =>
    file.endsWith(".exports") ? inDropIn(file, text) : file.endsWith(".json") ? inRecord(file, text) : [],
  );
  parsed.set(files, found);
  return found;
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
