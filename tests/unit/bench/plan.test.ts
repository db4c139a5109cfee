import test from "ava";
import { type Options, readOptions } from "../../bench/options.js";
import { type PlannedRun, planOf, shortPlan, titleOf } from "../../bench/plan.js";

function planned(...args: string[]): string[] {
  return planOf(readOptions(args) as Options).map(
    ({ work, count, contestant, repetition }) => `${work} ${count} ${contestant} ${repetition}`,
  );
}

test("one alone is for Mooring, Ansible has ten at most, and a fail over is one run", (t) => {
  t.deepEqual(planned("--work", "nfs,fail-over"), [
    "nfs 1 mooring 1",
    "nfs 10 mooring 1",
    "nfs 10 floor 1",
    "nfs 10 script 1",
    "nfs 10 pyinfra 1",
    "nfs 10 ansible 1",
    "nfs 100 mooring 1",
    "nfs 100 floor 1",
    "nfs 100 script 1",
    "nfs 100 pyinfra 1",
    "fail-over 1 mooring 1",
  ]);
});

test("a thousand are on one host, without the tools that take hours", (t) => {
  t.deepEqual(planned("--work", "scale"), [
    ...["mooring", "floor", "script"].map((contestant) => `scale 10 ${contestant} 1`),
    ...["mooring", "floor", "script"].map((contestant) => `scale 100 ${contestant} 1`),
    ...["mooring", "floor", "script"].map((contestant) => `scale 1000 ${contestant} 1`),
  ]);
});

test("Ansible has more than ten where that was asked for", (t) => {
  t.true(planned("--ansible-all").includes("nbd 100 ansible 1"));
  t.false(planned().includes("nbd 100 ansible 1"));
  t.true(planned().includes("nbd 10 ansible 1"));
});

test("a number that was asked for is the only one, for all contestants", (t) => {
  t.deepEqual(planned("--work", "nfs,fail-over", "--count", "1", "--contestants", "mooring,script"), [
    "nfs 1 mooring 1",
    "nfs 1 script 1",
    "fail-over 1 mooring 1",
  ]);
});

test("all is done once before anything is done again", (t) => {
  t.deepEqual(
    planned("--work", "nbd", "--count", "2", "--contestants", "floor,script", "--repetitions", "2"),
    ["nbd 2 floor 1", "nbd 2 script 1", "nbd 2 floor 2", "nbd 2 script 2"],
  );
});

test("the short form is Mooring's alone, and has one work with two numbers", (t) => {
  const runs = shortPlan();
  t.true(runs.every(({ contestant }) => contestant === "mooring"));
  t.deepEqual(
    runs.filter(({ work }) => work === "nfs").map(({ count }) => count),
    [3, 6],
  );
});

test("a title says which of several runs it is", (t) => {
  const run: PlannedRun = { work: "nfs", count: 10, contestant: "floor", repetition: 2 };
  t.is(titleOf(run, 1), "nfs, N = 10, floor");
  t.is(titleOf(run, 3), "nfs, N = 10, floor, 2 of 3");
  t.is(titleOf({ ...run, work: "fail-over" }, 3), "fail over, 2 of 3");
});
