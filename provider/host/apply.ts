import type { HostRef } from "../host-ref.js";
import { durably } from "./durable.js";
import { CleanlyFailed, CommandFailed, Overtaken, Refused, TimedOut } from "./errors.js";
import type { Host } from "./host.js";
import { type Limits, scriptMs } from "./limits.js";
import { LOCK_HELD, lockFile, takeLock } from "./lock.js";
import { setPatience } from "./patience.js";
import { Sh, sh } from "./sh.js";
import type { Step } from "./steps.js";

export interface ApplyOptions {
  /** Name of the lock that serialises these steps with those of other programs. */
  readonly lock: string;
  /** Who does it, in plain words: what others are told who wait for the lock. */
  readonly who: string;
}

const MARK = "\u001e";

/** Applies steps in order: those on one host in a row as one script, in one round trip. */
export async function apply(
  home: Host,
  reach: (ref: HostRef) => Host,
  steps: readonly Step[],
  options: ApplyOptions,
): Promise<void> {
  for (const group of groups(steps)) {
    const [first] = group;
    const host = first.host ? reach(first.host) : home;
    host.forgetFacts();
    try {
      if (first.action instanceof Sh) await applyScript(host, group, options);
      else await host.engine.apply(first.title, first.action);
    } finally {
      host.forgetFacts();
    }
  }
}

type Group = [Step, ...Step[]];

function groups(steps: readonly Step[]): Group[] {
  const all: Group[] = [];
  for (const step of steps) {
    const group = all.at(-1);
    const same =
      group &&
      step.action instanceof Sh &&
      group[0].action instanceof Sh &&
      step.host?.name === group[0].host?.name;
    if (same) group.push(step);
    else all.push([step]);
  }
  return all;
}

async function applyScript(host: Host, steps: Group, options: ApplyOptions): Promise<void> {
  const titles = steps.map((step) => step.title).join(", ");
  const all = durably(steps);
  const bounds = { timeoutMs: scriptMs(host.limits), lockMs: host.limits.lockMs };
  const { stdout, stderr, exitCode } = await host
    .attempt(titles, script(all, options, host.limits), bounds)
    .catch((error) => {
      const step = error instanceof TimedOut && stepIn(all, error.stdout);
      throw step ? error.during(step.title) : error;
    });
  if (exitCode === 0) return;
  const step = stepIn(all, stdout);
  const said = afterMark(stderr) || afterMark(stdout).replace(/^\d+\n/, "");
  if (!step) throw noLock(host, titles, options.lock, exitCode, said);
  const command = step.secret ? "(not shown: it holds a secret)" : (step.action as Sh).text;
  const Failed = step.compares ? Overtaken : step.leavesNothing ? CleanlyFailed : CommandFailed;
  throw new Failed(host.name, step.title, command, exitCode, said);
}

function noLock({ name, limits }: Host, titles: string, lock: string, exitCode: number, said: string): Error {
  if (exitCode !== LOCK_HELD)
    return new CommandFailed(name, `taking the lock ${lock}`, `flock ${lockFile(lock)}`, exitCode, said);
  return new Refused(
    `on host "${name}" ${said.trim()}\nIt was waited for ${limits.lockMs / 1000} s, and nothing was done of: ${titles}\nLet that program finish, or stop it (fuser -v ${lockFile(lock)} on the host shows its processes), then run the same command again. timeouts.lock of the resource is how long it waits.`,
  );
}

/** One script for all steps; a mark before each tells, when it fails, which it was. */
export function script(steps: readonly Step[], { lock, who }: ApplyOptions, limits: Limits): Sh {
  const marked = steps.map(
    (step, index) => sh`printf '\\036%d\\n' ${index}; printf '\\036' >&2\n${step.action as Sh}\n`,
  );
  return sh`set -eu
lock_wait=${Math.ceil(limits.lockMs / 1000)} who=${who} ${setPatience(limits.stepsMs)}
${takeLock(9, lock)}
${new Sh(marked.map(String).join(""))}`;
}

/** The step whose mark was the last. */
function stepIn(steps: readonly Step[], stdout: string): Step | undefined {
  return stdout.includes(MARK) ? steps[Number(afterMark(stdout).split("\n", 1)[0])] : undefined;
}

/** What came after the last mark; all of it where there is none. */
function afterMark(output: string): string {
  return output.slice(output.lastIndexOf(MARK) + 1);
}
