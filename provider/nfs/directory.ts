import type { Directory } from "../facts/exported-directories.js";
import { Refused } from "../host/errors.js";
import type { Host } from "../host/host.js";
import { sh } from "../host/sh.js";
import { runFor, type Step } from "../host/steps.js";
import { findLink, type Link, linkIn } from "../links.js";

/** What a path is, and whether it leads elsewhere. */
export interface Found {
  readonly directory: Directory | undefined;
  readonly link?: Link | undefined;
}

/** One that an export of ours names: with all others, unless there is something unusual about it. */
export async function lookAtExported(
  host: Host,
  path: string,
  exported: ReadonlyMap<string, Directory>,
): Promise<Found> {
  const directory = exported.get(path);
  return directory ? { directory } : lookAtDirectory(host, path);
}

export async function lookAtDirectory(host: Host, path: string): Promise<Found> {
  const said = await host.look(
    `looking at ${path}`,
    sh`${findLink(path)}
if [ -e ${path} ]; then
  stat -L -c '%F|%a|%U|%u|%G|%g' -- ${path}
  [ ! -d ${path} ] || ls -A -- ${path} | head -n 1
fi`,
    true,
  );
  const { link, rest } = linkIn(said);
  const [line, entry] = rest.trim().split("\n");
  if (!line) return { directory: undefined, link };
  const [kind, mode = "", user = "", uid = "", group = "", gid = ""] = line.split("|");
  if (kind !== "directory") throw new Refused(`${path} on host "${host.name}" is a ${kind}, not a directory`);
  const empty = entry === undefined;
  return { directory: { mode: mode.padStart(4, "0"), user, uid, group, gid, empty }, link };
}

interface Wanted {
  readonly path: string;
  readonly mode?: string | undefined;
  readonly user?: string | undefined;
  readonly group?: string | undefined;
}

/** chmod(1) keeps a directory's setuid and setgid bits, which its parent may have given it, unless the mode has five digits. */
export function keepDirectory({ path, mode, user, group }: Wanted, found: Directory | undefined): Step[] {
  const steps: Step[] = [];
  if (!found) steps.push(runFor(`make ${path}`, [path], sh`mkdir -p -- "$@"\nchmod 0755 -- "$@"`, path));
  if (mode && found?.mode !== mode)
    steps.push(runFor(`set the mode of ${path}`, [path], sh`chmod ${`0${mode}`} -- "$@"`, path));
  if (user && found?.user !== user && found?.uid !== user)
    steps.push(runFor(`set the user of ${path}`, [path], sh`chown ${user} -- "$@"`, path));
  if (group && found?.group !== group && found?.gid !== group)
    steps.push(runFor(`set the group of ${path}`, [path], sh`chgrp ${group} -- "$@"`, path));
  return steps;
}

/** A container may change the owner of its data: only what the program sets is watched. */
export function watched({ mode, user, group }: Wanted, found: Directory): Omit<Wanted, "path"> {
  return {
    ...(mode && { mode: found.mode }),
    ...(user && user !== found.uid && { user: found.user }),
    ...(group && group !== found.gid && { group: found.group }),
  };
}
