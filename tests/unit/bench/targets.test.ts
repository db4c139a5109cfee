import test from "ava";
import { targets, type Verdict } from "../../bench/report/targets.js";
import { Results } from "../../bench/results.js";
import type { RunResult } from "../../bench/run.js";
import { aRun, took, trips } from "./some-results.js";

function verdict(work: string, target: string, runs: readonly RunResult[]): Verdict | undefined {
  const found = targets.filter((each) => each.work === work && each.target === target);
  if (found.length !== 1) throw new Error(`${found.length} targets are called: ${work}, ${target}`);
  return found[0]?.judge(new Results(runs));
}

const refreshed = (count: number, ...seconds: [number, number, number]) =>
  (["mooring", "floor", "script"] as const).map((contestant, index) =>
    aRun("nfs", count, contestant, [took("no change", seconds[index] ?? 0)]),
  );

test("nothing is judged that was not measured", (t) => {
  for (const { work, target, judge } of targets)
    t.is(judge(new Results([])), undefined, `${work}: ${target}`);
  const [work, target] = ["nfs, N = 100, no change, with refresh", "at most floor + 1.5 x script"];
  t.is(verdict(work, target, refreshed(100, 5, 2, 2).slice(0, 2)), undefined, "without the script");
  t.is(verdict(work, target, refreshed(10, 5, 2, 2)), undefined, "with another N");
});

test("the floor and one and a half scripts are the limit, and it is met", (t) => {
  const [work, target] = ["nfs, N = 100, no change, with refresh", "at most floor + 1.5 x script"];
  t.deepEqual(verdict(work, target, refreshed(100, 5, 2, 2)), { measured: "5.0 s of 5.0 s", met: true });
  t.deepEqual(verdict(work, target, refreshed(100, 5.1, 2, 2)), { measured: "5.1 s of 5.0 s", met: false });
});

test("what a login takes stands beside the limit, whose script has its connections open", (t) => {
  const [work, target] = ["nfs, N = 100, no change, with refresh", "at most floor + 1.5 x script"];
  const runs = refreshed(100, 5.1, 2, 2).map((run) =>
    run.contestant === "script" ? { ...run, loginSeconds: 0.456 } : run,
  );
  const measured = "5.1 s of 5.0 s; a login, 0.46 s, is not in the script's";
  t.deepEqual(verdict(work, target, runs), { measured, met: false });
});

test("faster is how many times as long the other one takes", (t) => {
  const runs = (other: number) => [
    aRun("nfs", 10, "mooring", [took("no change", 2)]),
    aRun("nfs", 10, "ansible", [took("no change", other)]),
  ];
  const [work, target] = ["nfs, N = 10, no change, with refresh", "at least 30 x faster than ansible"];
  t.deepEqual(verdict(work, target, runs(60)), { measured: "30.0 x", met: true });
  t.deepEqual(verdict(work, target, runs(58)), { measured: "29.0 x", met: false });
});

test("one change among many has no more round trips than among few", (t) => {
  const runs = (few: number, many: number) => [
    aRun("nbd", 10, "mooring", [took("one change", 1, trips(few))]),
    aRun("nbd", 100, "mooring", [took("one change", 1, trips(many))]),
  ];
  const [work, target] = ["nbd, one change among 100", "no more round trips than among 10"];
  t.deepEqual(verdict(work, target, runs(7, 7)), { measured: "7, and 7 among 10", met: true });
  t.deepEqual(verdict(work, target, runs(7, 8)), { measured: "8, and 7 among 10", met: false });
});

test("a refresh has as many round trips to a host, also when there are more hosts", (t) => {
  const runs = (few: number, many: number, mostOfMany: number) => [
    aRun("nbd", 10, "mooring", [took("no change", 1, trips(few, 0, 4))]),
    aRun("nbd", 100, "mooring", [took("no change", 1, trips(many, 0, mostOfMany))]),
  ];
  const work = "nbd, no change, with refresh";
  const target = "as many round trips to a host with N = 100 as with N = 10";
  t.deepEqual(verdict(work, target, runs(8, 12, 4)), {
    measured: "4 and 4, to the host that has the most",
    met: true,
  });
  t.false(
    verdict(work, target, runs(8, 9, 5))?.met,
    "one host has more, though all together have fewer for each",
  );
});

