import test from "ava";
import { exportsFact } from "../../../../provider/facts/exports.js";
import { ourFilesFact } from "../../../../provider/facts/our-files.js";
import { Refused } from "../../../../provider/host/errors.js";
import type { Host } from "../../../../provider/host/host.js";
import { checkInputs } from "../../../../provider/lifecycle/checking.js";
import { Hosts } from "../../../../provider/lifecycle/hosts.js";
import { describeOpen, openTo, overlapping, problemOf } from "../../../../provider/nfs/overlap.js";
import { nfsExport } from "../../../../provider/resources/nfs-export.js";
import { inputsOf } from "../plans.js";

const OWNER = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NfsExport::";
const FSID = "7C506078-9f26-5d74-8879-0cb5097563a3";
const HEAD = `# Made by Mooring; changes by hand are drift.\n# Owner: ${OWNER}`;

const files = new Map([
  ["/etc/exports.d/mooring-a.exports", `${HEAD}a\n/srv/a 10.77.0.0/24(rw,fsid=${FSID.toLowerCase()})\n`],
  ["/etc/exports.d/mooring-held.exports", `${HEAD}held\n`],
  [
    "/var/lib/mooring/volumes/held.json",
    `{"owner":"${OWNER}held","kind":"nfs","path":"/srv/held","fsid":"1a2b3c4d-9f26-5d74-8879-0cb5097563a3","epoch":0}\n`,
  ],
  [
    "/etc/exports.d/theirs.exports",
    "/home 10.0.0.0/8(rw,fsid=0)\n/data *(ro,fsid=99999999-9f26-5d74-8879-0cb5097563a3)\n",
  ],
  ["/etc/systemd/system/mooring-export-b.service", "[Unit]\n"],
]);
const active = [
  { path: "/srv/by-hand", client: "*", options: ["ro", "fsid=55555555-9f26-5d74-8879-0cb5097563a3"] },
];

const on = (name: string, path: string, fsid = "00000000-0000-5000-8000-000000000000") => {
  const [first] = overlapping({ name, path, fsid }, files, active);
  const problem = first && problemOf({ path, fsid }, first);
  return problem && `${problem.property}: ${problem.reason}`;
};

const ONE_VOLUME =
  "whoever may mount the outer one reads and writes the inner one too, and what removes the outer one takes the inner one along. Choose a path beside it";

test("an export beside others is as good as any, and is not in its own way", (t) => {
  for (const path of ["/srv/b", "/srv/a-2", "/srv/hel", "/home/shop", "/srv/by-hand/a", "/data"])
    t.is(on("b", path), undefined, path);
  t.is(on("a", "/srv/a", FSID), undefined);
  t.is(on("held", "/srv/held", "1a2b3c4d-9f26-5d74-8879-0cb5097563a3"), undefined);
});

test("a directory of another volume, one inside of it and one above it are refused, exported now or held by nobody", (t) => {
  t.is(
    on("b", "/srv/a"),
    'path: /srv/a, which is NfsExport "a" of stack shop/dev: one directory is one volume',
  );
  t.is(
    on("b", "/srv/held/b"),
    `path: /srv/held/b is inside of /srv/held, which is NfsExport "held" of stack shop/dev: ${ONE_VOLUME}`,
  );
  t.is(
    on("b", "/srv"),
    `path: /srv has within it /srv/a, which is NfsExport "a" of stack shop/dev: ${ONE_VOLUME}`,
  );
});

test("a number that another export has is refused, whoever made that one", (t) => {
  const clients = "clients would get the one directory for the other. Choose another, or leave it out";
  for (const [fsid, what] of [
    [FSID, '/srv/a, which is NfsExport "a" of stack shop/dev'],
    ["1a2b3c4d-9f26-5d74-8879-0cb5097563a3", '/srv/held, which is NfsExport "held" of stack shop/dev'],
    ["99999999-9f26-5d74-8879-0cb5097563a3", "/data, which /etc/exports.d/theirs.exports exports"],
    ["55555555-9F26-5d74-8879-0cb5097563a3", "/srv/by-hand, which somebody else exports"],
  ] as const)
    t.is(on("b", "/srv/b", fsid), `fsid: ${fsid} is that of ${what}: ${clients}`);
});

test("what the host has in the way is refused before anything is done", (t) => {
  const wanted = inputsOf(nfsExport, {
    owner: `${OWNER}b`,
    name: "b",
    path: "/srv/a/b",
    clients: ["10.0.0.1"],
  });
  const overlaps = overlapping({ ...wanted, fsid: FSID }, files, active);
  const found = { directory: undefined, file: undefined, active: [], overlaps };
  t.throws(() => nfsExport.plan(wanted, found, wanted), {
    instanceOf: Refused,
    message: `path: /srv/a/b is inside of /srv/a, which is NfsExport "a" of stack shop/dev: ${ONE_VOLUME} (on host "storage"). Nothing was changed.
If that one is to go, remove it first, in a \`pulumi up\` of its own.`,
  });
});

