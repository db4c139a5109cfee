/** What a run has done so far: after a run that was ended before its end, the same seed goes on from there. */
import { KeptLines, type Places } from "../../kept-lines.js";
import type { Fault } from "./fault.js";
import type { Result } from "./runner.js";

/** What is tested, and what tests it. */
const CODE = ["provider", "sdk", "tests/faults", "tests/lab"];

type Line = Omit<Result, "fault"> & { readonly round: number; readonly name: string };

export class ProgressFile {
  private constructor(
    private readonly kept: KeptLines<Line>,
    private readonly results: Map<string, Result>,
  ) {}

  static open(seed: string, faults: readonly Fault[], places?: Places): ProgressFile {
    const kept = KeptLines.open<Line>({ kind: "faults", key: seed, code: CODE }, places);
    const results = new Map<string, Result>();
    for (const { round, name, ...rest } of kept.before) {
      const fault = faults.find((known) => known.name === name);
      if (fault) results.set(key(name, round), { ...rest, fault });
    }
    return new ProgressFile(kept, results);
  }

  /** How that fault ended in that round, passed or failed: nothing is run again. */
  of(fault: Fault, round: number): Result | undefined {
    return this.results.get(key(fault.name, round));
  }

  add(result: Result, round: number): void {
    const { fault, ...rest } = result;
    this.kept.add({ round, name: fault.name, ...rest });
  }

  /** The run is whole, and what it found is told. */
  done(): void {
    this.kept.done();
  }
}

function key(name: string, round: number): string {
  return `${round} ${name}`;
}
