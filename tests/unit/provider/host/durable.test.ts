import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { apply } from "../../../../provider/host/apply.js";
import { durably } from "../../../../provider/host/durable.js";
import { CommandFailed } from "../../../../provider/host/errors.js";
import { sh } from "../../../../provider/host/sh.js";
import { on, remove, run } from "../../../../provider/host/steps.js";
import { write, writeThrough } from "../../../../provider/host/writing.js";
import { localHost } from "../../local-host.js";
import { text } from "../plans.js";

const OPTIONS = { lock: "volume-a", who: "the test" };

test("steps that change no files are all there is", (t) => {
  const steps = [run("look", sh`true`)];
  t.is(durably(steps), steps);
});

test("what steps change is brought to the disk behind them, each place once", (t) => {
  const steps = [write("/etc/a", "x"), write("/etc/b", "x"), remove("/var/lib/mooring/c/d")];
  t.is(
    text(durably(steps).slice(steps.length)),
    `## bring it to the disk
set -- '/etc' '/var/lib/mooring/c'
flush() {
  n=$#
  for d do
    until [ -d "$d" ]; do d=\${d%/*}; d=\${d:-/}; done
    set -- "$@" "$d"
  done
  shift $n
  # Another resource may remove one at any moment: then the change is in its parent.
  disks=$(stat -c %d -- "$@" 2>/dev/null) || return 1
  flushed=
  for disk in $disks; do
    d=$1; shift
    case $flushed in *" $disk "*) ;; *) flushed="$flushed $disk "; set -- "$@" "$d" ;; esac
  done
  said=$(sync -f -- "$@" 2>&1) && return
  for d do [ -d "$d" ] || return 1; done
  printf '%s\n' "$said" >&2
  exit 1
}
until flush "$@"; do :; done
`,
  );
});

test("each file system is flushed once, also of a directory that is gone by then", async (t) => {
  const local = localHost(t, "storage");
  const at = (name: string) => join(local.directory, name);
  // Steps share their shell: what is a function there is none of the host's tools.
  const fakes = sh`sync() { echo "$*" >> ${at("log")}; }
stat() { shift 3; for path; do case $path in */other) echo 2 ;; *) echo 1 ;; esac; done; }
mkdir ${at("other")}`;
  const steps = [
    run("play", fakes, at("one")),
    run("a", sh`:`, at("other"), at("gone/for/ever")),
    run("b", sh`:`, "/none"),
  ];
  await apply(local.host, () => local.host, steps, OPTIONS);
  t.is(readFileSync(at("log"), "utf8"), `-f -- ${local.directory} ${at("other")}\n`);
});

test("a directory that somebody else removes at that moment is flushed with its parent", async (t) => {
  const local = localHost(t, "storage");
  const shared = join(local.directory, "shared");
  const fakes = sh`mkdir ${shared}
sync() { rmdir ${shared} 2>/dev/null && { echo "sync: error opening: No such file or directory" >&2; return 1; }; echo "$*" >> ${join(local.directory, "log")}; }`;
  await apply(local.host, () => local.host, [run("play", fakes, shared)], OPTIONS);
  t.is(readFileSync(join(local.directory, "log"), "utf8"), `-f -- ${local.directory}\n`);
});

test("real files are flushed by the real tool", async (t) => {
  const local = localHost(t, "storage");
  await t.notThrowsAsync(
    apply(local.host, () => local.host, [write(join(local.directory, "a"), "x")], OPTIONS),
  );
});

test("another host's steps go on only when it is on the disk, and a disk that fails is named", async (t) => {
  const storage = localHost(t, "storage");
  const node = localHost(t, "node-01");
  const after = join(node.directory, "after");
  const broken = run("play", sh`sync() { echo "sync: Input/output error" >&2; return 1; }`);
  const steps = [
    ...on({ name: "storage" }, [broken, write(join(storage.directory, "a"), "x")]),
    run("attach", sh`touch ${after}`),
  ];
  await t.throwsAsync(
    apply(node.host, () => storage.host, steps, OPTIONS),
    {
      instanceOf: CommandFailed,
      message:
        /^bring it to the disk on host "storage" failed with exit code 1:\n {2}sync: Input\/output error\n/,
    },
  );
  t.false(existsSync(after));
});

test("what must never be found empty is on the disk before it has its name", async (t) => {
  const local = localHost(t, "storage");
  const [file, log] = [join(local.directory, "a.json"), join(local.directory, "log")];
  const play = run("play", sh`sync() { cat "$1" ${file} >> ${log} 2>&1 || true; }`);
  await apply(
    local.host,
    () => local.host,
    [write(file, "old\n"), play, writeThrough(file, "new\n")],
    OPTIONS,
  );
  t.regex(readFileSync(log, "utf8"), /^new\nold\n/);
  t.is(readFileSync(file, "utf8"), "new\n");
});
