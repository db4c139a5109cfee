/** What of the faults `npm test` runs: one round of a selection, as its own program. */
import { programPart } from "../program-part.js";
import type { Counts } from "../tap.js";

/** One of each kind, of those that take a minute. */
const SELECTION = ["two-writers", "storage-power-cut-nbd", "disk-full-create"];

export function faultsPart(cwd: string): Promise<Counts> {
  return programPart({
    title: "Faults on the lab",
    cwd,
    args: ["bin/tests/faults/index.js", ...SELECTION],
  });
}
