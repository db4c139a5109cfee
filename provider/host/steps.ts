import { dirname } from "node:path";
import type { HostRef } from "../inputs/host-ref.js";
import { POOL } from "../pool.js";
import type { EngineCall } from "./docker.js";
import { Sh, sh } from "./sh.js";

/** One thing to be done, as data: `plan` makes it, only the lifecycle applies it. Safe to be done again. */
export interface Step {
  /** What it does, in plain words: an error and a preview show it. */
  readonly title: string;
  /** Where, when it is not the resource's own host. */
  readonly host?: HostRef;
  readonly action: Sh | EngineCall;
  /** Has a secret in it: the command is never shown. */
  readonly secret?: boolean;
  /** Directories in which it changes files of ours: its script ends when they are on the disk. */
  readonly changes?: readonly string[];
  /** Only compares what the plan was made from with what is there now. It fails: another program was faster. */
  readonly compares?: boolean;
  /** What "$@" is in its command, which does the same for any number of them: several resources' are done at once. */
  readonly of?: readonly string[];
  /** Takes its time, or leaves something running: it has a script of its own, and holds up nobody else. */
  readonly alone?: boolean;
  /** Makes its object whole or not at all: when it fails, the host is as it was before. */
  readonly leavesNothing?: boolean;
}

/** Steps on one host in a row. */
export type Steps = [Step, ...Step[]];

/** A command; `changes` are the directories in which it changes files of ours. */
export function run(title: string, script: Sh, ...changes: string[]): Step {
  return { title, action: script, ...(changes.length > 0 && { changes }) };
}

/** The same, each in a script that it does not share. */
export function alone(...steps: readonly Step[]): Step[] {
  return steps.map((step) => ({ ...step, alone: true }));
}

/** A command on `of`, its "$@", that does the same for any number of them. */
export function runFor(title: string, of: readonly string[], script: Sh, ...changes: string[]): Step {
  return { ...run(title, script, ...changes), of };
}

/** The whole command, as it can be pasted into a shell. */
export function commandOf({ action, of }: Step): Sh {
  return of ? sh`set -- ${of}\n${action as Sh}` : (action as Sh);
}

/** A call to the host's Docker Engine. */
export function engine(title: string, call: EngineCall): Step {
  return { title, action: call };
}

/** What was not there when the plan was made still is not. */
export function checkAbsent(what: string, path: string): Step {
  return {
    title: `check that there is no ${what} yet`,
    compares: true,
    action: sh`[ ! -e ${path} ] || { echo "another program made it meanwhile: ${new Sh(path)} is there" >&2; exit 1; }`,
  };
}

/** Removes a file of ours, and its directory when that is ours and nothing else is in it. It may be gone already. */
export function remove(path: string): Step {
  const tidy = path.startsWith(`${POOL}/`) ? sh`\n${removeIfEmpty(dirname(path), POOL)}` : sh``;
  return run(`remove ${path}`, sh`rm -f ${path}${tidy}`, dirname(path));
}

/** Removes directories that nothing is in, in this order; others, mount points, and those that are gone, are left alone. Another program may do the same now. */
export function removeIfEmpty(...directories: string[]): Sh {
  return sh`for d in ${directories}; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done`;
}

/** The same steps, on another host. */
export function on(host: HostRef, steps: readonly Step[]): Step[] {
  return steps.map((step) => ({ ...step, host }));
}
