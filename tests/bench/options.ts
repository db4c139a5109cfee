import { parseArgs } from "node:util";
import { type ContestantName, contestantDescriptions, contestantNames } from "./contestants/contestant.js";
import { descriptions, mostOf, type VolumeWork, type WorkName, workNames } from "./works.js";

export interface Options {
  readonly works: readonly WorkName[];
  /** Instead of each work's own. */
  readonly count: number | undefined;
  readonly contestants: readonly ContestantName[];
  readonly repetitions: number;
  /** Ansible with more than ten, too. */
  readonly ansibleAll: boolean;
  readonly goOn: boolean;
  readonly short: boolean;
  readonly setBudgets: boolean;
  /** Nothing is left out: such a run is kept in docs/performance.md. */
  readonly full: boolean;
}

/** The caller made a mistake: to be said in a line, with where the help is. */
export class WrongOption extends Error {}

export const HELP = `How long Mooring takes, beside others, for the same work on the lab's three hosts.

Usage: npm run bench [-- OPTION…]

  --work LIST         of the works below; all by default
  --count N           this many volumes, instead of each work's own numbers
  --contestants LIST  of the contestants below; all by default
  --repetitions N     the median of so many runs; 1 by default
  --ansible-all       Ansible with more than ten volumes too, which takes it an hour and more
  --continue          go on with a run that was ended before its end, unless the code or the machine is another; what
                      parts of it found counts, too; with RESULTS=FOLDER in the environment what was found is kept
                      there and not in the cache
  --short             Mooring alone, with few volumes: counts, not times, and they must be within their budgets
  --set-budgets       the same, and write what was counted, with some room, into tests/bench/budgets.json

A run without options that leave something out writes docs/performance.md.

Works
${list(descriptions)}

Contestants
${list(contestantDescriptions)}`;

export function readOptions(args: readonly string[]): Options | "help" {
  const { values } = parsed(args);
  if (values.help) return "help";
  const short = Boolean(values.short || values["set-budgets"]);
  const more = ["work", "count", "contestants", "repetitions", "ansible-all", "continue"] as const;
  const unfit = more.find((name) => values[name] !== undefined);
  if (short && unfit) {
    const name = values.short ? "short" : "set-budgets";
    throw new WrongOption(`--${unfit} does not go with --${name}, whose works and numbers are fixed`);
  }
  const works = chosen("work", values.work, workNames);
  const contestants = chosen("contestants", values.contestants, contestantNames);
  const count = values.count === undefined ? undefined : number("count", values.count);
  for (const work of works) if (count !== undefined) refuseTooMany(work, count);
  return {
    ...{ works, count, contestants, short },
    repetitions: number("repetitions", values.repetitions ?? "1"),
    ansibleAll: values["ansible-all"] ?? false,
    goOn: values.continue ?? false,
    setBudgets: values["set-budgets"] ?? false,
    full: !short && count === undefined && values.work === undefined && values.contestants === undefined,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        work: { type: "string" },
        count: { type: "string" },
        contestants: { type: "string" },
        repetitions: { type: "string" },
        "ansible-all": { type: "boolean" },
        continue: { type: "boolean" },
        short: { type: "boolean" },
        "set-budgets": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    // Its first sentence says what is wrong, the others how to pass such a thing all the same.
    throw new WrongOption((error as Error).message.replace(/\. .*$/s, ""));
  }
}

function chosen<T extends string>(option: string, text: string | undefined, all: readonly T[]): readonly T[] {
  if (text === undefined) return all;
  const names = text.split(",").filter(Boolean);
  const unknown = names.find((name) => !(all as readonly string[]).includes(name));
  if (unknown !== undefined || names.length === 0)
    throw new WrongOption(`--${option}: no "${unknown ?? text}"; there are ${all.join(", ")}`);
  return all.filter((name) => names.includes(name));
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1)
    throw new WrongOption(`--${option} is "${text}": a whole number from 1`);
  return value;
}

function refuseTooMany(work: WorkName, count: number): void {
  if (work === "fail-over") return;
  const most = mostOf(work as VolumeWork);
  if (count > most) throw new WrongOption(`--count ${count}: ${work} has room for ${most} volumes`);
}

function list(entries: Readonly<Record<string, string>>): string {
  return Object.entries(entries)
    .map(([name, text]) => `  ${name.padEnd(20)}${text}`)
    .join("\n");
}
