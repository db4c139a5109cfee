/** The table of a run: for the terminal, and for docs/reliability.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { readRecord } from "../../lab/record.js";
import type { Fault } from "./fault.js";
import type { Result } from "./runner.js";
import { seconds } from "./stack.js";

export const BEGIN = "<!-- Written by `npm run test:faults`, from its last run of all faults. -->";
export const END = "<!-- Until here. -->";

/** From bin/tests/faults/suite/ to the page. */
const PAGE = join(__dirname, "..", "..", "..", "..", "docs", "reliability.md");

export function summaryTable(results: readonly Result[]): string {
  const rows = byFault(results).map(({ fault, runs, passed, pause, slowest, measured }) => [
    fault.name,
    `${passed} of ${runs}`,
    pause,
    seconds(slowest),
    measured,
  ]);
  const all = [["FAULT", "PASSED", "LONGEST PAUSE", "SLOWEST RUN", "MEASURED"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Replaces what stands between the two markers. */
export function writePage(results: readonly Result[], seed: string, rounds: number, date = new Date()): void {
  const page = readFileSync(PAGE, "utf8");
  writeFileSync(PAGE, withTable(page, pageTable(results, seed, rounds, date, machine())));
}

export function withTable(page: string, table: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/reliability.md lacks the lines ${BEGIN} and ${END}`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${table}\n\n${page.slice(to)}`;
}

export function pageTable(
  results: readonly Result[],
  seed: string,
  rounds: number,
  date: Date,
  machine: string,
): string {
  const passed = results.filter((result) => result.passed).length;
  const rows = byFault(results).map(
    ({ fault, runs, passed, pause, measured }) =>
      `| ${fault.promise} | ${fault.fault} (\`${fault.name}\`) | ${fault.expected}${measured && ` Measured: ${measured}.`} | ${pause} | ${passed} of ${runs} |`,
  );
  return `${date.toISOString().slice(0, 10)}, ${rounds} ${rounds === 1 ? "round" : "rounds"}, seed \`${seed}\`, on ${machine}: ${passed} passed, ${results.length - passed} failed.

| promise | fault | what happens | longest pause | passed |
| --- | --- | --- | --- | --- |
${rows.join("\n")}`;
}

function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim().replaceAll("|", "/") || "an unknown processor";
  const cores = `${processors.length} ${processors.length === 1 ? "core" : "cores"}`;
  const hosts = readRecord()?.accelerator === "kvm" ? "run with KVM" : "emulated by QEMU (TCG)";
  return `a machine with ${cores} (${model}), the three hosts ${hosts}`;
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
