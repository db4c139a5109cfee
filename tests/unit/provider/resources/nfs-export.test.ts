import test from "ava";
import { Refused } from "../../../../provider/host/errors.js";
import { commandOf, type Step } from "../../../../provider/host/steps.js";
import { nfsExport } from "../../../../provider/resources/nfs-export.js";
import { fakeNode } from "../../fake-node.js";
import { checked } from "../checking.js";
import { inputsOf, text, titles } from "../plans.js";
import { checkMounted, compareOwner, EXPORT, WRITE } from "../scripts.js";

const OWNER = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NfsExport::a";
const OTHER = "urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:NfsExport::a";

const wanted = inputsOf(nfsExport, { owner: OWNER, name: "a", path: "/srv/a", clients: ["10.77.0.0/24"] });
const watched = { ...wanted, mode: "0750", user: "mysql", group: "33" };

const TEXT = `# Made by Mooring; changes by hand are drift.
# Owner: ${OWNER}
/srv/a 10.77.0.0/24(no_root_squash,no_subtree_check,rw,sync,fsid=7c506078-9f26-5d74-8879-0cb5097563a3)
`;
const directory = { mode: "0755", user: "root", uid: "0", group: "root", gid: "0", empty: false };
const served = {
  path: "/srv/a",
  client: "10.77.0.0/24",
  options:
    "sync,wdelay,hide,no_subtree_check,fsid=7c506078-9f26-5d74-8879-0cb5097563a3,sec=sys,rw,secure,no_root_squash,no_all_squash".split(
      ",",
    ),
};
const COMPARE = "compare the owner of /etc/exports.d/mooring-a.exports";
const there = { directory, file: TEXT, active: [served] };
const foreign = { ...there, file: TEXT.replace(OWNER, OTHER) };

test("from nothing: the directory, one drop-in file, and the export of it", (t) => {
  t.is(
    text(nfsExport.plan(wanted, undefined, wanted)),
    `${compareOwner("/etc/exports.d/mooring-a.exports", OWNER)}${checkMounted("/srv/a")}## make /srv/a
set -- '/srv/a'
mkdir -p -- "$@"
chmod 0755 -- "$@"
## write /etc/exports.d/mooring-a.exports
set -- '/etc/exports.d/mooring-a.exports' '0133' '' '# Made by Mooring; changes by hand are drift.
# Owner: urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NfsExport::a
/srv/a 10.77.0.0/24(no_root_squash,no_subtree_check,rw,sync,fsid=7c506078-9f26-5d74-8879-0cb5097563a3)
'
${WRITE}
## export /srv/a
set -- '/srv/a' '-' 'somebody'
${EXPORT}
`,
  );
});

const link = { at: "/srv", target: "/data/srv", real: "/data/srv/a" };

test("a path through a link is refused with it and where it leads, unless it is exported already", (t) => {
  for (const found of [
    { directory: undefined, file: undefined, active: [], link },
    { ...there, file: undefined, active: [], link },
  ]) {
    t.throws(() => nfsExport.plan({ ...wanted, adopt: true }, found, wanted), {
      instanceOf: Refused,
      message: `path: /srv/a on host "storage" leads elsewhere: /srv is a symbolic link to "/data/srv", and the path leads to "/data/srv/a". Nothing was changed.
Give a path without links; or have a directory, or a bind mount, in the link's place.`,
    });
  }
  t.deepEqual(nfsExport.plan(wanted, { ...there, link }, wanted), nfsExport.plan(wanted, there, wanted));
});

test("what is behind a link is neither moved nor destroyed, and can be left", (t) => {
  for (const onDelete of ["trash", "destroy"]) {
    t.throws(() => nfsExport.plan(undefined, { ...there, link }, { ...wanted, onDelete }), {
      instanceOf: Refused,
      message: `/srv/a on host "storage" leads elsewhere: /srv is a symbolic link to "/data/srv", and the path leads to "/data/srv/a". What is there was left alone: it may not be what Mooring made.
Put the directory back in the link's place, or set onDelete: "retain".`,
    });
  }
  const retained = nfsExport.plan(undefined, { ...there, link }, { ...wanted, onDelete: "retain" });
  t.deepEqual(titles(retained), [
    COMPARE,
    "check that no client uses /srv/a",
    "write /etc/exports.d/mooring-a.exports",
    "export /srv/a to nobody",
    "remove /etc/exports.d/mooring-a.exports",
  ]);
  const dangling = { ...there, directory: undefined, link };
  t.is(nfsExport.plan(undefined, dangling, wanted).length, 5);
});

