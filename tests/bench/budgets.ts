/** Counts that must not grow, and what they may be. Times depend on the machine, counts do not. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunResult } from "./run.js";
import { SOURCES } from "./sources.js";

/** By what is counted. */
export type Counts = Readonly<Record<string, number>>;

export interface Comparison {
  readonly what: string;
  readonly count: number;
  /** `undefined`: nobody has set one. */
  readonly budget: number | undefined;
  readonly within: boolean;
}

const FILE = join(SOURCES, "budgets.json");

/** Of a look at what is there the scripts are always the same, but for one that came late. */
const STEADY = /no change: scripts over SSH$/;

/** By the end of what is counted. */
const ROOM: Readonly<Record<string, number>> = {
  // How many resources share a round trip depends on the moment, and how often a container is looked at on how long it takes.
  "scripts over SSH": 1.5,
  "requests to Docker": 2,
  // Hosts have some of their own, at moments that nobody can foresee.
  "processes per resource": 1.6,
  "bytes of state per resource": 1.02,
};

export function countsOf(runs: readonly RunResult[]): Counts {
  const counts: Record<string, number> = {};
  for (const { work, count, operations, state } of runs) {
    const of = `${work}, N = ${count}`;
    const resources = state?.resources ?? count;
    for (const { operation, roundTrips, processes } of operations) {
      counts[`${of}, ${operation}: scripts over SSH`] = roundTrips?.ssh ?? 0;
      if (roundTrips && (work === "containers" || roundTrips.docker > 0))
        counts[`${of}, ${operation}: requests to Docker`] = roundTrips.docker;
      counts[`${of}, ${operation}: processes per resource`] = rounded((processes ?? 0) / resources);
    }
    if (state)
      counts[`${of}: bytes of state per resource`] = rounded(
        (state.bytes + state.restBytes) / state.resources,
      );
  }
  return counts;
}

/** In the order of the counts; then what has a budget and was not counted, which is no good sign either. */
export function compare(counts: Counts, budgets: Counts): Comparison[] {
  const counted = Object.entries(counts).map(([what, count]) => {
    const budget = budgets[what];
    return { what, count, budget, within: budget !== undefined && count <= budget };
  });
  const missing = Object.keys(budgets)
    .filter((what) => counts[what] === undefined)
    .map((what) => ({ what, count: Number.NaN, budget: budgets[what], within: false }));
  return [...counted, ...missing];
}

export function withRoom(counts: Counts): Counts {
  return Object.fromEntries(
    Object.entries(counts).map(([what, count]) => [
      what,
      STEADY.test(what) ? count + 1 : Math.ceil(count * (ROOM[what.replace(/^.*: /, "")] ?? 1)),
    ]),
  );
}

export function comparisonRows(comparisons: readonly Comparison[]): string[][] {
  return comparisons.map(({ what, count, budget, within }) => [
    within ? "ok" : "TOO MUCH",
    Number.isNaN(count) ? "not counted" : String(count),
    budget === undefined ? "no budget" : `of ${budget}`,
    what,
  ]);
}

export function readBudgets(): Counts {
  return JSON.parse(readFileSync(FILE, "utf8")) as Counts;
}

export function writeBudgets(budgets: Counts): void {
  writeFileSync(FILE, `${JSON.stringify(budgets, undefined, 2)}\n`);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
