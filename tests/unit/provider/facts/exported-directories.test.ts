import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { basename, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { exportedDirectoriesFact } from "../../../../provider/facts/exported-directories.js";

/** The fact as it is read where the test's directory stands for the host's root. */
function storage(t: ExecutionContext) {
  const root = mkdtempSync(join(tmpdir(), "mooring-storage-"));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const directory of ["etc/exports.d", "var/lib/mooring/volumes", "srv"])
    mkdirSync(join(root, directory), { recursive: true });
  const { text } = exportedDirectoriesFact.command;
  const here = text
    .replaceAll("/etc/exports.d", `${root}/etc/exports.d`)
    .replaceAll("/var/lib", `${root}/var/lib`);
  return {
    at: (path: string) => join(root, path),
    exported: (name: string) =>
      writeFileSync(
        join(root, "etc/exports.d", `mooring-${basename(name)}.exports`),
        `# Made by Mooring; changes by hand are drift.\n# Owner: urn:x\n${root}/srv/${name} 10.77.0.0/24(rw,sync)\n`,
      ),
    read: () => {
      const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", here], { encoding: "utf8" });
      t.deepEqual([status, stderr], [0, ""]);
      return exportedDirectoriesFact.parse(stdout);
    },
  };
}

test("all directories that exports name are read at once, with mode, owners and whether something is in them", (t) => {
  const { at, exported, read } = storage(t);
  for (const name of ["a", "b"]) exported(name);
  mkdirSync(at("srv/a"), { mode: 0o750 });
  mkdirSync(at("srv/b/.hidden"), { recursive: true });
  const { uid, gid, username } = userInfo();
  const found = read();
  t.deepEqual([...found.keys()], [at("srv/a"), at("srv/b")]);
  t.like(found.get(at("srv/a")), { mode: "0750", user: username, uid: `${uid}`, gid: `${gid}`, empty: true });
  t.false(found.get(at("srv/b"))?.empty);
});

test("so is one that nobody holds, which only its record names", (t) => {
  const { at, read } = storage(t);
  mkdirSync(at("srv/held"));
  const record = { owner: "urn:x", kind: "nfs", path: at("srv/held"), fsid: "f", epoch: 2 };
  writeFileSync(at("var/lib/mooring/volumes/held.json"), JSON.stringify(record));
  writeFileSync(at("var/lib/mooring/volumes/block.json"), `{"owner":"urn:x","template":"base","epoch":1}`);
  t.deepEqual([...read().keys()], [at("srv/held")]);
});

test("what is missing, no directory, or behind a link is left out: it is looked at by itself", (t) => {
  const { at, exported, read } = storage(t);
  for (const name of ["gone", "file", "link", "link/below", "there"]) exported(name);
  writeFileSync(at("srv/file"), "");
  mkdirSync(at("srv/there/below"), { recursive: true });
  symlinkSync("there", at("srv/link"));
  const found = read();
  t.true(found.has(at("srv/there")));
  for (const name of ["gone", "file", "link", "link/below"]) t.false(found.has(at(`srv/${name}`)), name);
});

test("a host without exports of ours has none", (t) => {
  t.is(storage(t).read().size, 0);
});
