/** Fail over against the same steps by hand: the fault of that name measures both, on the same hosts. */
import { failOverUnlimited } from "../faults/fail-over.js";
import { Runner } from "../faults/suite/runner.js";
import type { PlannedRun } from "./plan.js";
import type { RunResult } from "./run.js";

/** The same moments in every run. */
const SEED = "bench";

export async function performFailOver(planned: PlannedRun): Promise<RunResult[]> {
  const { measured, passed } = await new Runner().run(
    failOverUnlimited,
    `${SEED}/${planned.repetition}`,
    planned.repetition,
  );
  if (!passed) throw new Error("the fault fail-over failed: what it measured counts for nothing");
  return failOverResults(planned, measured);
}

export function failOverResults(
  planned: PlannedRun,
  measured: readonly { readonly what: string; readonly ms: number }[],
): RunResult[] {
  const of = (what: string, contestant: PlannedRun["contestant"]): RunResult => {
    const figure = measured.find((each) => each.what === what);
    if (!figure) throw new Error(`the fault fail-over ended before it had measured: ${what}`);
    return { ...planned, contestant, operations: [{ operation: "fail over", seconds: figure.ms / 1000 }] };
  };
  return [of("fail over", "mooring"), of("by hand", "script")];
}
