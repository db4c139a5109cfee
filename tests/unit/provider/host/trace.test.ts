import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { trace } from "../../../../provider/host/trace.js";

test.serial("a round trip is one line, whatever it did; without the variable nothing is written", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mooring-trace-"));
  const file = join(folder, "trace");
  t.teardown(() => {
    delete process.env.MOORING_TRACE;
    rmSync(folder, { recursive: true });
  });
  process.env.MOORING_TRACE = file;
  trace("storage", "ssh", "reading exports", 3, 41);
  trace("node-01", "docker", "two\n  lines", 0, 8);
  delete process.env.MOORING_TRACE;
  trace("storage", "ssh", "unseen", 0, 0);
  t.deepEqual(
    readFileSync(file, "utf8").replaceAll(/^\S+ /gm, ""),
    "storage ssh waited 3 ms, took 41 ms: reading exports\nnode-01 docker waited 0 ms, took 8 ms: two lines\n",
  );
});
