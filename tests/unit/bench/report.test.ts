import test from "ava";
import { chart, groupsOf } from "../../bench/report/chart.js";
import { metTargets, pageText, report } from "../../bench/report/page.js";
import { memoryRows, processesRows, secondsRows, sum } from "../../bench/report/tables.js";
import { Results } from "../../bench/results.js";
import { aRun, took, trips } from "./some-results.js";

const results = new Results([
  aRun(
    "nfs",
    10,
    "mooring",
    [took("create", 12, { processes: 300, providerBytes: 120e6, ...trips(20, 1) }), took("no change", 4)],
    { state: { bytes: 26_000, restBytes: 5000, positionBytes: 12_000, resources: 20 }, bytesPerExport: 8192 },
  ),
  aRun("nfs", 10, "floor", [took("create", 2, { providerBytes: 100e6 }), took("no change", 2)]),
  aRun("nfs", 10, "script", [took("create", 8, { processes: 150 }), took("no change", 2)]),
  aRun("nfs", 10, "pyinfra", [took("create", 90), took("no change", 26)]),
  aRun("nfs", 10, "ansible", [took("create", 400), took("no change", 260)]),
  aRun("fail-over", 1, "mooring", [took("fail over", 24)]),
  aRun("fail-over", 1, "script", [took("fail over", 20)]),
]);

test("seconds have their ratios beside them, and what was not measured a dash", (t) => {
  t.deepEqual(
    secondsRows(results),
    [
      "nfs 10 create 12.0 2.0 8.0 1.20_x 90.0 7.50_x 400.0 33.33_x 21".split(" "),
      "nfs 10 no_change 4.0 2.0 2.0 1.00_x 26.0 6.50_x 260.0 65.00_x -".split(" "),
      "fail-over 1 fail_over 24.0 - 20.0 1.20_x - - - - -".split(" "),
    ].map((row) => row.map((cell) => cell.replace("_", " "))),
  );
});

test("floor and script are compared with when both were measured; by hand there is no engine", (t) => {
  t.is(sum(2, 8, "create"), 10);
  t.is(sum(undefined, 8, "create"), undefined);
  t.is(sum(2, undefined, "create"), undefined);
  t.is(sum(undefined, 20, "fail over"), 20);
});

test("processes are per volume, memory and state in their units", (t) => {
  t.deepEqual(processesRows(results), [["nfs", "10", "create", "30.0", "15.0", "-", "-"]]);
  t.deepEqual(memoryRows(results), [["nfs", "10", "20", "120", "100", "1300", "600", "5000", "8"]]);
});

test("the terminal shows the tables that have rows, and the targets that were measured", (t) => {
  const text = report(results);
  t.regex(text, /^Seconds\n\nwork +N +operation +Mooring, s/);
  t.regex(text, /^nfs, N = 10, no change, with refresh +at least 30 x faster than ansible +65\.0 x +yes$/m);
  t.regex(
    text,
    /^fail over +at most 1\.3 x the same steps by hand +1\.20 x \(24\.0 s, by hand 20\.0 s\) +yes$/m,
  );
  t.notRegex(text, /scale/);
  t.regex(metTargets(results), /^4 of 4 targets met; \d+ others were not measured$/);
  t.is(report(new Results([])), "");
});

test("the page has dates, machine, versions, chart, every target and every table", (t) => {
  const tools = { pyinfra: "pyinfra 3.10.0", ansible: "ansible 12.3.0" };
  const runs = results.runs.map((run, index) => ({
    ...run,
    circumstances: {
      date: index === 0 ? "1970-01-03" : "1970-01-01",
      machine: "a machine",
      ...(run.contestant in tools && { tool: tools[run.contestant as keyof typeof tools] }),
    },
  }));
  const text = pageText(new Results(runs), 3);
  t.regex(
    text,
    /^1970-01-01 to 1970-01-03, on a machine; medians of 3 runs\. Beside it: pyinfra 3\.10\.0, ansible 12\.3\.0\.\n/,
  );
  t.true(text.includes("\n![Seconds that each takes for the same work](performance.svg)\n"));
  t.true(
    text.includes(
      "| scale, N = 1000, create | beside the floor, each from 100 on takes at most 1.25 x what each from 10 to 100 does | not measured | - |",
    ),
  );
  t.true(text.includes("\n| nfs | 10 | create | 12.0 | 2.0 | 8.0 | 1.20 x |"));
  t.true(text.includes("### Memory and state\n\n| work | N |"));
});

test("the chart has a bar for each contestant, the longer the more seconds", (t) => {
  const groups = groupsOf(results);
  t.deepEqual(
    groups.map(({ title, bars }) => `${title}: ${bars.map(({ seconds }) => seconds).join(" ")}`),
    ["nfs, N = 10, create: 12 2 8 90 400", "nfs, N = 10, no change: 4 2 2 26 260", "fail over: 24 20"],
  );
  const svg = chart(groups);
  const widths = [...svg.matchAll(/width="([\d.]+)" height="11" fill="#c9510c"/g)].map(([, width]) =>
    Number(width),
  );
  t.is(widths.filter((width) => width > 11).length, 2, "two bars of Ansible's");
  t.true((widths.at(-2) ?? 0) > (widths.at(-1) ?? 0), "400 s is longer than 260 s");
  t.is(svg.match(/<text /g)?.length, svg.match(/<\/text>/g)?.length);
  t.true(svg.includes(">400.0 s</text>"));
  t.true(svg.includes(">1000 s</text>"), "the scale ends above the longest");
});

test("a chart of nothing is a chart all the same, and a single contestant is compared with nobody", (t) => {
  t.regex(chart([]), /^<svg [\s\S]*<\/svg>\n$/);
  t.deepEqual(groupsOf(new Results([aRun("nfs", 1, "mooring", [took("create", 5)])])), []);
});
