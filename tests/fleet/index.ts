#!/usr/bin/env node
/** `npm run fleet`: a refresh of many simulated hosts. */
import { progress } from "../lab/progress.js";
import { machine } from "../page.js";
import { textTable } from "../table.js";
import { HELP, type Options, parseOptions } from "./options.js";
import { LABEL, problemsOf, sizeOf, tableOf, writePage } from "./report.js";
import { type Ran, runScenario, type Scenario } from "./scenario.js";

/** Early in the state's order, where it does most harm; the partner of each is healthy. */
const UNWELL = { 1: "dead", 2: "slow" } as const;

function scenariosOf({ hosts, volumes, delayMs, slowMs, parallel }: Options): [Scenario, ...Scenario[]] {
  const all = { hosts, volumes, delayMs, slowMs, dialSeconds: 15, unwell: {}, parallel: hosts * volumes };
  const limited = { ...all, parallel };
  return [
    { ...all, title: "all reads at once" },
    { ...all, title: "the same, one slow, one dead", unwell: UNWELL },
    { ...limited, title: `${parallel} reads at once` },
    { ...limited, title: "the same, one slow, one dead", unwell: UNWELL },
  ];
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (!options) {
    console.log(HELP);
    return 0;
  }
  const [first, ...others] = scenariosOf(options);
  const rans: [Ran, ...Ran[]] = [await run(first)];
  for (const scenario of others) rans.push(await run(scenario));
  console.log(`${LABEL}\n${sizeOf(rans[0])}\n\n${textTable(tableOf(rans))}`);
  const problems = problemsOf(rans);
  for (const problem of problems) console.error(problem);
  if (options.isDefault && problems.length === 0) writePage(rans, machine());
  return problems.length > 0 ? 1 : 0;
}

async function run(scenario: Scenario): Promise<Ran> {
  const step = progress(scenario.title);
  try {
    const ran = await runScenario(scenario);
    step.finish();
    return ran;
  } catch (error) {
    step.fail((error as Error).message);
    throw error;
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(`${error.message}\nnpm run fleet -- --help has the options.`);
    process.exitCode = 1;
  },
);
