import test from "ava";
import { tapCounter } from "../tap.js";

function counted(tap: string) {
  const counter = tapCounter();
  for (const line of tap.split("\n")) counter.line(line);
  return { ...counter.counts, finished: counter.finished() };
}

test("passed, failed, skipped and to-do tests are counted apart", (t) => {
  const tap = `TAP version 13
ok 1 - mounts › comes back
not ok 2 - mounts › is refused
  ---
    name: AssertionError
    message: ok 7 is not a result, and not ok 8 neither
  ...
ok 3 - later # SKIP
not ok 4 - some day # TODO
# a log line

1..4
# tests 3
# pass 1
# skip 1
# fail 1
`;
  t.deepEqual(counted(tap), { passed: 1, failed: 1, skipped: 2, finished: true });
});

test("a title that mentions a directive is no directive", (t) => {
  t.deepEqual(counted("ok 1 - never skip a # sign\n1..1"), {
    passed: 1,
    failed: 0,
    skipped: 0,
    finished: true,
  });
});

test("output that stops before its plan is not finished", (t) => {
  t.false(counted("TAP version 13\nok 1 - a\nok 2 - b").finished);
  t.false(counted("TAP version 13\nok 1 - a\n1..2").finished);
});
