import type { Limits } from "./limits.js";
import { takeLock } from "./lock.js";
import { setPatience } from "./patience.js";
import { Sh, sh } from "./sh.js";
import { commandOf, type Step } from "./steps.js";

/** Before each step, on both streams: what comes after the last one is the failed step's. */
export const MARK = "\u001e";

interface Holder {
  readonly lock: string;
  readonly who: string;
}

/** One script for all steps; a mark before each tells, when it fails, which it was. */
export function script(steps: readonly Step[], { lock, who }: Holder, limits: Limits): Sh {
  const marked = steps.map(
    (step, index) => sh`printf '\\036%d\\n' ${index}; printf '\\036' >&2\n${commandOf(step)}\n`,
  );
  return sh`set -eu
lock_wait=${Math.ceil(limits.lockMs / 1000)} who=${who} ${setPatience(limits.stepsMs)}
${takeLock(9, lock)}
${new Sh(marked.map(String).join(""))}`;
}

/** The step whose mark was the last. */
export function stepIn(steps: readonly Step[], stdout: string): Step | undefined {
  return stdout.includes(MARK) ? steps[Number(afterMark(stdout).split("\n", 1)[0])] : undefined;
}

/** What came after the last mark; all of it where there is none. */
export function afterMark(output: string): string {
  return output.slice(output.lastIndexOf(MARK) + 1);
}
