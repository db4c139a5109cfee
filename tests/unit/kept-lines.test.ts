import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { KeptLines } from "../kept-lines.js";

test("lines are there again for the same key and code, and a torn one counts for nothing", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "mooring-kept-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const open = (key: string, code = ["tests/lab"]) =>
    KeptLines.open<{ n: number }>({ kind: "kept", key, code }, directory);
  open("a").add({ n: 1 });
  const [file = ""] = readdirSync(directory);
  appendFileSync(join(directory, file), '{"n":');
  const again = open("a");
  t.deepEqual(again.before, [{ n: 1 }]);
  again.add({ n: 2 });
  t.deepEqual(open("a").before, [{ n: 1 }, { n: 2 }]);
  t.deepEqual(open("b").before, [], "another key");
  t.deepEqual(open("a", ["tests/lab", "tests/unit/lab"]).before, [], "other code");
  again.remove();
  t.deepEqual(open("a").before, []);
});
