import test from "ava";
import { Refused } from "../../../../provider/host/errors.js";
import { nfsMount, type ObservedNfsMount } from "../../../../provider/resources/nfs-mount.js";
import { checked } from "../checking.js";
import { inputsOf, text, titles } from "../plans.js";
import {
  compareOwner,
  ENABLE,
  MAKE_MOUNT_POINT,
  REMOVE,
  REMOVE_MOUNT_POINT,
  start,
  stop,
  UNLINK,
  WRITE,
} from "../scripts.js";

const OWNER = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NfsMount::a";

const wanted = inputsOf(nfsMount, {
  host: { name: "node-01" },
  owner: OWNER,
  name: "a",
  path: "/mnt/mooring/a-b",
  source: "10.77.0.11:/srv/a",
});

const TEXT = `# Made by Mooring; changes by hand are drift.
# Owner: ${OWNER}
[Unit]
Description=Mooring: data volume a over NFS
After=network-online.target nfs-server.service
Wants=network-online.target

[Mount]
What=10.77.0.11:/srv/a
Where=/mnt/mooring/a-b
Type=nfs4
Options=hard,nodev,nosuid,vers=4.2,_netdev,nofail,retry=10080
TimeoutSec=infinity

[Install]
WantedBy=multi-user.target
`;
const unit = { active: "active", enabled: true, needsReload: false };
const mount = {
  target: "/mnt/mooring/a-b",
  source: "10.77.0.11:/srv/a",
  fsType: "nfs4",
  options: ["rw", "hard"],
};
const COMPARE = "compare the owner of /etc/systemd/system/mnt-mooring-a\\x2db.mount";
const there = { file: TEXT, unit, mount };
const foreign = { ...there, file: TEXT.replace("dev::shop", "prod::shop") };

test("from nothing: the unit, an empty, immutable mount point, and its start", (t) => {
  t.is(
    text(nfsMount.plan(wanted, undefined, wanted)),
    `${compareOwner("/etc/systemd/system/mnt-mooring-a\\x2db.mount", OWNER)}## write /etc/systemd/system/mnt-mooring-a\\x2db.mount
set -- '/etc/systemd/system/mnt-mooring-a\\x2db.mount' '0133' '' '# Made by Mooring; changes by hand are drift.
# Owner: urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NfsMount::a
[Unit]
Description=Mooring: data volume a over NFS
After=network-online.target nfs-server.service
Wants=network-online.target

[Mount]
What=10.77.0.11:/srv/a
Where=/mnt/mooring/a-b
Type=nfs4
Options=hard,nodev,nosuid,vers=4.2,_netdev,nofail,retry=10080
TimeoutSec=infinity

[Install]
WantedBy=multi-user.target
'
${WRITE}
## make the mount point /mnt/mooring/a-b
set -- '/mnt/mooring/a-b'
${MAKE_MOUNT_POINT}
## enable mnt-mooring-a\\x2db.mount
set -- 'mnt-mooring-a\\x2db.mount'
${ENABLE}
## start mnt-mooring-a\\x2db.mount
set -- 'mnt-mooring-a\\x2db.mount'
${start(60)}
`,
  );
});

test("nothing to do: the unit is as wanted, enabled and active, and what is mounted is the export", (t) => {
  t.deepEqual(nfsMount.plan(wanted, there, wanted), []);
});

test("each drift is repaired: what is mounted is stopped first", (t) => {
  t.deepEqual(
    titles(
      nfsMount.plan(wanted, { ...there, mount: undefined, unit: { ...unit, active: "inactive" } }, wanted),
    ),
    [
      "make the mount point /mnt/mooring/a-b",
      "enable mnt-mooring-a\\x2db.mount",
      "start mnt-mooring-a\\x2db.mount",
    ],
  );
  t.deepEqual(titles(nfsMount.plan(wanted, { ...there, unit: { ...unit, enabled: false } }, wanted)), [
    "stop mnt-mooring-a\\x2db.mount",
    "enable mnt-mooring-a\\x2db.mount",
    "start mnt-mooring-a\\x2db.mount",
  ]);
  t.deepEqual(titles(nfsMount.plan(wanted, { ...there, unit: { ...unit, active: "failed" } }, wanted)), [
    "stop mnt-mooring-a\\x2db.mount",
    "enable mnt-mooring-a\\x2db.mount",
    "start mnt-mooring-a\\x2db.mount",
  ]);
  t.deepEqual(
    titles(nfsMount.plan(wanted, { ...there, mount: { ...mount, source: "10.77.0.99:/srv/a" } }, wanted)),
    ["stop mnt-mooring-a\\x2db.mount", "enable mnt-mooring-a\\x2db.mount", "start mnt-mooring-a\\x2db.mount"],
  );
  t.deepEqual(titles(nfsMount.plan(wanted, { ...there, file: TEXT.replace("hard", "soft") }, wanted)), [
    "stop mnt-mooring-a\\x2db.mount",
    COMPARE,
    "write /etc/systemd/system/mnt-mooring-a\\x2db.mount",
    "enable mnt-mooring-a\\x2db.mount",
    "start mnt-mooring-a\\x2db.mount",
  ]);
  t.deepEqual(titles(nfsMount.plan(wanted, { file: undefined, unit: undefined, mount: undefined }, wanted)), [
    COMPARE,
    "write /etc/systemd/system/mnt-mooring-a\\x2db.mount",
    "make the mount point /mnt/mooring/a-b",
    "enable mnt-mooring-a\\x2db.mount",
    "start mnt-mooring-a\\x2db.mount",
  ]);
});

