import { join } from "node:path";
import { progress } from "./lab/progress.js";
import { run } from "./lab/run.js";

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What failed, and the lines that say why: of everything that ran, repeated at the end, since long logs are cut. */
export const failures: string[] = [];

/** Ava's TAP names the tests that were too slow, but not a file that was. */
const STILL_RUNS = "\nMaybe a test file did not exit, when its tests had ended, within ava's timeout.";

export interface AvaRun {
  title: string;
  /** Where the tests and their node_modules are. */
  cwd: string;
  /** The Node binary that runs them. */
  node: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** Print every test as it ends, for few and long ones. */
  each?: boolean;
}

/** Runs ava and counts what its TAP output says. What went wrong without being a test counts as a failure too. */
export async function runAva({ title, cwd, node, args, env, each }: AvaRun): Promise<Counts> {
  const step = progress(title);
  const tap = tapCounter();
  const ava = join(cwd, "node_modules", "ava", "entrypoints", "cli.mjs");
  const onLine = (line: string) => {
    const ended = tap.line(line);
    // A failed test, and the lines after it that explain it.
    if (tap.inFailure() || (ended && each)) print(line);
    if (ended) step.update(`${summary(tap.counts)}, ${ended.replace(/^(not )?ok \d+ - /, "")}`);
  };
  let crash: string | undefined;
  try {
    await run(node, [ava, "--tap", ...args], { cwd, env: env ?? process.env, onLine });
  } catch (error) {
    // A failed test makes ava fail: it is in the counts already.
    if (tap.counts.failed === 0)
      crash = `no test failed, but ${(error as Error).message}${tap.finished() ? STILL_RUNS : ""}`;
  }
  if (!crash && !tap.finished()) crash = "the test run ended early";
  if (!crash && tap.counts.passed + tap.counts.failed === 0) crash = "no test ran";
  if (crash) {
    tap.counts.failed += 1;
    print(`${title}: ${crash}`);
    failures.push(`${title}: ${crash}`);
  }
  for (const line of tap.reasons) print(line);
  if (tap.reasons.length > 0) failures.push(`${title}:`, ...tap.reasons);
  if (tap.counts.failed > 0) step.fail(summary(tap.counts));
  else step.finish(summary(tap.counts));
  return tap.counts;
}

export function summary({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

const MAX_REASONS = 60;

/** Counts test lines; `line` answers with the line when it is a test's result. */
export function tapCounter() {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  let planned: number | undefined;
  let seen = 0;
  let failing = false;
  const reasons: string[] = [];
  return {
    counts,
    /** The failed tests, each with the lines that most likely say why: what a reader of a long log looks for first. */
    reasons,
    line(line: string): string | undefined {
      if (failing && /error|difference|^\s*[-+] /i.test(line) && reasons.length < MAX_REASONS)
        reasons.push(line);
      const plan = /^1\.\.(\d+)/.exec(line);
      if (plan) planned = Number(plan[1]);
      const result = /^(not )?ok \d+( |$)/.exec(line);
      if (!result) return undefined;
      seen += 1;
      failing = false;
      if (/ # (SKIP|TODO)\b/i.test(line)) counts.skipped += 1;
      else if (result[1]) {
        counts.failed += 1;
        failing = true;
        reasons.push(line);
      } else counts.passed += 1;
      return line;
    },
    /** At a failed test, or in the lines that explain it. */
    inFailure: () => failing,
    /** The closing plan came, and names no more tests than were seen. */
    finished: () => planned !== undefined && planned <= seen,
  };
}

function print(line: string): void {
  process.stderr.write(`${process.stderr.isTTY ? "\r\u001b[2K" : ""}${line}\n`);
}
