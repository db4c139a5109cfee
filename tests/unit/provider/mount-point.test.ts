import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { mountsFact } from "../../../provider/facts/mounts.js";
import { ourFilesFact } from "../../../provider/facts/our-files.js";
import { Refused } from "../../../provider/host/errors.js";
import { lookAtPlace, type Misplaced, misplaced, refuseMisplaced } from "../../../provider/mount-point.js";
import { fixture } from "../fixture.js";
import { localHost } from "../local-host.js";

/** A node with the volumes "yundream" and "shared" at their default paths. */
const files = ourFilesFact.parse(fixture("our-files", "node"));
const mounts = mountsFact.parse(fixture("mounts", "node"));

const found = (path: string) => misplaced(path, files, mounts, undefined);
const refused = (path: string, what: Misplaced | undefined) => () => refuseMisplaced(path, "node-01", what);

test("a place beside other mounts is as good as any, whatever it begins with", (t) => {
  for (const path of ["/mnt/mooring/shop", "/mnt/mooring/yundream-2", "/srv/a", "/mnt/mooring/yun"]) {
    t.is(found(path), undefined, path);
    t.notThrows(refused(path, found(path)));
  }
});

test("a place inside of a mount of ours is refused, mounted now or not", (t) => {
  const unmounted = misplaced("/mnt/mooring/yundream/a/b", files, [], undefined);
  t.deepEqual(found("/mnt/mooring/yundream/a/b"), unmounted);
  t.throws(refused("/mnt/mooring/yundream/a/b", unmounted), {
    instanceOf: Refused,
    message: `path: /mnt/mooring/yundream/a/b on host "node-01" is inside the mount of volume "yundream" of stack p1/dev at /mnt/mooring/yundream, among its data. Choose a path outside of it. Nothing was changed.`,
  });
});

test("a place above a mount of ours, or above anybody's, is refused with what it would hide", (t) => {
  t.throws(refused("/mnt/mooring", misplaced("/mnt/mooring", files, [], undefined)), {
    instanceOf: Refused,
    message:
      /^path: \/mnt\/mooring on host "node-01" has a mount below it, which it would hide: volume "\w+" of stack p1\/dev at \/mnt\/mooring\/\w+\. Unmount that first, or choose another path\. Nothing was changed\.$/,
  });
  const theirs = { target: "/srv/a/b", source: "/dev/sdb1", fsType: "ext4", options: ["rw"] };
  t.throws(refused("/srv/a", misplaced("/srv/a", files, [...mounts, theirs], undefined)), {
    message: `path: /srv/a on host "node-01" has a mount below it, which it would hide: /dev/sdb1 at /srv/a/b. Unmount that first, or choose another path. Nothing was changed.`,
  });
});

test("a mount unit of somebody else's is no mount of ours", (t) => {
  const theirs = new Map([["/etc/systemd/system/srv.mount", "[Mount]\nWhere=/srv\n"]]);
  t.is(misplaced("/srv/a", theirs, [], undefined), undefined);
});

test("a link on the way is refused with its target and where it leads", async (t) => {
  const { host, directory } = localHost(t, "node-01");
  mkdirSync(join(directory, "real"));
  symlinkSync("real", join(directory, "link"));
  const path = join(directory, "link", "a");
  t.throws(refused(path, await lookAtPlace(host, path, files, mounts)), {
    instanceOf: Refused,
    message: `path: ${path} on host "node-01" leads elsewhere: ${directory}/link is a symbolic link to "real", and the path leads to "${directory}/real/a". systemd mounts nothing there. Give a path without links. Nothing was changed.`,
  });
  t.is(await lookAtPlace(host, join(directory, "real", "a"), files, mounts), undefined);
});

test("where something is mounted nothing is looked for, and the host is not asked", async (t) => {
  const { host, scripts } = localHost(t, "node-01");
  t.is(await lookAtPlace(host, "/mnt/mooring/yundream", files, mounts), undefined);
  t.deepEqual(scripts, []);
});

test("a directory that is not empty, and what is none, are refused before anything is done", async (t) => {
  const { host, directory } = localHost(t, "node-01");
  const refusal = async (path: string) => {
    const what = await lookAtPlace(host, path, files, mounts);
    return t.throws(refused(path, what), { instanceOf: Refused })?.message;
  };
  for (const name of ["full", "empty"]) mkdirSync(join(directory, name));
  writeFileSync(join(directory, "full", "data"), "");
  const hidden = "what is there would be hidden below the mount. Move it away, or choose another path";
  t.is(
    await refusal(join(directory, "full")),
    `path: ${directory}/full on host "node-01" is not empty: ${hidden}. Nothing was changed.`,
  );
  t.is(
    await refusal(join(directory, "full", "data")),
    `path: ${directory}/full/data on host "node-01" is not a directory: ${hidden}. Nothing was changed.`,
  );
  t.is(await lookAtPlace(host, join(directory, "empty"), files, mounts), undefined);
});
