#!/usr/bin/env node
/** `npm run test:faults`: every fault, on the lab. */
import { randomBytes } from "node:crypto";
import { downOnExit } from "../lab/index.js";
import { summary } from "../tap.js";
import { cable } from "./cable.js";
import { cutAtSteps } from "./cut-at-steps.js";
import { disk } from "./disk-full.js";
import { docker } from "./docker-restart.js";
import { failOver } from "./fail-over.js";
import { failedStart } from "./failed-start.js";
import { fourStacks } from "./four-stacks.js";
import { frozen } from "./frozen-node.js";
import { imageByHand } from "./image-by-hand.js";
import { interrupted } from "./interrupted.js";
import { lostAlive } from "./lost-alive.js";
import { manyOnOneNode } from "./many-on-one-node.js";
import { oldWays } from "./old-credential.js";
import { outage } from "./outage.js";
import { power } from "./power.js";
import { sshKilled } from "./ssh-killed.js";
import { storageAbsent } from "./storage-absent.js";
import type { Fault } from "./suite/fault.js";
import { ProgressFile } from "./suite/progress-file.js";
import { Random } from "./suite/random.js";
import { summaryTable, writePage } from "./suite/report.js";
import { inGroups, type Result, Runner } from "./suite/runner.js";
import { twoWriters } from "./two-writers.js";

const faults: readonly Fault[] = [
  ...power,
  ...storageAbsent,
  ...docker,
  ...cable,
  ...outage,
  ...twoWriters,
  ...oldWays,
  ...imageByHand,
  ...interrupted,
  ...sshKilled,
  ...cutAtSteps,
  ...failedStart,
  ...disk,
  ...frozen,
  ...failOver,
  ...lostAlive,
  ...fourStacks,
  ...manyOnOneNode,
];

const HELP = `Every fault on the lab's three hosts, with a writer that decides whether anything was lost.

Usage: npm run test:faults [-- NAME…]

  NAME…, or FAULTS=NAME,NAME   those alone; docs/reliability.md is written by runs of all
  ROUNDS=n                     the whole list n times, with other moments and lengths each time
  SEED=TEXT                    the same moments and lengths as in the run that printed this seed; one that was
                               ended before its end goes on from there, unless the code is another
  RESULTS=FOLDER               keeps what was found there and not in the cache: to go on on another machine, and as a record
  STEPS=all                    cut-at-steps at every step of each resource, and not at a third of them; three rounds
                               have all thirds

`;

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP + list());
    return 0;
  }
  const names = [...args, ...(process.env.FAULTS ?? "").split(",")].filter(Boolean);
  const chosen = inGroups(names.length === 0 ? faults : names.map(named));
  const rounds = Number(process.env.ROUNDS ?? 1);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`ROUNDS is ${process.env.ROUNDS}: a number from 1`);
  const seed = process.env.SEED ?? randomBytes(4).toString("hex");
  console.log(`SEED=${seed}`);
  downOnExit();
  const progress = ProgressFile.open(seed, faults);
  const results: Result[] = [];
  const runner = new Runner();
  const first = Math.floor(new Random(seed).between(0, 1000));
  for (let round = 1; round <= rounds; round++) {
    for (const [index, fault] of chosen.entries()) {
      const where = rounds === 1 ? "" : `round ${round}, `;
      console.log(`${where}${index + 1} of ${chosen.length}: ${fault.name}. ${fault.fault}`);
      const before = progress.of(fault, round);
      if (before) console.log(`  ${before.passed ? "passed" : "FAILED"} before this run was ended`);
      else console.log(`  Expected: ${fault.expected}`);
      const result =
        before ?? (await runner.run(fault, `${seed}/${round}`, first + round, chosen[index + 1]));
      if (!before) progress.add(result, round);
      results.push(result);
    }
  }
  if (names.length === 0) writePage(results, seed, rounds);
  progress.done();
  console.log(`\n${summaryTable(results)}\n`);
  const passed = results.filter((result) => result.passed).length;
  const failed = results.length - passed;
  console.log(summary({ passed, failed, skipped: 0 }));
  return failed > 0 ? 1 : 0;
}

function named(name: string): Fault {
  const fault = faults.find((known) => known.name === name);
  if (!fault)
    throw new Error(`no fault "${name}"; there are
${list()}`);
  return fault;
}

function list(): string {
  return faults.map(({ name, fault }) => `  ${name.padEnd(28)} ${fault}`).join("\n");
}

main(process.argv.slice(2)).then(
  // What is kept open, SSH connections say, must not hold the program.
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
