#!/usr/bin/env node
/** `npm run bench`: how long Mooring takes, and others, for the same work. */
import { KeptLines } from "../kept-lines.js";
import { downOnExit, reset } from "../lab/index.js";
import { machineWithLab } from "../page.js";
import { pythonTools } from "./contestants/python-tools.js";
import { performFailOver } from "./fail-over.js";
import { HELP, type Options, readOptions, WrongOption } from "./options.js";
import { type PlannedRun, planOf, titleOf } from "./plan.js";
import { metTargets, report, writePage } from "./report/page.js";
import { Results } from "./results.js";
import { type Circumstances, performRun, type RunResult } from "./run.js";
import { short } from "./short.js";

/** As seen from bin/: what is measured, and what measures it. */
const CODE = ["provider", "sdk", "tests/bench", "tests/faults", "tests/lab", "../tests/bench"];

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === "help") {
    console.log(HELP);
    return 0;
  }
  downOnExit();
  await reset();
  return options.short ? short(options.setBudgets) : long(options);
}

async function long(options: Options): Promise<number> {
  const plan = planOf(options);
  if (plan.length === 0)
    throw new WrongOption("nothing is left: these contestants have no part in these works");
  const open = KeptLines.open<RunResult>({ kind: "bench", key: "", code: CODE });
  const machine = machineWithLab();
  const kept = open.drop(
    // Ratios are of one machine.
    (run) =>
      (!options.goOn && plan.some((planned) => isOf(planned, run))) || run.circumstances?.machine !== machine,
  );
  const runs: RunResult[] = [];
  let failed = 0;
  for (const [index, planned] of plan.entries()) {
    const title = `${index + 1} of ${plan.length}: ${titleOf(planned, options.repetitions)}`;
    const known = kept.before.filter((run) => isOf(planned, run));
    if (known.length > 0) console.error(`${title}: done before this run`);
    try {
      const found = known.length > 0 ? known : await perform(planned, title);
      if (known.length === 0) kept.add(...found);
      runs.push(...found);
    } catch (error) {
      failed += 1;
      console.error(`${title}: ${(error as Error).message}`);
    }
  }
  const results = new Results(runs);
  console.log(`\n${report(results)}\n\n${metTargets(results)}`);
  if (failed > 0) {
    console.error(`${failed} of ${plan.length} runs failed; to do these again: --continue`);
    return 1;
  }
  if (!options.full) return 0;
  writePage(results, options.repetitions);
  kept.done();
  return 0;
}

async function perform(planned: PlannedRun, title: string): Promise<RunResult[]> {
  const circumstances = await circumstancesOf(planned);
  const found = await performOne(planned, title);
  return found.map((run) => ({ ...run, circumstances }));
}

async function performOne(planned: PlannedRun, title: string): Promise<RunResult[]> {
  const { work } = planned;
  if (work === "fail-over") {
    console.error(title);
    return performFailOver(planned);
  }
  return [await performRun(planned, work, title, { warm: true })];
}

/** A run that goes on may go on another day, on another machine. */
async function circumstancesOf({ contestant }: PlannedRun): Promise<Circumstances> {
  const date = new Date().toISOString().slice(0, 10);
  const tool =
    contestant === "pyinfra" || contestant === "ansible"
      ? `${contestant} ${(await pythonTools()).versions[contestant]}`
      : undefined;
  return { date, machine: machineWithLab(), ...(tool !== undefined && { tool }) };
}

/** A fail over has a second result, that of the steps by hand. */
function isOf({ work, count, contestant, repetition }: PlannedRun, run: RunResult): boolean {
  return (
    run.work === work &&
    run.count === count &&
    run.repetition === repetition &&
    (run.contestant === contestant || work === "fail-over")
  );
}

main(process.argv.slice(2)).then(
  // What is kept open, SSH connections say, must not hold the program.
  (code) => process.exit(code),
  (error: Error) => {
    const wrong = error instanceof WrongOption;
    console.error(wrong ? `bench: ${error.message}\nFor help: npm run bench -- --help` : error.message);
    process.exit(wrong ? 2 : 1);
  },
);
