import test from "ava";
import { mountPointsFact } from "../../../../provider/facts/mount-points.js";
import { Refused } from "../../../../provider/host/errors.js";
import type { Host } from "../../../../provider/host/host.js";
import { observeExport } from "../../../../provider/nfs/export-observing.js";
import { mountPointIn, mountPointOf } from "../../../../provider/nfs/exported-while-mounted.js";
import { exportsText, heldText } from "../../../../provider/nfs/exporting.js";
import { nfsExport } from "../../../../provider/resources/nfs-export.js";
import { fixture } from "../../fixture.js";
import { inputsOf, text, titles } from "../plans.js";
import { directory, exported, free } from "../resources/nfs-single-cases.js";

/** As `cut` prints it of /proc/self/mountinfo. */
const MOUNTED = mountPointsFact.parse(`254:0 /
0:21 /proc
0:23 /run
8:17 /srv/disk
8:17 /srv/disk/bound
0:52 /srv/disk/pool
254:0 /srv/of-root
0:53 /srv/of-root/own
`);

test("what the kernel lists is read by mount point", (t) => {
  const mounted = mountPointsFact.parse(fixture("mount-points", "storage"));
  t.is(mounted.get("/"), "254:0");
  t.is(mounted.get("/run/lock"), "0:25");
  t.is(mountPointOf("/srv/mooring/a", mounted), undefined);
  t.is(mountPointOf("/run/lock/a", mounted), "/run/lock");
});

test("a directory is below a mount point where that is a file system of its own", (t) => {
  for (const [path, expected] of [
    ["/srv/a", undefined],
    ["/srv/disk", "/srv/disk"],
    ["/srv/disk/a", "/srv/disk"],
    ["/srv/disks/a", undefined],
    ["/srv/disk/pool/a/b", "/srv/disk/pool"],
    // mountd would take these for none.
    ["/srv/of-root/a", undefined],
    ["/srv/disk/bound/a", undefined],
    ["/srv/of-root/own/a", "/srv/of-root/own"],
  ] as const)
    t.is(mountPointOf(path, MOUNTED), expected, path);
});

const OWNER = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NfsExport::a";
const shared = inputsOf(nfsExport, {
  owner: OWNER,
  name: "a",
  path: "/srv/disk/a",
  clients: ["10.77.0.0/24"],
});
const fsid = "7c506078-9f26-5d74-8879-0cb5097563a3";

test("an export says what has to be mounted, once, and it is read from the file again", (t) => {
  const client = (...options: string[]) => [{ address: "10.77.0.12", options }];
  const file = exportsText(OWNER, "/srv/disk/a", fsid, client("rw"), "/srv/disk");
  t.true(file.endsWith(`\n/srv/disk/a 10.77.0.12(rw,fsid=${fsid},mountpoint=/srv/disk)\n`));
  t.is(mountPointIn(file), "/srv/disk");
  for (const own of ["mp", "mountpoint", "mountpoint=/srv"]) {
    const said = exportsText(OWNER, "/srv/disk/a", fsid, client(own, "rw"), "/srv/disk");
    t.true(said.endsWith(`(${own},rw,fsid=${fsid})\n`), said);
    t.is(mountPointIn(said), "/srv/disk");
  }
  t.is(mountPointIn(exportsText(OWNER, "/srv/disk/a", fsid, [], "/srv/disk")), "/srv/disk", "to nobody");
  t.is(mountPointIn(exportsText(OWNER, "/srv/disk/a", fsid, client("mountpoint=/srv"))), undefined);
  const holder = { owner: "urn:m", node: "node-01", address: "10.77.0.12" };
  t.regex(heldText({ ...free, holder, mountPoint: "/srv/disk" }), /,mountpoint=\/srv\/disk\)\n$/);
});

/** A storage host with these files, and an export that is listed. */
function storage(files: Record<string, string>, mounted = MOUNTED): Host {
  const facts: Record<string, unknown> = {
    "exportfs -s": [],
    "files of ours": new Map(Object.entries(files)),
    "exported directories": new Map([["/srv/disk/a", { ...directory, empty: false }]]),
    "mount points": mounted,
  };
  return {
    name: "storage",
    fact: async ({ name }: { name: string }) => facts[name],
    look: async () => "",
  } as unknown as Host;
}

const FILE = "/etc/exports.d/mooring-a.exports";
const unmounted = new Map([...MOUNTED].filter(([target]) => !target.startsWith("/srv/disk")));
const never = () => {
  throw new Error("no other host is asked");
};

test("what is mounted when it is made is what has to be mounted from then on", async (t) => {
  const found = await observeExport(storage({}), shared, never);
  t.is(found?.mountPoint, "/srv/disk");
  const steps = nfsExport.plan(shared, found, shared);
  t.true(text(steps).includes(`,mountpoint=/srv/disk)\n`));
  const single = { ...shared, access: "single" as const, clients: undefined };
  t.true(text(nfsExport.plan(single, found, single)).includes('"mountPoint":"/srv/disk"'));
});

test("while nothing is mounted there its data is gone: nothing is made, changed or removed", async (t) => {
  const client = [{ address: "10.77.0.0/24", options: shared.clients?.[0]?.options ?? [] }];
  const written = exportsText(
    OWNER,
    "/srv/disk/a",
    "00000000-0000-5000-8000-000000000000",
    client,
    "/srv/disk",
  );
  const found = await observeExport(storage({ [FILE]: written }, unmounted), shared, never);
  t.like(found, { mountPoint: "/srv/disk", unmounted: true, directory: undefined });
  t.true(nfsExport.data?.isGone(found));
  t.regex(
    nfsExport.data?.wayBack(shared, found) ?? "",
    /^\/srv\/disk\/a is on \/srv\/disk, where nothing is mounted now\. Mount it, then run there: exportfs -ra; exportfs -f\. If that disk never comes back there: pulumi state delete, then remove \/etc\/exports\.d\/mooring-a\.exports and \/var\/lib\/mooring\/volumes\/a\.json on the host, where they are\. If it was moved/,
  );
  t.throws(() => nfsExport.plan(shared, found, shared), {
    instanceOf: Refused,
    message: `on host "storage" /srv/disk/a is on /srv/disk, where nothing is mounted now. Mount it, then run there: exportfs -ra; exportfs -f. Nothing was changed.`,
  });
  for (const onDelete of ["trash", "destroy"] as const)
    t.throws(() => nfsExport.plan(undefined, found, { ...shared, onDelete }), {
      instanceOf: Refused,
      message:
        /what is to be removed \(onDelete: "\w+"\) is there\. Nothing was changed\.\nIf that disk never comes back there: pulumi state delete, then remove /,
    });
  t.true(titles(nfsExport.plan(undefined, found, { ...shared, onDelete: "retain" })).length > 0);
});

test("one that was made before it had a disk of its own stays as it is", async (t) => {
  const client = [{ address: "10.77.0.0/24", options: ["rw"] }];
  const old = exportsText(OWNER, "/srv/disk/a", fsid, client);
  const found = await observeExport(storage({ [FILE]: old }), shared, never);
  t.is(found?.mountPoint, undefined);
  t.deepEqual(found?.directory, directory);
  const record = `${JSON.stringify({ ...free, path: "/srv/disk/a" })}\n`;
  const single = { ...exported, path: "/srv/disk/a" };
  const kept = await observeExport(
    storage({ "/var/lib/mooring/volumes/a.json": record }, unmounted),
    single,
    never,
  );
  t.deepEqual([kept?.mountPoint, kept?.unmounted], [undefined, undefined]);
});
