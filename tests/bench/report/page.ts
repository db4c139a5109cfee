/** What a run says: on the terminal, and, of a full one, in docs/performance.md. */
import { machineWithLab, type WrittenPart, writeBeside, writePart } from "../../page.js";
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

/** What a full run has to say beside its figures. */
export interface Circumstances {
  readonly date: Date;
  readonly machine: string;
  readonly repetitions: number;
  /** Of the tools that it is compared with. */
  readonly versions: Readonly<Record<string, string>>;
}

export function report(results: Results): string {
  const judged = targetRows(results);
  return sections(results)
    .concat(judged.length > 0 ? [["Targets", [targetsHead, ...judged]]] : [])
    .filter(([, rows]) => rows.length > 1)
    .map(([title, rows]) => `${title}\n\n${textTable(rows)}`)
    .join("\n\n");
}

export function writePage(results: Results, circumstances: Omit<Circumstances, "machine" | "date">): void {
  const text = pageText(results, { ...circumstances, machine: machineWithLab(), date: new Date() });
  writeBeside(CHART, chart(groupsOf(results)));
  writePart(PART, text);
}

export function pageText(results: Results, { date, machine, repetitions, versions }: Circumstances): string {
  const times = repetitions === 1 ? "each measured once" : `medians of ${repetitions} runs`;
  const others = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const tables = sections(results).map(
    ([title, rows]) => `### ${title}\n\n${rows.length > 1 ? markdownTable(rows) : "Nothing was measured."}`,
  );
  return `${date.toISOString().slice(0, 10)}, on ${machine}; ${times}. Beside it: ${others.join(", ")}.

![Seconds that each takes for the same work](${CHART})

### Targets

${markdownTable([targetsHead, ...targetRows(results, true)])}

${tables.join("\n\n")}`;
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

/** Of the targets that were measured. */
export function metTargets(results: Results): string {
  const verdicts = targets.flatMap(({ judge }) => judge(results) ?? []);
  return `${verdicts.filter(({ met }) => met).length} of ${verdicts.length} targets met`;
}