test("a stale mount is drift, and is mounted anew", (t) => {
  t.is(nfsMount.drift(wanted, { ...there, stale: true }).status, "stale file handle");
  t.is(nfsMount.drift(wanted, { ...there, stale: false }).status, "mounted");
  t.deepEqual(titles(nfsMount.plan(wanted, { ...there, stale: true }, wanted)), [
    "stop mnt-mooring-a\\x2db.mount",
    "enable mnt-mooring-a\\x2db.mount",
    "start mnt-mooring-a\\x2db.mount",
  ]);
});

test("another source is unmounted and mounted", (t) => {
  t.deepEqual(titles(nfsMount.plan({ ...wanted, source: "10.77.0.11:/srv/b" }, there, wanted)), [
    "stop mnt-mooring-a\\x2db.mount",
    COMPARE,
    "write /etc/systemd/system/mnt-mooring-a\\x2db.mount",
    "enable mnt-mooring-a\\x2db.mount",
    "start mnt-mooring-a\\x2db.mount",
  ]);
});

test("a mount that still tries another source is ended first: systemd would wait for it instead of the new one", (t) => {
  const trying = { file: TEXT, unit: { ...unit, active: "activating" }, mount: undefined };
  t.deepEqual(titles(nfsMount.plan({ ...wanted, source: "10.77.0.12:/srv/a" }, trying, wanted)), [
    "stop mnt-mooring-a\\x2db.mount",
    COMPARE,
    "write /etc/systemd/system/mnt-mooring-a\\x2db.mount",
    "make the mount point /mnt/mooring/a-b",
    "enable mnt-mooring-a\\x2db.mount",
    "start mnt-mooring-a\\x2db.mount",
  ]);
  const [first] = nfsMount.plan(wanted, trying, wanted);
  t.is(first?.title, "make the mount point /mnt/mooring/a-b", "one that tries what is wanted goes on");
});

test("what is another's a delete leaves alone, and says whose it is; what another node has for it is not forgotten", (t) => {
  t.regex(
    nfsMount.leftAlone?.(wanted, foreign) ?? "",
    /mnt-mooring-a\\x2db\.mount belongs to urn:pulumi:prod::shop/,
  );
  t.is(nfsMount.leftAlone?.(wanted, there), undefined);
  t.is(nfsMount.stranded?.(wanted, there), undefined);
  const alone = { ...wanted, storage: { name: "storage" } };
  const record = (node: string) => ({
    owner: "urn:export",
    kind: "nfs" as const,
    path: "/srv/a",
    fsid: "7c506078-9f26-5d74-8879-0cb5097563a3",
    epoch: 4,
    holder: { owner: OWNER, node, address: "10.77.0.13" },
  });
  t.is(nfsMount.stranded?.(alone, { ...there, record: record("node-01") }), undefined);
  t.regex(
    nfsMount.stranded?.(alone, { ...there, record: record("node-02") }) ?? "",
    /^node "node-02" has volume "a" for it, epoch 4: an update that took it there was cut off .*\nRun pulumi up,/,
  );
});

