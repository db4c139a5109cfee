/** What of the faults `npm test` runs: one round of a selection, as its own program. */
import { join } from "node:path";
import { progress } from "../lab/progress.js";
import { run } from "../lab/run.js";
import { type Counts, summary } from "../tap.js";

/** One of each kind, of those that take a minute. */
const SELECTION = ["two-writers", "storage-power-cut-nbd", "old-credential", "disk-full-create"];

export async function faultsPart(root: string): Promise<Counts> {
  const step = progress("Faults on the lab");
  let counts: Counts | undefined;
  const onLine = (line: string) => {
    const [, passed, failed] = line.match(/^(\d+) passed, (\d+) failed$/) ?? [];
    if (failed !== undefined) counts = { passed: Number(passed), failed: Number(failed), skipped: 0 };
    else console.error(line);
  };
  const crash = await run(process.execPath, [join(root, "bin/tests/faults/index.js"), ...SELECTION], {
    cwd: root,
    onLine,
  }).then(
    () => undefined,
    (error: Error) => error.message,
  );
  // A failed fault makes it fail: it is in the counts already.
  const total = counts ?? { passed: 0, failed: 1, skipped: 0 };
  if (crash !== undefined && total.failed === 0) total.failed = 1;
  if (crash !== undefined && !counts) console.error(crash);
  if (total.failed > 0) step.fail(summary(total));
  else step.finish(summary(total));
  return total;
}
