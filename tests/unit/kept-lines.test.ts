import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { KeptLines } from "../kept-lines.js";

function folder(t: ExecutionContext): string {
  const made = mkdtempSync(join(tmpdir(), "mooring-kept-"));
  t.teardown(() => rmSync(made, { recursive: true }));
  return made;
}

test("lines are there again for the same key and code, and a torn one counts for nothing", (t) => {
  const cache = folder(t);
  const open = (key: string, code = ["tests/lab"]) =>
    KeptLines.open<{ n: number }>({ kind: "kept", key, code }, { cache });
  open("a").add({ n: 1 });
  const [file = ""] = readdirSync(join(cache, "kept"));
  appendFileSync(join(cache, "kept", file), '{"n":');
  const again = open("a");
  t.deepEqual(again.before, [{ n: 1 }]);
  again.add({ n: 2 }, { n: 3 });
  t.deepEqual(open("a").before, [{ n: 1 }, { n: 2 }, { n: 3 }]);
  t.deepEqual(open("b").before, [], "another key");
  t.deepEqual(open("a", ["tests/lab", "tests/unit/lab"]).before, [], "other code");
  again.done();
  t.deepEqual(open("a").before, []);
});

test("a record stays after the run, but for what is done anew", (t) => {
  const record = folder(t);
  const open = () =>
    KeptLines.open<{ n: number }>({ kind: "kept", key: "a", code: ["tests/lab"] }, { cache: record, record });
  const lines = open();
  lines.add({ n: 1 }, { n: 2 });
  lines.done();
  t.regex(readdirSync(record).join(" "), /^kept-[0-9a-f]{12}\.jsonl$/);
  t.deepEqual(open().before, [{ n: 1 }, { n: 2 }]);
  const rest = open().drop(({ n }) => n === 1);
  t.deepEqual(rest.before, [{ n: 2 }]);
  rest.add({ n: 3 });
  t.deepEqual(open().before, [{ n: 2 }, { n: 3 }]);
});
