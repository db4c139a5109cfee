import { type Sh, sh } from "./host/sh.js";
import { shown } from "./inputs/shown.js";

/** A symbolic link among the directories of a path, or the path itself: what is done there is done elsewhere. */
export interface Link {
  readonly at: string;
  readonly target: string;
  /** Where the whole path leads. */
  readonly real: string;
}

/** Prints a line for the first link on the way to a path, or nothing. */
export function findLink(path: string): Sh {
  return sh`at=
for part in ${path.split("/").filter(Boolean)}; do
  at=$at/$part
  [ ! -L "$at" ] || { printf '%s\\0%s\\0%s\\0' "$at" "$(readlink -- "$at")" "$(realpath -m -- ${path})"; break; }
done`;
}

export interface LinkFound {
  readonly link: Link | undefined;
  /** What the script printed behind it. */
  readonly rest: string;
}

/** The link in a script's output. */
export function linkIn(stdout: string): LinkFound {
  const [at, target, real, rest] = stdout.split("\0");
  if (at === undefined || target === undefined || real === undefined || rest === undefined)
    return { link: undefined, rest: stdout };
  return { link: { at, target, real }, rest };
}

export function describeLink({ at, target, real }: Link): string {
  return `${at} is a symbolic link to ${shown(target)}, and the path leads to ${shown(real)}`;
}
