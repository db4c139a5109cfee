import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "ava";
import { unitFiles } from "../unit-files.js";

test("each file of tests is run once, some folders' in one process", async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), "mooring-unit-files-"));
  t.teardown(() => rm(cwd, { recursive: true }));
  const unit = join(cwd, "bin", "tests", "unit");
  const files = ["docs", "provider/check", "provider/host/shell", "provider/facts/units", "bench/plan"];
  for (const file of [...files.map((name) => `${name}.test.js`), "provider/world.js"]) {
    await mkdir(dirname(join(unit, file)), { recursive: true });
    await writeFile(join(unit, file), "");
  }
  const together = (name: string) => readFile(join(unit, "together", `${name}.test.js`), "utf8");
  for (const time of ["first", "second"]) {
    t.deepEqual(
      await unitFiles(cwd),
      [
        "bin/tests/unit/together/*.test.js",
        "bin/tests/unit/docs.test.js",
        "bin/tests/unit/provider/host/shell.test.js",
      ],
      time,
    );
    t.is(await together("provider"), 'require("../provider/check.test.js");\n');
    t.is(await together("provider-facts"), 'require("../provider/facts/units.test.js");\n');
    t.is(await together("bench"), 'require("../bench/plan.test.js");\n');
  }
});
