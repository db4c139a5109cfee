/** What a long run has done so far, a line each, for the case that it is ended before its end. */
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
import { dirname, join, relative } from "node:path";
import { cacheRoot } from "./lab/cache.js";

export interface KeptRun {
  /** Folder in the cache. */
  readonly kind: string;
  /** What tells one run from another, beside the code. */
  readonly key: string;
  /** Folders, as seen from bin/, whose code it is about: with other code a run begins anew. */
  readonly code: readonly string[];
}

export interface Places {
  readonly cache: string;
  readonly record?: string | undefined;
}

export class KeptLines<Line> {
  private constructor(
    private readonly file: string,
    /** Those who asked for the file want it after the run, too. */
    private readonly isRecord: boolean,
    /** What was there when the file was opened. */
    readonly before: readonly Line[],
  ) {}

  /** In the cache, or in the folder that RESULTS names: to go on elsewhere, and to keep what a page was written from. */
  static open<Line>(
    { kind, key, code }: KeptRun,
    { cache, record }: Places = { cache: cacheRoot, record: process.env.RESULTS },
  ): KeptLines<Line> {
    const hash = createHash("sha256")
      .update(`${codeHash(code)} ${key}`)
      .digest("hex")
      .slice(0, 12);
    const file = record ? join(record, `${kind}-${hash}.jsonl`) : join(cache, kind, `${hash}.jsonl`);
    mkdirSync(dirname(file), { recursive: true });
    return new KeptLines(file, Boolean(record), existsSync(file) ? wholeLines<Line>(file) : []);
  }

  /** All of them, or none. */
  add(...lines: readonly Line[]): void {
    appendFileSync(this.file, textOf(lines));
  }

  /** The run is whole, and what it found is told. */
  done(): void {
    if (!this.isRecord) this.remove();
  }

  /** What a run does anew. The rest stays, and is what there was before. */
  drop(isAnew: (line: Line) => boolean): KeptLines<Line> {
    const rest = this.before.filter((line) => !isAnew(line));
    writeFileSync(this.file, textOf(rest));
    return new KeptLines(this.file, this.isRecord, rest);
  }

  private remove(): void {
    rmSync(this.file, { force: true });
  }
}

function textOf(lines: readonly unknown[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** A last line that was cut off is of no use. */
function wholeLines<Line>(file: string): Line[] {
  const text = readFileSync(file, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole !== text) writeFileSync(file, whole);
  return whole
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

function codeHash(folders: readonly string[]): string {
  const hash = createHash("sha256");
  for (const folder of folders.map((name) => join(__dirname, "..", name))) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(d\.ts|map)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) hash.update(relative(folder, file)).update(readFileSync(file));
  }
  return hash.digest("hex");
}
