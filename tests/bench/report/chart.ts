/** Seconds as bars, on a logarithmic scale: a script takes one, Ansible minutes. */
import { type ContestantName, contestantNames } from "../contestants/contestant.js";
import { type Results, seconds } from "../results.js";
import type { Operation, WorkName } from "../works.js";

const COLOURS: Readonly<Record<ContestantName, string>> = {
  mooring: "#1f6feb",
  floor: "#b7c3d0",
  script: "#8b98a5",
  pyinfra: "#d4a72c",
  ansible: "#c9510c",
};

const NAMES: Readonly<Record<ContestantName, string>> = {
  mooring: "Mooring",
  floor: "floor (the engine alone)",
  script: "hand-written script",
  pyinfra: "pyinfra",
  ansible: "Ansible",
};

const DRAWN: readonly Operation[] = ["create", "no change", "one change", "destroy", "fail over"];
const WIDTH = 860;
const LEFT = 210;
const RIGHT = 60;
const TOP = 56;
const BAR = 13;
const GAP = 12;
const LEAST = 0.1;

interface Bar {
  readonly contestant: ContestantName;
  readonly seconds: number;
}

export interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** A group for each operation that was measured. */
export function groupsOf(results: Results): Group[] {
  const group = (work: WorkName, count: number, operation: Operation): Group => ({
    title: operation === "fail over" ? operation : `${work}, N = ${count}, ${operation}`,
    bars: contestantNames.flatMap((contestant) => {
      const value = results.of(work, count, contestant, operation, seconds);
      return value === undefined ? [] : [{ contestant, seconds: value }];
    }),
  });
  return results
    .works()
    .flatMap(({ work, count }) => DRAWN.map((operation) => group(work, count, operation)))
    .filter(({ bars }) => bars.length > 1);
}

export function chart(groups: readonly Group[]): string {
  const bars = groups.flatMap((group) => group.bars);
  const most = 10 ** Math.ceil(Math.log10(Math.max(1, ...bars.map((bar) => bar.seconds))));
  const x = (value: number) =>
    LEFT + ((WIDTH - LEFT - RIGHT) * Math.log(Math.max(value, LEAST) / LEAST)) / Math.log(most / LEAST);
  const height = TOP + groups.reduce((sum, group) => sum + group.bars.length * BAR + GAP, 0) + 24;
  let y = TOP;
  const drawn = groups.map(({ title, bars: own }) => {
    const middle = y + (own.length * BAR) / 2 + 4;
    const label = text(LEFT - 8, middle, title, "end");
    const lines = own.map(({ contestant, seconds: value }, index) => {
      const top = y + index * BAR;
      const width = (x(value) - LEFT).toFixed(1);
      const bar = `<rect x="${LEFT}" y="${top}" width="${width}" height="${BAR - 2}" fill="${COLOURS[contestant]}"/>`;
      return bar + text(x(value) + 4, top + BAR - 3, `${value.toFixed(1)} s`);
    });
    y += own.length * BAR + GAP;
    return [label, ...lines].join("\n");
  });
  const ticks = [];
  for (let value = LEAST; value <= most * 1.01; value *= 10) {
    const at = x(value).toFixed(1);
    ticks.push(
      `<line x1="${at}" y1="${TOP - 8}" x2="${at}" y2="${height - 20}" stroke="#e5e9ee"/>`,
      text(x(value), height - 6, `${Number(value.toPrecision(1))} s`, "middle"),
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">
<title>Seconds that each takes for the same work; the scale is logarithmic</title>
<rect width="100%" height="100%" fill="#ffffff"/>
${[...legend(bars), ...ticks, ...drawn].join("\n")}
</svg>
`;
}

function legend(bars: readonly Bar[]): string[] {
  let at = 12;
  return contestantNames
    .filter((name) => bars.some(({ contestant }) => contestant === name))
    .map((name) => {
      const entry = `<rect x="${at}" y="14" width="11" height="11" fill="${COLOURS[name]}"/>${text(at + 16, 24, NAMES[name])}`;
      at += 34 + NAMES[name].length * 6.2;
      return entry;
    });
}

function text(x: number, y: number, content: string, anchor = "start"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="#24292f">${content}</text>`;
}