test("a unit or a mount that is somebody else's is refused", (t) => {
  t.throws(() => nfsMount.plan(wanted, foreign, wanted), {
    instanceOf: Refused,
    message: `/etc/systemd/system/mnt-mooring-a\\x2db.mount on host "node-01" is in the way: it belongs to urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:NfsMount::a. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
  t.throws(() => nfsMount.plan(wanted, { ...there, file: "[Mount]\n" }, wanted), {
    instanceOf: Refused,
    message: `/etc/systemd/system/mnt-mooring-a\\x2db.mount on host "node-01" is in the way: it has no owner record: somebody else made it. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
  t.throws(() => nfsMount.plan(wanted, { ...there, file: undefined }, wanted), {
    instanceOf: Refused,
    message: `a mount of 10.77.0.11:/srv/a at /mnt/mooring/a-b on host "node-01" is in the way: it has no owner record: somebody else made it. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
});

test("a place where nothing can be mounted is refused, also with adopt, before the volume is taken", (t) => {
  const misplaced = { within: 'volume "b" of stack shop/dev at /mnt/mooring' };
  const found = { file: undefined, unit: undefined, mount: undefined, misplaced };
  t.throws(() => nfsMount.plan({ ...wanted, adopt: true }, found, wanted), {
    instanceOf: Refused,
    message: `path: /mnt/mooring/a-b on host "node-01" is inside the mount of volume "b" of stack shop/dev at /mnt/mooring, among its data. Choose a path outside of it. Nothing was changed.`,
  });
  t.deepEqual(nfsMount.plan(undefined, found, wanted), []);
});

test("adopt takes over either", (t) => {
  t.deepEqual(titles(nfsMount.plan({ ...wanted, adopt: true }, foreign, wanted)), [
    "stop mnt-mooring-a\\x2db.mount",
    "write /etc/systemd/system/mnt-mooring-a\\x2db.mount",
    "enable mnt-mooring-a\\x2db.mount",
    "start mnt-mooring-a\\x2db.mount",
  ]);
  t.deepEqual(titles(nfsMount.plan({ ...wanted, adopt: true }, { ...there, file: undefined }, wanted)), [
    "stop mnt-mooring-a\\x2db.mount",
    "write /etc/systemd/system/mnt-mooring-a\\x2db.mount",
    "enable mnt-mooring-a\\x2db.mount",
    "start mnt-mooring-a\\x2db.mount",
  ]);
});

test("gone: stopped, verified, the mount point and, last, the unit removed", (t) => {
  t.is(
    text(nfsMount.plan(undefined, there, wanted)),
    `## stop mnt-mooring-a\\x2db.mount
set -- 'mnt-mooring-a\\x2db.mount'
${stop(120)}
${UNLINK}
## check that /mnt/mooring/a-b on node-01 is not mounted
if mountpoint -q '/mnt/mooring/a-b'; then echo "it still is" >&2; exit 1; fi
## remove the mount point /mnt/mooring/a-b
set -- '/mnt/mooring/a-b'
${REMOVE_MOUNT_POINT}
## remove mnt-mooring-a\\x2db.mount
set -- 'mnt-mooring-a\\x2db.mount'
${REMOVE}
`,
  );
});

test("a mount already gone, or never ours, is nothing to do", (t) => {
  t.deepEqual(nfsMount.plan(undefined, undefined, wanted), []);
  t.deepEqual(nfsMount.plan(undefined, { ...there, file: undefined }, wanted), []);
  t.deepEqual(nfsMount.plan(undefined, foreign, wanted), []);
});

test("drift shows what is mounted, and the options in the file", (t) => {
  t.deepEqual(nfsMount.drift(wanted, there), wanted);
  t.deepEqual(nfsMount.drift(wanted, { ...there, mount: undefined }), { ...wanted, source: "" });
  t.deepEqual(nfsMount.drift(wanted, { ...there, file: TEXT.replace("hard", "soft") }), {
    ...wanted,
    options: ["soft", "nodev", "nosuid", "vers=4.2"],
  });
});

test("drift: a unit that was changed otherwise, or written by another version, shows in the status while it is mounted", (t) => {
  const status = (observed: ObservedNfsMount) => nfsMount.drift(wanted, observed).status;
  for (const file of [
    `${TEXT}# by hand\n`,
    TEXT.replace("TimeoutSec=infinity", "TimeoutSec=90"),
    foreign.file,
  ]) {
    t.deepEqual(nfsMount.drift(wanted, { ...there, file }), {
      ...wanted,
      status: "mounted by a changed unit",
    });
    // What else differs is shown by itself.
    t.is(status({ ...there, file, mount: undefined }), "mounted");
    t.is(status({ ...there, file, mount: { ...mount, source: "10.77.0.99:/srv/a" } }), "mounted");
    t.is(status({ ...there, file, unit: { ...unit, enabled: false } }), "mounted");
  }
  t.is(status({ ...there, file: TEXT.replace("hard", "soft") }), "mounted");
});

test("a source has one form, options are sorted and stand once", (t) => {
  const { inputs } = checked(nfsMount, {
    ...wanted,
    source: "[fe80::1]://srv//a/",
    options: ["ro", "nolock", "ro"],
  });
  t.deepEqual([inputs.source, inputs.options], ["[fe80::1]:/srv/a", ["nolock", "ro"]]);
  t.is(checked(nfsMount, { ...wanted, source: "h:/" }).inputs.source, "h:/");
});
