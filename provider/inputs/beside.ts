import type { CheckFailure } from "../resource.js";
import { describeOwner } from "../volume-record.js";

/** What is wrong between resources that the program puts on one host: known at preview, before the host is asked. */

interface Named {
  readonly name: string;
  readonly owner: string;
}

/** Two of one kind: files, units and images on the host are named after them. */
export function besideNamesakes({ name }: Named, others: readonly Named[]): CheckFailure[] {
  const other = others.find((each) => each.name === name);
  if (!other) return [];
  const reason = `"${name}" is also the name of ${describeOwner(other.owner)} on this host: give each its own`;
  return [{ property: "name", reason }];
}

/** For `among`: whatever is mounted on a node. */
export const MOUNTS = "mounts";

interface Mounted {
  readonly path: string;
  readonly owner: string;
}

/** Neither at the other's place, nor among its data. */
export function besideMounts({ path }: Mounted, others: readonly Mounted[]): CheckFailure[] {
  for (const { path: other, owner } of others) {
    const what = `the mount of ${describeOwner(owner)}`;
    const reason =
      other === path
        ? `${path} is the place of ${what}: give each its own`
        : path.startsWith(`${other}/`)
          ? `${path} is inside ${what} at ${other}, among its data. Choose a path outside of it`
          : other.startsWith(`${path}/`)
            ? `${path} would hide ${what} at ${other}. Choose another path`
            : undefined;
    if (reason) return [{ property: "path", reason }];
  }
  return [];
}

/** For `among`: templates and their clones. A clone has the name of its template, and may have that name itself. */
export const IMAGES = "images";

export function isClone(image: object): boolean {
  return "template" in image;
}