test("mode, user and group are set when they are said", (t) => {
  t.deepEqual(titles(nfsExport.plan(watched, undefined, wanted)), [
    COMPARE,
    "check that the disk of /srv/a is mounted",
    "make /srv/a",
    "set the mode of /srv/a",
    "set the user of /srv/a",
    "set the group of /srv/a",
    "write /etc/exports.d/mooring-a.exports",
    "export /srv/a",
  ]);
  t.is(
    text(nfsExport.plan(watched, { ...there, file: TEXT }, watched)),
    `## set the mode of /srv/a
set -- '/srv/a'
chmod '00750' -- "$@"
## set the user of /srv/a
set -- '/srv/a'
chown 'mysql' -- "$@"
## set the group of /srv/a
set -- '/srv/a'
chgrp '33' -- "$@"
`,
  );
});

test("nothing to do: the file, what is served and what is watched are as wanted", (t) => {
  t.deepEqual(nfsExport.plan(wanted, there, wanted), []);
  t.deepEqual(
    nfsExport.plan(
      watched,
      { ...there, directory: { ...directory, mode: "0750", user: "mysql", group: "www-data", gid: "33" } },
      watched,
    ),
    [],
  );
  t.deepEqual(
    nfsExport.plan(
      wanted,
      { ...there, directory: { ...directory, mode: "0700", user: "mysql", group: "mysql" } },
      wanted,
    ),
    [],
  );
});

test("each drift is repaired by what it takes and no more", (t) => {
  t.deepEqual(titles(nfsExport.plan(wanted, { ...there, active: [] }, wanted)), ["export /srv/a"]);
  t.deepEqual(
    titles(
      nfsExport.plan(
        wanted,
        { ...there, active: [{ ...served, options: served.options.filter((option) => option !== "rw") }] },
        wanted,
      ),
    ),
    ["export /srv/a"],
  );
  t.deepEqual(
    titles(
      nfsExport.plan(wanted, { ...there, active: [served, { ...served, client: "10.99.0.0/24" }] }, wanted),
    ),
    ["export /srv/a"],
  );
  t.deepEqual(titles(nfsExport.plan(wanted, { ...there, file: `${TEXT}/etc 10.77.0.0/24(rw)\n` }, wanted)), [
    COMPARE,
    "write /etc/exports.d/mooring-a.exports",
    "export /srv/a",
  ]);
  t.deepEqual(
    titles(
      nfsExport.plan(
        wanted,
        { ...there, file: undefined, active: [], directory: { ...directory, empty: true } },
        wanted,
      ),
    ),
    [
      COMPARE,
      "check that the disk of /srv/a is mounted",
      "write /etc/exports.d/mooring-a.exports",
      "export /srv/a",
    ],
  );
  t.deepEqual(
    titles(
      nfsExport.plan(
        watched,
        { ...there, directory: { ...directory, mode: "0750", user: "mysql", group: "games", gid: "60" } },
        watched,
      ),
    ),
    ["set the group of /srv/a"],
  );
});

test("another client, and options of one, change the file", (t) => {
  t.is(
    text(
      nfsExport.plan(
        { ...wanted, clients: [...wanted.clients, { address: "10.99.0.5", options: ["ro"] }] },
        there,
        wanted,
      ),
    ),
    `${compareOwner("/etc/exports.d/mooring-a.exports", OWNER)}## write /etc/exports.d/mooring-a.exports
set -- '/etc/exports.d/mooring-a.exports' '0133' '' '# Made by Mooring; changes by hand are drift.
# Owner: urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NfsExport::a
/srv/a 10.77.0.0/24(no_root_squash,no_subtree_check,rw,sync,fsid=7c506078-9f26-5d74-8879-0cb5097563a3) 10.99.0.5(ro,fsid=7c506078-9f26-5d74-8879-0cb5097563a3)
'
${WRITE}
## export /srv/a
set -- '/srv/a' '-' 'somebody'
${EXPORT}
`,
  );
});

