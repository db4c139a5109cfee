import test from "ava";
import { Refused } from "../../../provider/host/errors.js";
import { Hosts } from "../../../provider/hosts.js";
import { checkInputs } from "../../../provider/inputs.js";
import { overlapping, problemOf } from "../../../provider/nfs-overlap.js";
import { nfsExport } from "../../../provider/resources/nfs-export.js";
import { inputsOf } from "./plans.js";

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
