/** What all runs found, by what was asked. Of several repetitions it is the median. */
import type { ContestantName, State } from "./contestants/contestant.js";
import type { OperationResult, RunResult } from "./run.js";
import type { Operation, WorkName } from "./works.js";

/** A figure of one operation. */
export type Figure = (result: OperationResult) => number | undefined;

export const seconds: Figure = (result) => result.seconds;
export const processes: Figure = (result) => result.processes;
export const roundTrips: Figure = ({ roundTrips }) => roundTrips && roundTrips.ssh + roundTrips.docker;
export const mostOnHost: Figure = ({ roundTrips }) => roundTrips?.mostOnHost;
export const dockerRequests: Figure = ({ roundTrips }) => roundTrips?.docker;
export const providerBytes: Figure = (result) => result.providerBytes;

export class Results {
  constructor(readonly runs: readonly RunResult[]) {}

  /** `undefined` where it was not measured. */
  of(
    work: WorkName,
    count: number,
    contestant: ContestantName,
    operation: Operation,
    figure: Figure,
  ): number | undefined {
    const found = this.#runs(work, count, contestant).flatMap((run) =>
      run.operations.filter((result) => result.operation === operation).map(figure),
    );
    return median(found.filter((value) => value !== undefined));
  }

  /** Of its resources, as Pulumi counts them. */
  resources(work: WorkName, count: number): number | undefined {
    return median(this.#states(work, count).map((state) => state.resources));
  }

  stateBytesPerResource(work: WorkName, count: number): number | undefined {
    return median(this.#states(work, count).map(({ bytes, resources }) => bytes / resources));
  }

  restBytes(work: WorkName, count: number): number | undefined {
    return median(this.#states(work, count).map(({ restBytes }) => restBytes));
  }

  positionBytesPerResource(work: WorkName, count: number): number | undefined {
    return median(this.#states(work, count).map(({ positionBytes, resources }) => positionBytes / resources));
  }

  bytesPerExport(work: WorkName, count: number): number | undefined {
    return median(this.#runs(work, count, "mooring").flatMap(({ bytesPerExport }) => bytesPerExport ?? []));
  }

  loginSeconds(work: WorkName, count: number): number | undefined {
    return median(this.#runs(work, count, "script").flatMap(({ loginSeconds }) => loginSeconds ?? []));
  }

  /** The most in any operation. */
  peakProviderBytes(work: WorkName, count: number, contestant: "mooring" | "floor"): number | undefined {
    const peaks = this.#runs(work, count, contestant).flatMap(({ operations }) =>
      operations.flatMap((result) => providerBytes(result) ?? []),
    );
    return peaks.length === 0 ? undefined : Math.max(...peaks);
  }

  /** In the order in which they were run. */
  works(): { work: WorkName; count: number }[] {
    const keys = this.runs.map(({ work, count }) => JSON.stringify({ work, count }));
    return [...new Set(keys)].map((key) => JSON.parse(key) as { work: WorkName; count: number });
  }

  #states(work: WorkName, count: number): State[] {
    return this.#runs(work, count, "mooring").flatMap(({ state }) => state ?? []);
  }

  #runs(work: WorkName, count: number, contestant: ContestantName): RunResult[] {
    return this.runs.filter(
      (run) => run.work === work && run.count === count && run.contestant === contestant,
    );
  }
}

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 0 && low !== undefined && high !== undefined ? (low + high) / 2 : high;
}
