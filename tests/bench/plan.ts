/** Which runs there are, one after another: two cores carry one lab. */
import type { ContestantName } from "./contestants/contestant.js";
import type { Options } from "./options.js";
import type { VolumeWork, WorkName } from "./works.js";

export interface PlannedRun {
  readonly work: WorkName;
  readonly count: number;
  readonly contestant: ContestantName;
  readonly repetition: number;
}

const counts: Readonly<Record<WorkName, readonly number[]>> = {
  // One alone is what a single resource costs.
  nfs: [1, 10, 100],
  nbd: [1, 10, 100],
  containers: [1, 10],
  // What ninety more cost, and nine hundred more: beside what it takes anyway, time grows with their number.
  scale: [10, 100, 1000],
  "fail-over": [1],
};

/** What is worth measuring there. By hand is a script. */
const taking: Readonly<Record<WorkName, readonly ContestantName[]>> = {
  nfs: ["mooring", "floor", "script", "pyinfra", "ansible"],
  nbd: ["mooring", "floor", "script", "pyinfra", "ansible"],
  containers: ["mooring", "floor", "script", "pyinfra", "ansible"],
  scale: ["mooring", "floor", "script"],
  // One run measures both.
  "fail-over": ["mooring"],
};

const MOST_FOR_ANSIBLE = 10;

export function planOf(options: Options): PlannedRun[] {
  const { works, contestants, count: only, repetitions, ansibleAll } = options;
  const runs: PlannedRun[] = [];
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    for (const work of works) {
      const numbers = only === undefined || work === "fail-over" ? counts[work] : [only];
      for (const count of numbers) {
        for (const contestant of taking[work]) {
          if (!contestants.includes(contestant)) continue;
          if (contestant === "ansible" && count > MOST_FOR_ANSIBLE && !ansibleAll) continue;
          // Of one alone nothing is compared.
          if (count === 1 && work !== "fail-over" && only === undefined && contestant !== "mooring") continue;
          runs.push({ work, count, contestant, repetition });
        }
      }
    }
  }
  return runs;
}

/** Mooring alone, with numbers that show what grows with N; minutes in all. */
const SHORT: readonly [VolumeWork, number][] = [
  ["nfs", 3],
  ["nfs", 6],
  ["nbd", 2],
  ["containers", 2],
];

export function shortPlan(): (PlannedRun & { work: VolumeWork })[] {
  return SHORT.map(([work, count]) => ({ work, count, contestant: "mooring", repetition: 1 }));
}

export function titleOf({ work, count, contestant, repetition }: PlannedRun, repetitions: number): string {
  const which = repetitions === 1 ? "" : `, ${repetition} of ${repetitions}`;
  return work === "fail-over" ? `fail over${which}` : `${work}, N = ${count}, ${contestant}${which}`;
}
