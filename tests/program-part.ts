import { progress } from "./lab/progress.js";
import { run } from "./lab/run.js";
import { type Counts, failures, summary } from "./tap.js";

export interface ProgramPart {
  title: string;
  cwd: string;
  /** Script and arguments of a program whose last line says how many passed and how many failed. */
  args: readonly string[];
}

/** A part of `npm test` that is a program of its own. */
export async function programPart({ title, cwd, args }: ProgramPart): Promise<Counts> {
  const step = progress(title);
  let counts: Counts | undefined;
  const onLine = (line: string) => {
    const [, passed, failed] = line.match(/^(\d+) passed, (\d+) failed$/) ?? [];
    if (failed !== undefined) counts = { passed: Number(passed), failed: Number(failed), skipped: 0 };
    else console.error(line);
  };
  const crash = await run(process.execPath, args, { cwd, onLine }).then(
    () => undefined,
    (error: Error) => error.message,
  );
  // What failed makes the program fail: it is in the counts already.
  const total = counts ?? { passed: 0, failed: 1, skipped: 0 };
  if (crash !== undefined && total.failed === 0) total.failed = 1;
  if (crash !== undefined && !counts) console.error(crash);
  if (total.failed > 0) failures.push(`${title}: ${crash ?? "see its output"}`);
  if (total.failed > 0) step.fail(summary(total));
  else step.finish(summary(total));
  return total;
}
