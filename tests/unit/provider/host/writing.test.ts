import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { Sh } from "../../../../provider/host/sh.js";
import { write, writeThrough } from "../../../../provider/host/writing.js";

type Made = ReturnType<typeof write>;

/** A directory, and a shell that does the same writing for all that are given, as the steps of many resources are. */
function place(t: ExecutionContext) {
  const root = mkdtempSync(join(tmpdir(), "mooring-writing-"));
  t.teardown(() => rmSync(root, { recursive: true }));
  const log = join(root, "log");
  mkdirSync(join(root, "bin"));
  return {
    at: (path: string) => join(root, path),
    /** A tool that notes what it is asked, and then is what it was. */
    watch(tool: string, body = `exec /bin/${tool} "$@"`) {
      const file = join(root, "bin", tool);
      writeFileSync(file, `#!/bin/sh\necho "${tool} $*" >> ${log}\n${body}\n`);
      chmodSync(file, 0o755);
    },
    asked: () => (existsSync(log) ? readFileSync(log, "utf8").replaceAll(root, "").trim().split("\n") : []),
    run(steps: readonly Made[], mask = "022") {
      const [first] = steps;
      const input = `set -eu\numask ${mask}\n${first?.action as Sh}\numask\n`;
      const args = steps.flatMap(({ of = [] }) => of);
      return spawnSync("/bin/sh", ["-c", input, "sh", ...args], {
        encoding: "utf8",
        env: { PATH: `${join(root, "bin")}:${process.env.PATH}` },
      });
    },
  };
}

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("many files have each its content and its mode, by one mv for a directory", (t) => {
  const { at, watch, asked, run } = place(t);
  watch("mv");
  const odd = "# it's \\n $HOME `id`\n\n%s\n";
  const { status, stdout, stderr } = run(
    [
      write(at("units/a.mount"), odd),
      write(at("units/mnt-a\\x2db.mount"), "b", "0600"),
      write(at("scripts/one/c.sh"), "", "0700"),
      write(at("units/d.mount"), "d"),
    ],
    "077",
  );
  t.deepEqual([status, stderr], [0, ""]);
  t.is(stdout, "0077\n", "the mask of what comes after it is what it was");
  t.is(readFileSync(at("units/a.mount"), "utf8"), odd);
  t.is(readFileSync(at("units/mnt-a\\x2db.mount"), "utf8"), "b");
  t.is(readFileSync(at("scripts/one/c.sh"), "utf8"), "");
  t.deepEqual(
    ["units/a.mount", "units/mnt-a\\x2db.mount", "scripts/one/c.sh", "units", "scripts/one"].map((path) =>
      mode(at(path)),
    ),
    ["644", "600", "700", "700", "700"],
  );
  t.deepEqual(asked(), [
    "mv -f -- /units/.mooring-new/a.mount /units/.mooring-new/mnt-a\\x2db.mount /units/.mooring-new/d.mount /units",
    "mv -f -- /scripts/one/c.sh.mooring-new /scripts/one/c.sh",
  ]);
  t.deepEqual(readdirSync(at("units")), ["a.mount", "d.mount", "mnt-a\\x2db.mount"]);
  t.deepEqual(readdirSync(at("scripts/one")), ["c.sh"]);
});

test("one file alone is new beside its place", (t) => {
  const { at, watch, asked, run } = place(t);
  watch("mv");
  t.is(run([write(at("units/a.mount"), "a")]).status, 0);
  t.deepEqual(asked(), ["mv -f -- /units/a.mount.mooring-new /units/a.mount"]);
  t.deepEqual(readdirSync(at("units")), ["a.mount"]);
});

test("what an earlier program left is not written through, and not taken", (t) => {
  const { at, run } = place(t);
  mkdirSync(at("units/.mooring-new"), { recursive: true });
  writeFileSync(at("units/.mooring-new/theirs"), "theirs");
  writeFileSync(at("target"), "kept");
  symlinkSync(at("target"), at("units/.mooring-new/a"));
  symlinkSync(at("target"), at("units/c.mooring-new"));
  t.is(run([write(at("units/a"), "new a"), write(at("units/b"), "new b")]).status, 0);
  t.is(run([write(at("units/c"), "new c")]).status, 0);
  t.is(readFileSync(at("target"), "utf8"), "kept");
  t.is(readFileSync(at("units/a"), "utf8"), "new a");
  t.deepEqual(readdirSync(at("units")), [".mooring-new", "a", "b", "c"]);
  t.deepEqual(readdirSync(at("units/.mooring-new")), ["theirs"]);
});

test("when one fails the old files are there, and nothing new", (t) => {
  const { at, watch, run } = place(t);
  mkdirSync(at("units"));
  writeFileSync(at("units/a"), "old");
  watch("sync", 'echo "No space left on device" >&2; exit 1');
  const through = (name: string) => writeThrough(at(`units/${name}`), "new");
  for (const steps of [[through("a"), through("b")], [through("a")]]) {
    const { status, stderr } = run(steps);
    t.deepEqual([status, stderr], [1, "No space left on device\n"]);
    t.deepEqual(readdirSync(at("units")), ["a"]);
    t.is(readFileSync(at("units/a"), "utf8"), "old");
  }
});

test("what must never be found empty is on the disk before the first has its name, by one sync", (t) => {
  const { at, watch, asked, run } = place(t);
  watch("mv");
  watch("sync");
  run([writeThrough(at("r/a"), "a"), writeThrough(at("r/b"), "b")]);
  t.deepEqual(asked(), [
    "sync /r/.mooring-new/a /r/.mooring-new/b",
    "mv -f -- /r/.mooring-new/a /r/.mooring-new/b /r",
  ]);
});