test("what shares its files with another volume is removed with neither trash nor destroy", (t) => {
  const outer = inputsOf(nfsExport, { owner: `${OWNER}o`, name: "o", path: "/srv/a", clients: ["10.0.0.1"] });
  const overlaps = overlapping({ ...outer, fsid: FSID }, files, active);
  const directory = { mode: "0755", user: "root", uid: "0", group: "root", gid: "0", empty: false };
  const file = `${HEAD}o\n/srv/a 10.0.0.1(rw)\n`;
  const found = { directory, file, active: [], overlaps };
  for (const onDelete of ["trash", "destroy"])
    t.throws(() => nfsExport.plan(undefined, found, { ...outer, onDelete }), {
      instanceOf: Refused,
      message: `/srv/a on host "storage" can't be removed (onDelete: "${onDelete}"): in it is /srv/a, which is NfsExport "a" of stack shop/dev. Remove that first, or set onDelete: "retain". Nothing was changed.`,
    });
  t.notThrows(() => nfsExport.plan(undefined, found, { ...outer, onDelete: "retain" }));
});

test("one that was made at the same moment as another is a warning: neither saw the other before", (t) => {
  const b = inputsOf(nfsExport, { owner: `${OWNER}b`, name: "b", path: "/srv/a/b", clients: ["10.0.0.1"] });
  const found = { directory: undefined, file: `${HEAD}b\n`, active: [] };
  const overlaps = overlapping({ ...b, fsid: FSID.replace("7", "8") }, files, active);
  t.deepEqual(nfsExport.warnings?.(b, { ...found, overlaps }, true), [
    {
      about: "/srv/a/b beside /srv/a",
      text: `NfsExport "b" on host "storage" has another beside it that came at the same moment, or later: path: /srv/a/b is inside of /srv/a, which is NfsExport "a" of stack shop/dev: ${ONE_VOLUME}`,
    },
  ]);
  t.deepEqual(nfsExport.warnings?.(b, found, true), []);
});

/** What the host exports beside Mooring's own, some of it in drop-ins of somebody else's. */
const theirs = [
  { path: "/", client: "10.9.9.9", options: ["sync", "rw", "no_root_squash"] },
  { path: "/srv", client: "10.0.0.0/8", options: ["rw", "sync"] },
  { path: "/srv", client: "*", options: ["ro", "sync"] },
  { path: "/srv/b/data", client: "node.lan", options: ["sync", "rw"] },
  { path: "/srv/b/public", client: "*", options: ["ro"] },
  { path: "/srv/by", client: "10.9.9.9", options: ["ro", "no_root_squash", "anonuid=1"] },
  { path: "/home", client: "10.0.0.0/8", options: ["rw", "fsid=0"] },
];
/** What Mooring exports, too, as the host lists it. */
const ours = [
  { path: "/srv/a", client: "10.77.0.0/24", options: ["rw", "sync"] },
  { path: "/srv/held", client: "10.77.0.12", options: ["rw", "sync"] },
];
const everything = [...theirs, ...ours];

test("a directory is open to whom somebody else exports it for writing, from above it or from within it", (t) => {
  const open = (path: string, active = everything) =>
    openTo(path, files, active).map((each) => `${each.path} to ${each.client}`);
  const root = "/ to 10.9.9.9";
  const outer = "/srv to 10.0.0.0/8";
  for (const [path, ...found] of [
    ["/data/b", root],
    ["/srv/b", root, outer, "/srv/b/data to node.lan"],
    ["/srv/b/data/c", root, outer, "/srv/b/data to node.lan"],
    ["/srv/b/public", root, outer],
    // Neither by its first letters, nor as what is exported itself, which is in the way for another reason.
    ["/srv/b/dat", root, outer],
    ["/srv", root, "/srv/b/data to node.lan"],
    ["/home", root],
    ["/home/shop", root, "/home to 10.0.0.0/8"],
    // What Mooring exports is no one else's, held or shared: it is kept apart from the others as an overlap.
    ["/srv/a/b", root, outer],
    ["/srv/held/b", root, outer],
  ] as const)
    t.deepEqual(open(path), found, path);
  t.deepEqual(open("/srv/b", ours), []);
  t.deepEqual(open("/srv", ours), []);
  t.deepEqual(open("/srv/by/b", theirs.slice(5)), [], "for reading alone");
});

test("an export that is open to others is told with where, and to whom", (t) => {
  const described = (path: string) =>
    openTo(path, files, everything).map((other) => describeOpen(path, other));
  t.deepEqual(described("/srv/b"), [
    "/srv/b is inside of /, which somebody else exports to 10.9.9.9 for writing",
    "/srv/b is inside of /srv, which somebody else exports to 10.0.0.0/8 for writing",
    "/srv/b has within it /srv/b/data, which somebody else exports to node.lan for writing",
  ]);
});

const single = inputsOf(nfsExport, { owner: `${OWNER}b`, name: "b", path: "/srv/b", access: "single" });
const shared = inputsOf(nfsExport, { owner: `${OWNER}b`, name: "b", path: "/srv/b", clients: ["10.0.0.1"] });
const nothing = { directory: undefined, file: undefined, active: [] };

