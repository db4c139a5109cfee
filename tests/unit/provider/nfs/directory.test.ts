import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { Refused } from "../../../../provider/host/errors.js";
import { describeLink } from "../../../../provider/links.js";
import { lookAtDirectory, lookAtExported } from "../../../../provider/nfs/directory.js";
import { localHost } from "../../local-host.js";

test("a directory is read with its mode and owners, and whether something is in it", async (t) => {
  const { host, directory } = localHost(t, "storage");
  const path = join(directory, "it's a b");
  t.deepEqual(await lookAtDirectory(host, path), { directory: undefined, link: undefined });
  mkdirSync(path, { mode: 0o750 });
  const { directory: found, link } = await lookAtDirectory(host, path);
  t.is(link, undefined);
  t.deepEqual([found?.mode, found?.uid, found?.empty], ["0750", String(process.getuid?.()), true]);
  writeFileSync(join(path, ".hidden"), "");
  t.false((await lookAtDirectory(host, path)).directory?.empty);
});

test("one that an export of ours names is looked at with all others, unless it is not among them", async (t) => {
  const { host, scripts } = localHost(t, "storage");
  const known = { mode: "0755", user: "root", uid: "0", group: "root", gid: "0", empty: false };
  const exported = new Map([["/srv/a", known]]);
  t.deepEqual(await lookAtExported(host, "/srv/a", exported), { directory: known });
  t.deepEqual(scripts, []);
  t.deepEqual(await lookAtExported(host, "/not/there", exported), { directory: undefined, link: undefined });
  t.is(scripts.length, 1);
});

test("a file in its place is refused", async (t) => {
  const { host, directory } = localHost(t, "storage");
  writeFileSync(join(directory, "file"), "x");
  await t.throwsAsync(lookAtDirectory(host, join(directory, "file")), {
    instanceOf: Refused,
    message: /\/file on host "storage" is a regular file, not a directory$/,
  });
});

test("a link among its parents is found with its target, and what is behind it", async (t) => {
  const { host, directory } = localHost(t, "storage");
  mkdirSync(join(directory, "real", "a"), { recursive: true });
  symlinkSync("real", join(directory, "link"));
  const { directory: found, link } = await lookAtDirectory(host, join(directory, "link", "a"));
  t.true(found?.empty);
  t.deepEqual(link, { at: join(directory, "link"), target: "real", real: join(directory, "real", "a") });
  const missing = await lookAtDirectory(host, join(directory, "link", "none"));
  t.deepEqual([missing.directory, missing.link?.real], [undefined, join(directory, "real", "none")]);
});

test("so is one in its own place, also one that leads nowhere or to itself", async (t) => {
  const { host, directory } = localHost(t, "storage");
  symlinkSync("/not/there\n", join(directory, "nowhere"));
  const { directory: found, link } = await lookAtDirectory(host, join(directory, "nowhere"));
  t.is(found, undefined);
  t.is(link?.at, join(directory, "nowhere"));
  t.regex(
    link ? describeLink(link) : "",
    /\/nowhere is a symbolic link to "\/not\/there", and the path leads/,
  );
  symlinkSync("loop", join(directory, "loop"));
  const loop = await lookAtDirectory(host, join(directory, "loop"));
  t.deepEqual([loop.directory, loop.link?.target], [undefined, "loop"]);
});
