import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { fileSystemOf, parseFileSystem } from "../../../../provider/facts/file-system.js";

const read = (directory: string) => {
  const { stdout } = spawnSync("/bin/sh", ["-c", fileSystemOf(directory).text], { encoding: "utf8" });
  return parseFileSystem(stdout);
};

test("a file system is read with where it is mounted, blanks in that too", (t) => {
  t.deepEqual(
    parseFileSystem(`   1B-blocks        Used       Avail Mounted on
270553174016 21188960256 76604334080 /srv/the pool
`),
    { at: "/srv/the pool", size: 270_553_174_016, used: 21_188_960_256, free: 76_604_334_080 },
  );
});

test("what is no number is not taken for one", (t) => {
  t.throws(() => parseFileSystem(""), { message: /^df did not tell the size of the file system: $/ });
  t.throws(() => parseFileSystem("1B-blocks Used Avail Mounted on\n- - - /\n"), { message: /- - - \/$/ });
});

test("of a directory that is not there it is its nearest parent's", (t) => {
  const { blocks, bsize } = statfsSync("/");
  t.is(read("/").size, blocks * bsize);
  t.is(read("/not/there/at all").size, blocks * bsize);
  t.is(read("/proc/not/there").at, "/proc");
});

test("of a directory that somebody removes at that moment it is its parent's", (t) => {
  const parent = mkdtempSync(join(tmpdir(), "mooring-df-"));
  t.teardown(() => rmSync(parent, { recursive: true }));
  mkdirSync(join(parent, "other"));
  mkdirSync(join(parent, "pool"));
  const removing = `df() { for last; do :; done; rmdir "$last" 2>/dev/null; command df "$@"; }`;
  const script = `${removing}\n${fileSystemOf(join(parent, "pool")).text}`;
  const { stdout } = spawnSync("/bin/sh", ["-c", script], { encoding: "utf8" });
  t.true(parseFileSystem(stdout).size > 0);
});
