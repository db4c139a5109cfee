import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { Task } from "../../bench/contestants/contestant.js";
import { controlFor, writeFiles } from "../../bench/contestants/control.js";
import type { Lab } from "../../lab/index.js";

function task(t: ExecutionContext, work: Task["work"], count: number): Task {
  const folder = mkdtempSync(join(tmpdir(), "mooring-control-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return { work, count, folder, lab: {} as Lab };
}

test("a host has its own volumes, and none that has nothing to do is asked", (t) => {
  const nfs = controlFor(task(t, "nfs", 3), "create", false);
  t.deepEqual(Object.keys(nfs), ["storage", "node-01"]);
  const nbd = controlFor(task(t, "nbd", 60), "create", false);
  t.deepEqual(
    Object.values(nbd).map(({ volumes }) => volumes.length),
    [60, 50, 10],
  );
});

test("only destroy wants nothing to be there, and a change stays", (t) => {
  const some = task(t, "nbd", 2);
  t.true(controlFor(some, "no change", false).storage?.present);
  const destroyed = controlFor(some, "destroy", true).storage;
  t.false(destroyed?.present);
  t.is(destroyed?.volumes[0]?.sizeMiB, 192);
});

test("both ends of a volume have the same key, each in a file that nobody else reads", (t) => {
  const some = task(t, "nbd", 60);
  writeFiles(some);
  const { storage, "node-02": node } = controlFor(some, "create", false);
  const [served, attached] = [storage?.exportsFolder ?? "", node?.attachmentsFolder ?? ""];
  t.is(readdirSync(served).length, 60);
  t.is(readdirSync(attached).length, 10);
  const key = (folder: string) => readFileSync(join(folder, "v0055", "keys.psk"), "utf8");
  t.regex(key(served), /^mooring:[0-9a-f]{64}\n$/);
  t.is(key(served), key(attached));
  t.is(readFileSync(join(attached, "v0055", "env"), "utf8"), "DEVICE=/dev/nbd4\nPORT=10863\n");
});

test("where there are no block volumes there are no keys", (t) => {
  const some = task(t, "nfs", 2);
  writeFiles(some);
  t.false(existsSync(controlFor(some, "create", false).storage?.exportsFolder ?? ""));
});
