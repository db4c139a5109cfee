import type { ContestantName } from "../../bench/contestants/contestant.js";
import type { OperationResult, RunResult } from "../../bench/run.js";
import type { WorkName } from "../../bench/works.js";

/** A run with seconds for its operations, and whatever else is said of it. */
export function aRun(
  work: WorkName,
  count: number,
  contestant: ContestantName,
  operations: readonly OperationResult[],
  more: Partial<RunResult> = {},
): RunResult {
  return { work, count, contestant, repetition: 1, operations, ...more };
}

export function took(
  operation: OperationResult["operation"],
  seconds: number,
  more: Partial<OperationResult> = {},
): OperationResult {
  return { operation, seconds, ...more };
}

export function trips(ssh: number, docker = 0, mostOnHost = ssh): Pick<OperationResult, "roundTrips"> {
  return { roundTrips: { ssh, docker, mostOnHost } };
}
