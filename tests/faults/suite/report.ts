/** The table of a run: for the terminal, and for docs/reliability.md. */

import { seconds } from "../../lab/cli-stack.js";
import { machineWithLab, type WrittenPart, writePart } from "../../page.js";
import { markdownTable, textTable } from "../../table.js";
import type { Fault } from "./fault.js";
import type { Result } from "./runner.js";

export const PART: WrittenPart = {
  page: "reliability.md",
  begin: "<!-- Written by `npm run test:faults`, from its last run of all faults. -->",
};

export function summaryTable(results: readonly Result[]): string {
  const rows = byFault(results).map(({ fault, runs, passed, pause, slowest, measured }) => [
    fault.name,
    `${passed} of ${runs}`,
    pause,
    seconds(slowest),
    measured,
  ]);
  return textTable([["FAULT", "PASSED", "LONGEST PAUSE", "SLOWEST RUN", "MEASURED"], ...rows]);
}

export function writePage(results: readonly Result[], seed: string, rounds: number, date = new Date()): void {
  writePart(PART, pageTable(results, seed, rounds, date, machineWithLab()));
}

export function pageTable(
  results: readonly Result[],
  seed: string,
  rounds: number,
  date: Date,
  machine: string,
): string {
  const passed = results.filter((result) => result.passed).length;
  const rows = byFault(results).map(({ fault, runs, passed, pause, measured }) => [
    fault.promise,
    `${fault.fault} (\`${fault.name}\`)`,
    `${fault.expected}${measured && ` Measured: ${measured}.`}`,
    pause,
    `${passed} of ${runs}`,
  ]);
  return `${date.toISOString().slice(0, 10)}, ${rounds} ${rounds === 1 ? "round" : "rounds"}, seed \`${seed}\`, on ${machine}: ${passed} passed, ${results.length - passed} failed.

${markdownTable([["promise", "fault", "what happens", "longest pause", "passed"], ...rows])}`;
}

function byFault(results: readonly Result[]) {
  return [...new Set(results.map(({ fault }) => fault))].map((fault: Fault) => {
    const runs = results.filter((result) => result.fault === fault);
    const pauses = runs.flatMap(({ pauseMs }) => pauseMs ?? []);
    const figures = runs.flatMap(({ measured }) => measured);
    return {
      fault,
      runs: runs.length,
      passed: runs.filter(({ passed }) => passed).length,
      pause: pauses.length === 0 ? "no writer" : seconds(Math.max(...pauses)),
      slowest: Math.max(...runs.map(({ ms }) => ms)),
      measured: [...new Set(figures.map(({ what }) => what))]
        .map((what) => `${what} ${range(figures.filter((figure) => figure.what === what))}`)
        .join(", "),
    };
  });
}

function range(figures: readonly { ms: number }[]): string {
  const values = figures.map(({ ms }) => ms);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return values.length === 1 ? seconds(most) : `${seconds(least)} to ${seconds(most)}`;
}
