import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { ofThoseThere } from "../../../../provider/facts/still-there.js";
import { type Sh, sh } from "../../../../provider/host/sh.js";

/** What is read of file `a`, which is there, and of `b`, which another program has just removed. */
function reading(t: ExecutionContext, tool: Sh) {
  const folder = mkdtempSync(join(tmpdir(), "mooring-there-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "a"), "moored\n");
  const script = `cd ${folder}; set -- ./a ./b\n${ofThoseThere(tool)}\necho end`;
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", script], { encoding: "utf8" });
  return { status, stdout, stderr };
}

test("a file that is gone is left out, and the others are read", (t) => {
  const grep = sh`{ grep -HZ '' "$@" || [ $? = 1 ]; }`;
  t.deepEqual(reading(t, grep), { status: 0, stdout: "./a\0moored\nend\n", stderr: "" });
  t.deepEqual(reading(t, sh`{ cat "$@" | tr o 0; }`), { status: 0, stdout: "m00red\nend\n", stderr: "" });
});

test("of no files nothing is read", (t) => {
  const script = `set --\n[ $# = 0 ] || ${ofThoseThere(sh`cat "$@"`)}\necho end`;
  t.is(spawnSync("/bin/sh", ["-c", script], { encoding: "utf8" }).stdout, "end\n");
});

test("what else a tool complains of is an error, also behind a pipe, and so is one that says nothing", (t) => {
  const complaint = "cat: ./a: Input/output error";
  const broken = sh`{ echo ${complaint} >&2; cat "$@"; }`;
  for (const tool of [broken, sh`{ ${broken} | cat; }`]) {
    const { status, stderr } = reading(t, tool);
    t.is(status, 1);
    t.true(stderr.startsWith(`${complaint}\n`), stderr);
  }
  t.is(reading(t, sh`false`).status, 1);
});
