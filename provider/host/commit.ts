import { durably } from "./durable.js";
import { asError, CleanlyFailed, CommandFailed, Overtaken, Refused, TimedOut } from "./errors.js";
import type { Given } from "./gathering.js";
import { groupScript, type Outcome, outcomesIn } from "./group-script.js";
import type { Host } from "./host.js";
import { scriptMs } from "./limits.js";
import { LOCK_HELD, lockFile } from "./lock.js";
import { afterMark, script, stepIn } from "./single-script.js";
import { commandOf, type Step, type Steps } from "./steps.js";

/** The steps of one resource on one host, and who waits for them. */
export interface Commit {
  readonly steps: Steps;
  readonly lock: string;
  readonly who: string;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Does what several resources want on one host in one script, each with a result of its own. What takes its time, what
 * another program holds up, and what a script that did not come to its end left open, has a script of its own.
 */
export async function commitTogether(
  host: Host,
  given: Given,
  commits: readonly Commit[],
  later: (commit: Commit) => void,
): Promise<void> {
  const group: Commit[] = [];
  const alone: Commit[] = [];
  for (const commit of commits) {
    if (commit.steps.some((step) => step.alone || step.leavesNothing)) alone.push(commit);
    // What one of them is to do may depend on what the other does.
    else if (group.some(({ lock }) => lock === commit.lock)) later(commit);
    else group.push(commit);
  }
  // They take a shell each when there is one.
  for (const commit of alone) void commitAlone(host, commit);
  if (group.length > 1) await commitGroup(host, given, group);
  else if (group[0]) await commitAlone(host, group[0], given);
}

/** Never rejects. */
async function commitAlone(host: Host, commit: Commit, given?: Given): Promise<void> {
  host.forgetFacts();
  const error = await applyScript(host, commit, given).then(() => undefined, asError);
  host.forgetFacts();
  if (error) commit.reject(error);
  else commit.resolve();
}

async function applyScript(host: Host, { steps, lock, who }: Commit, given?: Given): Promise<void> {
  const titles = steps.map((step) => step.title).join(", ");
  const all = durably(steps);
  const bounds = { timeoutMs: scriptMs(host.limits), lockMs: host.limits.lockMs };
  const { stdout, stderr, exitCode } = await host
    .attempt(titles, script(all, { lock, who }, host.limits), bounds, given)
    .catch((error) => {
      const step = error instanceof TimedOut && stepIn(all, error.stdout);
      throw step ? error.during(step.title) : error;
    });
  if (exitCode === 0) return;
  const step = stepIn(all, stdout);
  const said = afterMark(stderr) || afterMark(stdout).replace(/^\d+\n/, "");
  throw step ? failed(host, step, exitCode, said) : noLock(host, titles, lock, exitCode, said);
}

/** Never rejects. */
async function commitGroup(host: Host, given: Given, commits: readonly Commit[]): Promise<void> {
  const members = commits.map((commit) => ({ ...commit, steps: durably(commit.steps) }));
  const titles = abbreviate(commits.flatMap(({ steps }) => steps.map((step) => step.title)).join(", "));
  const bounds = { timeoutMs: scriptMs(host.limits), lockMs: host.limits.lockMs };
  host.forgetFacts();
  let outcomes: Outcome[] = [];
  let problem: Error | undefined;
  try {
    const { stdout, stderr } = await host.attempt(titles, groupScript(members, host.limits), bounds, given);
    outcomes = outcomesIn(members, stdout, stderr);
  } catch (error) {
    problem = asError(error);
  }
  host.forgetFacts();
  commits.forEach((commit, index) => {
    const { exitCode, step, said } = outcomes[index] ?? {};
    if (exitCode === 0) commit.resolve();
    else if (exitCode !== undefined && step) commit.reject(failed(host, step, exitCode, said ?? ""));
    else if (problem && !(problem instanceof TimedOut)) commit.reject(problem);
    // Its lock was not free, or the time of all was over: alone it waits, and has its whole time.
    else void commitAlone(host, commit);
  });
}

function abbreviate(titles: string): string {
  return titles.length <= 400 ? titles : `${titles.slice(0, 400)} …`;
}

function failed(host: Host, step: Step, exitCode: number, said: string): Error {
  const command = step.secret ? "(not shown: it holds a secret)" : commandOf(step).text;
  const Failed = step.compares ? Overtaken : step.leavesNothing ? CleanlyFailed : CommandFailed;
  return new Failed(host.name, step.title, command, exitCode, said);
}

function noLock({ name, limits }: Host, titles: string, lock: string, exitCode: number, said: string): Error {
  if (exitCode !== LOCK_HELD)
    return new CommandFailed(name, `taking the lock ${lock}`, `flock ${lockFile(lock)}`, exitCode, said);
  return new Refused(
    `on host "${name}" ${said.trim()}\nIt was waited for ${limits.lockMs / 1000} s, and nothing was done of: ${titles}\nLet that program finish, or stop it (fuser -v ${lockFile(lock)} on the host shows its processes), then run the same command again. timeouts.lock of the resource is how long it waits.`,
  );
}