test("one resource is made in three round trips, and a hundred volumes share some", (t) => {
  const created = (count: number, ssh: number) =>
    aRun("nfs", count, "mooring", [took("create", 1, trips(ssh))], {
      state: { bytes: 1, restBytes: 1, positionBytes: 0, resources: 2 * count },
    });
  const [alone, target] = ["nfs, create of one of each", "at most 3 round trips for each resource"];
  t.deepEqual(verdict(alone, target, [created(1, 6)]), { measured: "3.0 on average", met: true });
  t.false(verdict(alone, target, [created(1, 7)])?.met);
  const many = "nfs, resources created at the same time";
  const shared = verdict(many, "share round trips", [created(1, 6), created(100, 40)]);
  t.deepEqual(shared, { measured: "0.20 each of 100 volumes, 3.00 of one", met: true });
  t.false(verdict(many, "share round trips", [created(1, 6), created(100, 600)])?.met);
});

test("each of the next nine hundred takes as long as each of the ninety before, the engine's own time apart", (t) => {
  const runs = (own: number) => [
    aRun("scale", 10, "mooring", [took("create", 6)]),
    aRun("scale", 10, "floor", [took("create", 4)]),
    aRun("scale", 100, "mooring", [took("create", 30, { processes: 5000 })]),
    aRun("scale", 100, "floor", [took("create", 10)]),
    aRun("scale", 1000, "mooring", [took("create", own, { processes: 60_000 })]),
    aRun("scale", 1000, "floor", [took("create", 500)]),
  ];
  const work = "scale, N = 1000, create";
  const target = "beside the floor, each from 100 on takes at most 1.25 x what each from 10 to 100 does";
  // 18 s for ninety, so 225 s for nine hundred.
  t.deepEqual(verdict(work, target, runs(745)), { measured: "250.0 ms and 200.0 ms", met: true });
  t.false(verdict(work, target, runs(746))?.met);
  t.is(verdict(work, target, runs(745).slice(2)), undefined);
  const processes = "at most 1.25 x the processes per volume with N = 100";
  t.deepEqual(verdict(work, processes, runs(1)), { measured: "60.0 and 50.0", met: true });
});

test("memory, state and fail over have their own limits", (t) => {
  const scale = (providerBytes: number, bytes: number) => [
    aRun("scale", 1000, "mooring", [took("create", 1, { providerBytes })], {
      state: { bytes, restBytes: 1e9, positionBytes: 1e9, resources: 2001 },
    }),
    aRun("scale", 1000, "floor", [took("create", 1, { providerBytes: 157e6 })]),
  ];
  const memory = ["scale, N = 1000", "the provider's process under 200 MB"] as const;
  t.deepEqual(verdict(...memory, scale(199e6, 1)), {
    measured: "199 MB with 2001 resources, the floor 157 MB",
    met: true,
  });
  t.false(verdict(...memory, scale(200e6, 1))?.met);
  const state = ["state per resource", "under 1600 B, without positions in the program"] as const;
  t.deepEqual(verdict(...state, scale(1, 2001 * 1500)), { measured: "1500 B at most", met: true });
  t.false(verdict(...state, scale(1, 2001 * 1600))?.met);
  const over = (own: number) => [
    aRun("fail-over", 1, "mooring", [took("fail over", own)]),
    aRun("fail-over", 1, "script", [took("fail over", 20)]),
  ];
  const failOver = ["fail over", "at most 1.3 x the same steps by hand"] as const;
  t.deepEqual(verdict(...failOver, over(26)), { measured: "1.30 x (26.0 s, by hand 20.0 s)", met: true });
  t.false(verdict(...failOver, over(26.1))?.met);
});
