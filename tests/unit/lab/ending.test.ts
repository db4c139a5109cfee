import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { statusUnlessOff } from "../../lab/hosts-running.js";
import { startDetached } from "../../lab/processes.js";

test("a host is off, not in error, when its QEMU ends some time after it has removed its socket", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "mooring-ending-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const ending = startDetached("sleep", ["1"], join(folder, "log"));
  t.is(await statusUnlessOff(ending, join(folder, "control")), undefined);
});
