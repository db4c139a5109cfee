import { dirname } from "node:path";
import type { Mount } from "./facts/mounts.js";
import type { Files } from "./facts/our-files.js";
import { Refused } from "./host/errors.js";
import type { Host } from "./host/host.js";
import { sh } from "./host/sh.js";
import { removeIfEmpty, runFor, type Step } from "./host/steps.js";
import { describeLink, findLink, type Link, type LinkFound, linkIn } from "./links.js";
import { ownerIn } from "./ownership.js";
import { UNIT_DIRECTORY } from "./systemd.js";
import { describeOwner } from "./volume-record.js";

/** Where mount points are unless the program says otherwise. */
const MOUNT_POINTS = "/mnt/mooring";

/** An empty directory that nobody can write into while nothing is mounted there: data never lands on the root file system. */
export function makeMountPoint(path: string): Step {
  return runFor(
    `make the mount point ${path}`,
    [path],
    sh`n=$#
for p do
  if [ ! -d "$p" ]; then set -- "$@" "$p"
  elif ! mountpoint -q "$p"; then
    [ -z "$(ls -A -- "$p")" ] || { echo "'$p' is not empty: what is in it would be hidden below the mount. Move it away, or choose another path." >&2; exit 1; }
    set -- "$@" "$p"
  fi
done
shift $n
[ $# = 0 ] || { mkdir -p -- "$@"; chattr +i -- "$@"; }`,
    dirname(path),
  );
}

/** What is wrong with a place where nothing is mounted yet. */
export interface Misplaced {
  readonly link?: Link | undefined;
  /** The mount of ours that it is in. */
  readonly within?: string | undefined;
  /** A mount that it would hide. */
  readonly hides?: string | undefined;
  /** Something is there that nothing can be mounted on, or that would be hidden: "is not empty", "is not a directory". */
  readonly taken?: string | undefined;
}

/** What is at a path. Where something is mounted it is not touched: that may hang. */
export async function lookAtPath(node: Host, path: string): Promise<LinkFound> {
  const said = await node.look(
    `looking at ${path}`,
    // The list is read once for all paths that are looked at together.
    sh`: "\${mounts=$(cat /proc/self/mounts)}"
case $mounts in
*${` ${path} `}*) ;;
*)
  ${findLink(path)}
  if [ -d ${path} ]; then [ -z "$(ls -A -- ${path})" ] || echo "is not empty"
  elif [ -e ${path} ]; then echo "is not a directory"; fi
  ;;
esac`,
    true,
  );
  return linkIn(said);
}

/**
 * Only while nothing is mounted there: what is mounted has the path that it says. `looked` is what
 * {@link lookAtPath} found, where that was asked for already.
 */
export async function lookAtPlace(
  node: Host,
  path: string,
  files: Files,
  mounts: readonly Mount[],
  looked?: LinkFound,
): Promise<Misplaced | undefined> {
  if (mounts.some(({ target }) => target === path)) return undefined;
  const { link, rest } = looked ?? (await lookAtPath(node, path));
  return misplaced(path, files, mounts, link, rest.trim());
}

export function misplaced(
  path: string,
  files: Files,
  mounts: readonly Mount[],
  link: Link | undefined,
  taken = "",
): Misplaced | undefined {
  const ours = [...files].flatMap(([file, text]) => mountIn(file, text));
  const within = ours.find(({ where }) => path.startsWith(`${where}/`))?.text;
  const below = mounts.map(({ target, source }) => ({ where: target, text: `${source} at ${target}` }));
  const hides = [...ours, ...below].find(({ where }) => where.startsWith(`${path}/`))?.text;
  return (link ?? within ?? hides) === undefined && taken === ""
    ? undefined
    : { link, within, hides, ...(taken !== "" && { taken }) };
}

/** A mount of ours, mounted now or not. */
function mountIn(file: string, text: string): { where: string; text: string }[] {
  const owner = file.startsWith(`${UNIT_DIRECTORY}/`) && file.endsWith(".mount") && ownerIn(text);
  const where = text.match(/^Where=(.*)$/m)?.[1];
  return owner && where ? [{ where, text: `volume ${describeOwner(owner)} at ${where}` }] : [];
}

export function refuseMisplaced(path: string, node: string, found: Misplaced | undefined): void {
  if (!found) return;
  const { link, within, hides, taken } = found;
  const why = link
    ? `leads elsewhere: ${describeLink(link)}. systemd mounts nothing there. Give a path without links`
    : within
      ? `is inside the mount of ${within}, among its data. Choose a path outside of it`
      : hides
        ? `has a mount below it, which it would hide: ${hides}. Unmount that first, or choose another path`
        : `${taken}: what is there would be hidden below the mount. Move it away, or choose another path`;
  throw new Refused(`path: ${path} on host "${node}" ${why}. Nothing was changed.`);
}

/** The parent that the default paths share goes with the last mount point in it. */
export function removeMountPoint(path: string): Step {
  return runFor(
    `remove the mount point ${path}`,
    [path],
    sh`n=$#
for p do [ ! -d "$p" ] || set -- "$@" "$p"; done
shift $n
[ $# = 0 ] || { chattr -i -- "$@"; rmdir -- "$@"; }
${removeIfEmpty(MOUNT_POINTS)}`,
    dirname(path),
  );
}
