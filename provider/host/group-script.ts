import type { Limits } from "./limits.js";
import { makeRunDirectory, tryLock } from "./lock.js";
import { setPatience } from "./patience.js";
import { lines, Sh, sh } from "./sh.js";
import { ENDABLE } from "./shell.js";
import { MARK } from "./single-script.js";
import { commandOf, type Step } from "./steps.js";

/**
 * One script for several resources. Each does its steps in order, under its own lock; what one command does for many
 * (`of`) it does once for all who have come that far. Of a member whose step fails nothing more is done, and the
 * others go on; a common command that fails is done again for each alone (`$redo` says so), which tells whose fault it
 * is. A member whose lock another program has is left out, and so are those of a common command that took too long: one
 * after another they would wait once more.
 */
export interface Member {
  readonly steps: readonly Step[];
  readonly lock: string;
  readonly who: string;
}

/** A shell has few descriptors that can be named: these hold locks, and a subshell within has them once more. */
const DESCRIPTORS = [3, 4, 5, 6, 7] as const;

export function groupScript(members: readonly Member[], limits: Limits): Sh {
  const nested: Sh[] = [];
  members.forEach(({ lock, who }, index) => {
    const descriptor = DESCRIPTORS[index % DESCRIPTORS.length] as number;
    if (index > 0 && descriptor === DESCRIPTORS[0]) nested.push(new Sh(`(\n${ENDABLE}`));
    nested.push(sh`${tryLock(descriptor, lock, who)} || ${failing(index)}=$?`);
  });
  const ends = nested.filter(({ text }) => text.startsWith("(")).map(() => new Sh(")"));
  const all = new Sh(members.map((_, index) => `${index} "\${m${index}:-0}"`).join(" "));
  return lines(
    sh`set -u`,
    new Sh(members.map((_, index) => `m${index}=`).join(" ")),
    sh`lock_wait=${Math.ceil(limits.lockMs / 1000)} ${setPatience(limits.stepsMs)}`,
    makeRunDirectory,
    ...nested,
    ...stepsOf(members),
    sh`printf '\\036= %d %d\\n' ${all}`,
    ...ends,
  );
}

/** timeout(1)'s exit code. */
const TIMED_OUT = 124;

/** In place of an exit code: it was left out. */
const LEFT_OUT = 999;

/** How it went: the exit code of each that came to an end, and where each was last. */
export interface Outcome {
  readonly exitCode: number | undefined;
  /** The last of its steps that was begun for it alone, and what was said in it. */
  readonly step: Step | undefined;
  readonly said: string;
}

export function outcomesIn(members: readonly Member[], stdout: string, stderr: string): Outcome[] {
  const [out, err] = [partsIn(stdout), partsIn(stderr)];
  const results = out.filter(({ member }) => member === "=").map(({ numbers }) => numbers);
  return members.map(({ steps }, index) => {
    const isMine = ({ member }: Part): boolean => member === String(index);
    const [mine, complaints] = [out.findLast(isMine), err.findLast(isMine)];
    const exitCode = results.find(([member]) => member === index)?.[1];
    return {
      exitCode: exitCode === LEFT_OUT ? undefined : exitCode,
      step: mine && steps[mine.numbers[0] as number],
      said: complaints?.text || mine?.text || "",
    };
  });
}

interface Part {
  readonly member: string;
  readonly numbers: number[];
  readonly text: string;
}

function partsIn(output: string): Part[] {
  return output.split(MARK).flatMap((text) => {
    const head = text.match(/^(\d+|=|common)((?: \d+)*)\n/);
    if (!head) return [];
    const [line, member = "", numbers = ""] = head;
    return [{ member, numbers: numbers.trim().split(" ").map(Number), text: text.slice(line.length) }];
  });
}

/** All that is to be done, in the order in which most of it is done together. */
function stepsOf(members: readonly Member[]): Sh[] {
  const script: Sh[] = [];
  const next = members.map(() => 0);
  const at = (index: number): Step | undefined => members[index]?.steps[next[index] as number];
  for (let common = 0; ; common++) {
    members.forEach((_, index) => {
      const from = next[index] as number;
      while (at(index) && !at(index)?.of) next[index] = (next[index] as number) + 1;
      if ((next[index] as number) > from) script.push(alone(members, index, from, next[index] as number));
    });
    const waiting = members.flatMap((_, index) => (at(index) ? [index] : []));
    if (waiting.length === 0) return script;
    // Whoever comes to the same command later could still join.
    const isStillToCome = (key: string | undefined): boolean =>
      waiting.some((index) =>
        members[index]?.steps.slice((next[index] as number) + 1).some((step) => keyOf(step) === key),
      );
    const keys = waiting.map((index) => keyOf(at(index) as Step));
    const key = keys.find((each) => !isStillToCome(each)) ?? keys[0];
    const together = waiting.filter((index) => keyOf(at(index) as Step) === key);
    script.push(
      commonly(
        common,
        members,
        together.map((index) => [index, next[index] as number]),
      ),
    );
    for (const index of together) next[index] = (next[index] as number) + 1;
  }
}

function keyOf({ of, action }: Step): string | undefined {
  return of && (action as Sh).text;
}

/** The steps of one member, as long as none of them fails. */
function alone(members: readonly Member[], index: number, from: number, to: number): Sh {
  const { steps, who } = members[index] as Member;
  const marked = steps
    .slice(from, to)
    .map((step, offset) => lines(mark(index, from + offset), commandOf(step)));
  return sh`[ -n "$${failing(index)}" ] || {
(
${new Sh(ENDABLE)}
set -eu
who=${who}
${lines(...marked)}
)
${keep(index)}
}`;
}

function commonly(common: number, members: readonly Member[], together: readonly [number, number][]): Sh {
  const name = new Sh(`common${common}`);
  const stepOf = ([index, step]: readonly [number, number]): Step => members[index]?.steps[step] as Step;
  const [first] = together;
  const gather = together.map(
    (each) =>
      sh`[ -n "$${failing(each[0])}" ] || { live=$((live + 1)); set -- "$@" ${stepOf(each).of as string[]}; }`,
  );
  const apart = together.map(
    ([index, step]) => sh`[ -n "$${failing(index)}" ] || {
(
${new Sh(ENDABLE)}
set -eu
${mark(index, step)}
${name} ${stepOf([index, step]).of as string[]}
)
${keep(index)}
}`,
  );
  return sh`${name}() {
${stepOf(first as [number, number]).action as Sh}
}
live=0 redo=
set --
${lines(...gather)}
code=1
[ $live -lt 2 ] || {
printf '\\036common %d\\n' ${common}; printf '\\036common %d\\n' ${common} >&2
(
${new Sh(ENDABLE)}
set -eu
${name} "$@"
)
code=$? redo=start
[ $code != ${new Sh(String(TIMED_OUT))} ] || {
${lines(...together.map(([index]) => sh`[ -n "$${failing(index)}" ] || ${failing(index)}=${new Sh(String(LEFT_OUT))}`))}
}
}
[ $code = 0 ] || {
${lines(...apart)}
}`;
}

function mark(index: number, step: number): Sh {
  const [i, s] = [new Sh(String(index)), new Sh(String(step))];
  return sh`printf '\\036%d %d\\n' ${i} ${s}; printf '\\036%d %d\\n' ${i} ${s} >&2`;
}

/** The variable that holds a member's exit code, once it has failed. */
function failing(index: number): Sh {
  return new Sh(`m${index}`);
}

function keep(index: number): Sh {
  const variable = failing(index);
  return sh`${variable}=$?; [ "$${variable}" != 0 ] || ${variable}=`;
}
