/** What a run has done so far, for the case that it is ended before its end: the same seed goes on from there. */
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../../lab/cache.js";
import type { Fault } from "./fault.js";
import type { Result } from "./runner.js";

/** From bin/tests/faults/suite/. What is tested, and what tests it: with other code a run begins anew. */
const CODE = ["provider", "sdk", "tests/faults", "tests/lab"].map((folder) =>
  join(__dirname, "..", "..", "..", folder),
);

export class ProgressFile {
  private constructor(
    private readonly file: string,
    private readonly faults: readonly Fault[],
    private readonly done: Map<string, Result>,
  ) {}

  static open(seed: string, faults: readonly Fault[], directory = join(cacheRoot, "faults")): ProgressFile {
    const hash = createHash("sha256").update(`${codeHash()} ${seed}`).digest("hex").slice(0, 12);
    const file = join(directory, `${hash}.jsonl`);
    mkdirSync(directory, { recursive: true });
    const progress = new ProgressFile(file, faults, new Map());
    if (existsSync(file)) progress.#read();
    return progress;
  }

  /** How that fault ended in that round, passed or failed: nothing is run again. */
  of(fault: Fault, round: number): Result | undefined {
    return this.done.get(key(fault.name, round));
  }

  add(result: Result, round: number): void {
    const { fault, ...rest } = result;
    appendFileSync(this.file, `${JSON.stringify({ round, name: fault.name, ...rest })}\n`);
  }

  /** The run is whole, and what it found is told. */
  remove(): void {
    rmSync(this.file, { force: true });
  }

  #read(): void {
    const text = readFileSync(this.file, "utf8");
    // A last line that was cut off is of no use.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole !== text) writeFileSync(this.file, whole);
    for (const line of whole.split("\n").filter(Boolean)) {
      const { round, name, ...rest } = JSON.parse(line) as Result & { round: number; name: string };
      const fault = this.faults.find((known) => known.name === name);
      if (fault) this.done.set(key(name, round), { ...rest, fault });
    }
  }
}

function key(name: string, round: number): string {
  return `${round} ${name}`;
}

function codeHash(): string {
  const hash = createHash("sha256");
  for (const folder of CODE) {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".js"),
    );
    for (const file of files.sort()) hash.update(file).update(readFileSync(join(folder, file)));
  }
  return hash.digest("hex");
}
