import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import type { Fault } from "../../faults/suite/fault.js";
import { ProgressFile } from "../../faults/suite/progress-file.js";

const [one, two]: [Fault, Fault] = [
  { name: "one", promise: "p", fault: "f", expected: "e", run: async () => undefined },
  { name: "two", promise: "p", fault: "f", expected: "e", run: async () => undefined },
];
const passed = { fault: one, passed: true, ms: 5, pauseMs: undefined, measured: [] };
const failed = { fault: two, passed: false, ms: 7, pauseMs: 3, measured: [{ what: "fail over", ms: 9 }] };

test("a run that was ended goes on with the same seed, and nothing is run again, passed or failed", (t) => {
  const cache = mkdtempSync(join(tmpdir(), "mooring-progress-"));
  t.teardown(() => rmSync(cache, { recursive: true }));
  const open = (seed: string) => ProgressFile.open(seed, [one, two], { cache });
  const first = open("a");
  t.is(first.of(one, 1), undefined);
  first.add(passed, 1);
  first.add(failed, 2);

  const second = open("a");
  t.deepEqual(second.of(two, 2), failed);
  t.like(second.of(one, 1), { fault: one, passed: true, ms: 5 });
  t.is(second.of(one, 2), undefined);
  t.is(open("b").of(one, 1), undefined, "another seed is another run");

  t.log("cut off in the middle of a line");
  const [file = ""] = readdirSync(join(cache, "faults"));
  appendFileSync(join(cache, "faults", file), '{"round":2,"na');
  open("a").add(passed, 2);
  t.true(open("a").of(one, 2)?.passed);

  second.done();
  t.is(open("a").of(one, 1), undefined);
});