test("one writer is not promised where others write through an export of their own: refused before anything is done", (t) => {
  const exposed = openTo("/srv/b", files, theirs.slice(1));
  for (const wanted of [single, { ...single, adopt: true }])
    t.throws(() => nfsExport.plan(wanted, { ...nothing, exposed }, wanted), {
      instanceOf: Refused,
      message: `path: /srv/b is inside of /srv, which somebody else exports to 10.0.0.0/8 for writing (on host "storage"): who mounts that writes here too, whoever holds the volume, and also once it was fenced. Nothing was changed.
Choose a path outside of it, or end that export.`,
    });
  // Shared before: it was never promised.
  const directory = { mode: "0755", user: "root", uid: "0", group: "root", gid: "0", empty: false };
  const found = { directory, file: `${HEAD}b\n/srv/b 10.0.0.1(rw)\n`, active: [] };
  t.throws(() => nfsExport.plan(single, { ...found, exposed }, shared), {
    message: /^path: \/srv\/b is inside/,
  });
});

test("one that many may write to anyway, and one whose record is there already, go on all the same", (t) => {
  const exposed = openTo("/srv/b", files, theirs);
  const record = { owner: `${OWNER}b`, kind: "nfs" as const, path: "/srv/b", fsid: FSID, epoch: 0 };
  const open = { ...nothing, exposed };
  t.deepEqual(nfsExport.plan(shared, open, shared), nfsExport.plan(shared, nothing, shared));
  const kept = { ...single, fsid: FSID };
  t.deepEqual(
    nfsExport.plan(kept, { ...open, record }, kept),
    nfsExport.plan(kept, { ...nothing, record }, kept),
  );
  t.deepEqual(nfsExport.plan(undefined, open, single), nfsExport.plan(undefined, nothing, single));
});

test("what is open to others is a warning for each of them, whoever may write to it, with or without a change", (t) => {
  const exposed = openTo("/srv/b", files, theirs.slice(1));
  const expected = [
    {
      about: "/srv/b in reach of /srv",
      text: 'NfsExport "b" on host "storage": /srv/b is inside of /srv, which somebody else exports to 10.0.0.0/8 for writing: who mounts that reads and writes here too',
    },
    {
      about: "/srv/b in reach of /srv/b/data",
      text: 'NfsExport "b" on host "storage": /srv/b has within it /srv/b/data, which somebody else exports to node.lan for writing: who mounts that reads and writes here too',
    },
  ];
  for (const wanted of [single, shared]) {
    for (const changed of [true, false]) {
      t.deepEqual(nfsExport.warnings?.(wanted, { ...nothing, exposed }, changed), expected);
      t.deepEqual(nfsExport.warnings?.(wanted, nothing, changed), []);
    }
  }
});

test("what is observed of a host tells who else can write there, also where nothing is there yet", async (t) => {
  const facts: Record<string, unknown> = { [ourFilesFact.name]: files, [exportsFact.name]: theirs };
  const observe = async (path: string, active = theirs) => {
    const host = {
      name: "storage",
      fact: async ({ name }: { name: string }) =>
        name === exportsFact.name ? active : (facts[name] ?? new Map()),
      look: async () => "",
    } as unknown as Host;
    return nfsExport.observe(host, { ...single, path }, () => host);
  };
  t.deepEqual((await observe("/srv/b"))?.exposed, openTo("/srv/b", files, theirs));
  t.is(await observe("/srv/b", []), undefined);
  t.true(nfsExport.data?.isGone(await observe("/srv/b")));
});

test("what one program says twice is refused at preview; on another host it is another export", (t) => {
  const hosts = new Hosts();
  const said = (name: string, more: Record<string, unknown>, host = "storage") =>
    checkInputs(
      nfsExport,
      { host: { name: host }, owner: `${OWNER}${name}`, name, clients: ["10.0.0.1"], ...more },
      hosts,
    ).failures.map(({ property, reason }) => `${property}: ${reason}`);
  t.deepEqual(said("a", { path: "/srv/a" }), []);
  t.deepEqual(said("a", { path: "/srv/a" }), [], "asked once more");
  t.deepEqual(said("b", { path: "/srv/a/b" }), [
    `path: /srv/a/b is inside of /srv/a, which is NfsExport "a" of stack shop/dev: ${ONE_VOLUME}`,
  ]);
  t.deepEqual(said("b", { path: "/srv/a/b" }, "storage-2"), []);
  t.deepEqual(said("c", { path: "/srv/c", fsid: "99999999-9f26-5d74-8879-0cb5097563a3" }), []);
  t.deepEqual(said("d", { path: "/srv/d", fsid: "99999999-9f26-5d74-8879-0cb5097563a3" }), [
    'fsid: 99999999-9f26-5d74-8879-0cb5097563a3 is that of /srv/c, which is NfsExport "c" of stack shop/dev: clients would get the one directory for the other. Choose another, or leave it out',
  ]);
});
