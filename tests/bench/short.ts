/** `npm run bench -- --short`: counts, and whether one has grown beyond its budget. */

import { textTable } from "../table.js";
import { type Counts as Passed, summary } from "../tap.js";
import { compare, comparisonRows, countsOf, readBudgets, withRoom, writeBudgets } from "./budgets.js";
import { shortPlan, titleOf } from "./plan.js";
import { performRun, type RunResult } from "./run.js";

/** Its last line says how many counts passed, as `programPart` wants it. */
export async function short(setBudgets: boolean): Promise<number> {
  const runs: RunResult[] = [];
  for (const planned of shortPlan()) {
    try {
      runs.push(await performRun(planned, planned.work, titleOf(planned, 1), { warm: false }));
    } catch (error) {
      // What was not counted fails below.
      console.error((error as Error).message);
    }
  }
  const counts = countsOf(runs);
  if (setBudgets && runs.length === shortPlan().length) writeBudgets(withRoom(counts));
  const comparisons = compare(counts, readBudgets());
  console.log(`\n${textTable(comparisonRows(comparisons))}\n`);
  const passed = comparisons.filter(({ within }) => within).length;
  const result: Passed = { passed, failed: comparisons.length - passed, skipped: 0 };
  console.log(summary(result));
  return result.failed > 0 || passed === 0 ? 1 : 0;
}