test("what is somebody else's is refused", (t) => {
  t.throws(() => nfsExport.plan(wanted, foreign, wanted), {
    instanceOf: Refused,
    message: `/etc/exports.d/mooring-a.exports on host "storage" is in the way: it belongs to urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:NfsExport::a. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
  t.throws(() => nfsExport.plan(wanted, { ...there, file: "/srv/a *(rw)\n" }, wanted), {
    instanceOf: Refused,
    message: `/etc/exports.d/mooring-a.exports on host "storage" is in the way: it has no owner record: somebody else made it. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
  t.throws(() => nfsExport.plan(wanted, { ...there, file: undefined }, wanted), {
    instanceOf: Refused,
    message: `an export of /srv/a on host "storage" is in the way: it has no owner record: somebody else made it. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
  t.throws(() => nfsExport.plan(wanted, { ...there, file: undefined, active: [] }, wanted), {
    instanceOf: Refused,
    message: `directory /srv/a, which is not empty, on host "storage" is in the way: it has no owner record: somebody else made it. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
});

test("adopt takes over an export or a directory with data, and what is in it stays", (t) => {
  t.deepEqual(titles(nfsExport.plan({ ...wanted, adopt: true }, foreign, wanted)), [
    "write /etc/exports.d/mooring-a.exports",
    "export /srv/a",
  ]);
  t.deepEqual(
    titles(nfsExport.plan({ ...wanted, adopt: true }, { ...there, file: undefined, active: [] }, wanted)),
    ["check that the disk of /srv/a is mounted", "write /etc/exports.d/mooring-a.exports", "export /srv/a"],
  );
});

test("what is mounted in a directory is not emptied with it: a bind mount has the same file system", (t) => {
  const steps = nfsExport.plan(undefined, { ...there, directory }, { ...wanted, onDelete: "destroy" });
  for (const title of ["check that nothing is mounted in /srv/a", "destroy /srv/a"]) {
    const step = steps.find((each) => each.title === title) as Step;
    const run = (mounts: string) => {
      const node = fakeNode(t, { devices: 0 });
      node.put("cat", `printf '%s\\n' '${mounts}'`);
      node.put("findmnt", "echo '/srv/a/media /dev/sda1[/data/media]'");
      node.put("rm", "");
      return { ...node.run(`set -eu\n${commandOf(step)}`), log: node.log() };
    };
    for (const at of ["/srv/a", "/srv/a/media"]) {
      const { status, stderr, log } = run(`/dev/sda1 ${at} ext4 rw 0 0`);
      t.is(status, 1);
      t.regex(
        stderr,
        /^mounted there, or in it, is:\n\/srv\/a\/media .*\nUnmount it first, or set onDelete: "retain"\.\n$/,
      );
      t.false(log.some((line) => line.startsWith("rm")));
    }
    t.is(run("/dev/sda1 /srv/ab ext4 rw 0 0\n/dev/sda1 /srv ext4 rw 0 0").status, 0);
  }
});

const TO_NOBODY = `## write /etc/exports.d/mooring-a.exports
set -- '/etc/exports.d/mooring-a.exports' '0133' '' '# Made by Mooring; changes by hand are drift.
# Owner: urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NfsExport::a
'
${WRITE}
## export /srv/a to nobody
set -- '/srv/a' '-' ''
${EXPORT}
`;

test("gone: unused, no longer exported, and the directory in the trash with a manifest", (t) => {
  const [compare, mounts, check, ...rest] = nfsExport.plan(undefined, there, wanted);
  t.is(mounts?.title, "check that nothing is mounted in /srv/a");
  t.is(check?.title, "check that no client uses /srv/a");
  t.is(compare?.title, COMPARE);
  t.true(compare?.compares, "who adopts it meanwhile keeps it");
  const adopting = nfsExport.plan(undefined, there, { ...wanted, adopt: true });
  t.deepEqual(text(adopting), text(nfsExport.plan(undefined, there, wanted)));
  t.is(
    text(rest),
    `${TO_NOBODY}## move /srv/a to /srv/.mooring-trash
if [ -e '/srv/a' ]; then
  ! mountpoint -q '/srv/a' || { echo "it is a mount point: unmount it first, or set onDelete to retain" >&2; exit 1; }
  mkdir -p -m 0700 '/srv/.mooring-trash'
  place='/srv/.mooring-trash'/'a'-$(date -u +%Y%m%dT%H%M%SZ)-$$
  mkdir -m 0700 "$place"
  printf '%s,"removed":"%s"}
' '{"kind":"NfsExport","path":"/srv/a","owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NfsExport::a","host":"storage"' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$place/manifest.json"
  mv -T -- '/srv/a' "$place/data"
fi
## remove /etc/exports.d/mooring-a.exports
rm -f '/etc/exports.d/mooring-a.exports'
`,
  );
});

test("gone: retained, the directory stays; destroyed, it goes for good", (t) => {
  t.deepEqual(titles(nfsExport.plan(undefined, there, { ...wanted, onDelete: "retain" })), [
    COMPARE,
    "check that no client uses /srv/a",
    "write /etc/exports.d/mooring-a.exports",
    "export /srv/a to nobody",
    "remove /etc/exports.d/mooring-a.exports",
  ]);
  t.is(
    text(nfsExport.plan(undefined, there, { ...wanted, onDelete: "destroy" }).slice(3)),
    `${TO_NOBODY}## destroy /srv/a
set -- '/srv/a'
mounts=$(cat /proc/self/mounts)
for p do
  case $mounts in *" $p "* | *" $p/"*)
    { echo "mounted there, or in it, is:"; findmnt -rno TARGET,SOURCE | grep -F "$p"; echo 'Unmount it first, or set onDelete: "retain".'; } >&2
    exit 1 ;;
  esac
done
rm -rf --one-file-system -- "$@"
## remove /etc/exports.d/mooring-a.exports
rm -f '/etc/exports.d/mooring-a.exports'
`,
  );
});

test("already gone, whole or in part, is nothing or the rest to do", (t) => {
  t.deepEqual(nfsExport.plan(undefined, undefined, wanted), []);
  const emptied = { ...there, file: TEXT.replace(/^\/srv.*\n/m, ""), active: [] };
  t.deepEqual(titles(nfsExport.plan(undefined, emptied, wanted)), [
    COMPARE,
    "check that nothing is mounted in /srv/a",
    "move /srv/a to /srv/.mooring-trash",
    "remove /etc/exports.d/mooring-a.exports",
  ]);
  t.deepEqual(titles(nfsExport.plan(undefined, { ...there, directory: undefined }, wanted)), [
    COMPARE,
    "check that no client uses /srv/a",
    "write /etc/exports.d/mooring-a.exports",
    "export /srv/a to nobody",
    "remove /etc/exports.d/mooring-a.exports",
  ]);
});

test("what was there before, and never exported for it, is somebody else's data: a delete leaves it, and says so", (t) => {
  const theirs = { ...there, file: undefined, active: [] };
  for (const onDelete of ["trash", "destroy"] as const)
    t.deepEqual(nfsExport.plan(undefined, theirs, { ...wanted, onDelete }), []);
  t.is(
    nfsExport.leftAlone?.(wanted, theirs),
    "there is something in /srv/a, and no sign that it is this one's",
  );
  t.is(nfsExport.leftAlone?.({ ...wanted, onDelete: "retain" }, theirs), undefined);
  t.is(nfsExport.leftAlone?.(wanted, there), undefined);
  const made = { ...theirs, directory: { ...directory, empty: true } };
  t.is(
    text(nfsExport.plan(undefined, made, wanted)),
    `## remove /srv/a, which is empty
set -- '/srv/a'
rmdir --ignore-fail-on-non-empty -- "$@"
`,
  );
  for (const [found, more] of [
    [made, { onDelete: "retain" }],
    [{ ...made, isMountPoint: true }, {}],
  ] as const)
    t.deepEqual(
      nfsExport.plan(undefined, found, { ...wanted, ...more }),
      [],
      "nor is it looked at as left over",
    );
  t.is(nfsExport.leftAlone?.(wanted, made), undefined);
  t.true(nfsExport.data?.isEmpty?.(made));
  t.false(nfsExport.data?.isEmpty?.(theirs));
});

test("what another program made or adopted since is left alone, and a delete says so", (t) => {
  t.deepEqual(nfsExport.plan(undefined, foreign, wanted), []);
  t.is(
    nfsExport.leftAlone?.(wanted, foreign),
    "/etc/exports.d/mooring-a.exports belongs to urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:NfsExport::a",
  );
  const nobodys = { ...foreign, file: "/srv/a *(rw)\n" };
  t.deepEqual(nfsExport.plan(undefined, nobodys, wanted), []);
  t.is(nfsExport.leftAlone?.(wanted, nobodys), "/etc/exports.d/mooring-a.exports belongs to somebody else");
});

test("drift shows what the host has", (t) => {
  t.deepEqual(
    nfsExport.drift(watched, { ...there, directory: { ...directory, gid: "33", group: "www-data" } }),
    { ...watched, mode: "0755", user: "root" },
  );
  t.deepEqual(nfsExport.drift(wanted, there), wanted);
  t.deepEqual(nfsExport.drift(wanted, { ...there, file: undefined, active: [] }).clients, []);
  t.deepEqual(
    nfsExport.drift(wanted, { ...there, active: [{ ...served, options: ["ro", "wdelay", "fsid=7"] }] })
      .clients,
    [{ address: "10.77.0.0/24", options: ["ro"] }],
  );
});

test("clients are sorted and have the default options, an option stands once", (t) => {
  const { inputs } = checked(nfsExport, {
    name: "a",
    path: "/srv/a",
    anyClient: true,
    clients: ["b", { address: "*", options: ["rw", "async", "rw"] }, "fe80::1"],
  });
  const standard = ["no_root_squash", "no_subtree_check", "rw", "sync"];
  t.deepEqual(inputs.clients, [
    { address: "*", options: ["async", "rw"] },
    { address: "b", options: standard },
    { address: "fe80::1", options: standard },
  ]);
});

test("a directory that somebody else exports too is not removed", (t) => {
  const theirs = { ...served, client: "10.99.0.0/24", options: ["rw", "fsid=1"] };
  t.throws(() => nfsExport.plan(undefined, { ...there, active: [served, theirs] }, wanted), {
    instanceOf: Refused,
    message:
      /^\/srv\/a on host "storage" is also exported by somebody else, to 10\.99\.0\.0\/24; it was left alone\./,
  });
});
