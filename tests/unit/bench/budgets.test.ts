import test from "ava";
import { compare, comparisonRows, countsOf, readBudgets, withRoom } from "../../bench/budgets.js";
import { aRun, took, trips } from "./some-results.js";

const state = { bytes: 7000, restBytes: 800, positionBytes: 99, resources: 6 };
const counts = countsOf([
  aRun("nfs", 3, "mooring", [took("create", 1, { processes: 100, ...trips(12) })], { state }),
  aRun("containers", 2, "mooring", [took("no change", 1, { processes: 8, ...trips(4) })]),
]);

test("counts are per operation, and per resource where N decides", (t) => {
  t.deepEqual(counts, {
    "nfs, N = 3, create: scripts over SSH": 12,
    "nfs, N = 3, create: processes per resource": 16.7,
    "nfs, N = 3: bytes of state per resource": 1300,
    "containers, N = 2, no change: scripts over SSH": 4,
    "containers, N = 2, no change: requests to Docker": 0,
    "containers, N = 2, no change: processes per resource": 4,
  });
});

test("a count may be as large as its budget, and not larger", (t) => {
  const [what = ""] = Object.keys(counts);
  const at = (budget: number) => compare({ [what]: 12 }, { [what]: budget });
  t.deepEqual(at(12), [{ what, count: 12, budget: 12, within: true }]);
  t.deepEqual(at(11), [{ what, count: 12, budget: 11, within: false }]);
});

test("what has no budget, and what was not counted, fails", (t) => {
  const comparisons = compare({ new: 1 }, { old: 5 });
  t.deepEqual(comparisonRows(comparisons), [
    ["TOO MUCH", "1", "no budget", "new"],
    ["TOO MUCH", "not counted", "of 5", "old"],
  ]);
  t.true(comparisons.every(({ within }) => !within));
});

test("budgets have some room, most for what hosts do by themselves, and what is nothing stays nothing", (t) => {
  t.deepEqual(withRoom(counts), {
    "nfs, N = 3, create: scripts over SSH": 18,
    "nfs, N = 3, create: processes per resource": 27,
    "nfs, N = 3: bytes of state per resource": 1326,
    "containers, N = 2, no change: scripts over SSH": 5,
    "containers, N = 2, no change: requests to Docker": 0,
    "containers, N = 2, no change: processes per resource": 7,
  });
  t.true(compare(counts, withRoom(counts)).every(({ within }) => within));
});

test("the committed budgets are whole numbers, by what is counted", (t) => {
  const counted =
    /^\w+, N = \d+(, [a-z ]+)?: (scripts over SSH|requests to Docker|processes per resource|bytes of state per resource)$/;
  const wrong = Object.entries(readBudgets()).filter(
    ([what, budget]) => !counted.test(what) || !Number.isInteger(budget) || budget < 0,
  );
  t.deepEqual(wrong, []);
});
