/** What a run says: on the terminal, and, of a full one, in docs/performance.md. */
import { type WrittenPart, writeBeside, writePart } from "../../page.js";
import { markdownTable, textTable } from "../../table.js";
import type { Results } from "../results.js";
import { chart, groupsOf } from "./chart.js";
import { memoryHead, memoryRows, processesHead, processesRows, secondsHead, secondsRows } from "./tables.js";
import { targets } from "./targets.js";

export const PART: WrittenPart = {
  page: "performance.md",
  begin: "<!-- Written by `npm run bench`, from its last full run. -->",
};

const CHART = "performance.svg";

export function report(results: Results): string {
  const judged = targetRows(results).map((row) => row.map((cell) => cell.replaceAll("*", "")));
  return sections(results)
    .concat(judged.length > 0 ? [["Targets", [targetsHead, ...judged]]] : [])
    .filter(([, rows]) => rows.length > 1)
    .map(([title, rows]) => `${title}\n\n${textTable(rows)}`)
    .join("\n\n");
}

export function writePage(results: Results, repetitions: number): void {
  const text = pageText(results, repetitions);
  writeBeside(CHART, chart(groupsOf(results)));
  writePart(PART, text);
}

export function pageText(results: Results, repetitions: number): string {
  const times = repetitions === 1 ? "each measured once" : `medians of ${repetitions} runs`;
  const all = results.runs.flatMap(({ circumstances }) => circumstances ?? []);
  const dates = distinct(all.map(({ date }) => date)).sort();
  const machines = distinct(all.map(({ machine }) => machine));
  const tools = distinct(all.flatMap(({ tool }) => tool ?? []));
  const tables = sections(results).map(
    ([title, rows]) => `### ${title}\n\n${rows.length > 1 ? markdownTable(rows) : "Nothing was measured."}`,
  );
  return `${distinct([dates[0], dates.at(-1)]).join(" to ")}, on ${machines.join("; ")}; ${times}. Beside it: ${tools.join(", ")}.

![Seconds that each takes for the same work](${CHART})

### Targets

${markdownTable([targetsHead, ...targetRows(results, true)])}

${tables.join("\n\n")}`;
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

function sections(results: Results): [string, string[][]][] {
  return [
    ["Seconds", [secondsHead, ...secondsRows(results)]],
    ["Processes on the hosts per volume", [processesHead, ...processesRows(results)]],
    ["Memory and state", [memoryHead, ...memoryRows(results)]],
  ];
}

const targetsHead = ["work", "target", "measured", "met"];

function targetRows(results: Results, all = false): string[][] {
  return targets
    .map(({ work, target, judge }) => ({ work, target, verdict: judge(results) }))
    .filter(({ verdict }) => all || verdict !== undefined)
    .map(({ work, target, verdict }) => [
      ...[work, target, verdict?.measured ?? "not measured"],
      verdict === undefined ? "-" : verdict.met ? "yes" : "**no**",
    ]);
}

export function metTargets(results: Results): string {
  const verdicts = targets.flatMap(({ judge }) => judge(results) ?? []);
  const rest = targets.length - verdicts.length;
  const others = rest === 0 ? "" : `; ${rest} others were not measured`;
  return `${verdicts.filter(({ met }) => met).length} of ${verdicts.length} targets met${others}`;
}
