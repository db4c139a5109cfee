import test from "ava";
import { Refused } from "../../../../provider/host/errors.js";
import { requireNoBlockVolume } from "../../../../provider/nfs/record.js";
import { nfsExport } from "../../../../provider/resources/nfs-export.js";
import { nfsMount } from "../../../../provider/resources/nfs-mount.js";
import { readVolumeRecord } from "../../../../provider/volume-record.js";
import { text, titles } from "../plans.js";
import { refuseHeld, stop, UNLINK } from "../scripts.js";
import { directory, exported, free, HEAD, held, MOUNT, nothing, theirs, wanted } from "./nfs-single-cases.js";

test("an export that nobody holds has a record, and a drop-in file without a path", (t) => {
  const steps = nfsExport.plan(exported, undefined, exported);
  t.deepEqual(titles(steps), [
    "compare the owner of /etc/exports.d/mooring-a.exports",
    "check that the disk of /srv/a is mounted",
    "check that the disk of /var/lib/mooring is mounted",
    "make /srv/a",
    "check that no other volume is called a",
    "write /var/lib/mooring/volumes/a.json",
    "write /etc/exports.d/mooring-a.exports",
    "export /srv/a to nobody",
  ]);
  t.true(text(steps).includes(`'/etc/exports.d/mooring-a.exports' '0133' '' '${HEAD}'\n`));
  t.deepEqual(nfsExport.plan(exported, { directory, file: HEAD, active: [], record: free }, exported), []);
});

/** By a person. */
const EDITED = `${HEAD}# my notes\n`;

test("while its holder is being fenced the export lets nobody in: the mount goes on, not the export", (t) => {
  const shutOut = { directory, file: HEAD, active: [], record: held };
  t.deepEqual(nfsExport.plan(exported, shutOut, exported), []);
  t.deepEqual(nfsExport.drift(exported, shutOut), { ...exported, access: "single" });
  t.not(nfsExport.plan(exported, { ...shutOut, file: EDITED }, exported).length, 0);
});

test("where it has a record nothing is changed before that was compared: who took it meanwhile keeps it", (t) => {
  const plan = (observed: object, more: object = {}) =>
    titles(
      nfsExport.plan(
        { ...exported, ...more },
        { directory, file: EDITED, active: [], ...observed },
        exported,
      ),
    );
  const compare = "compare the record of volume a";
  const record = "write /var/lib/mooring/volumes/a.json";
  t.deepEqual(plan({ record: held }), [
    compare,
    "write /etc/exports.d/mooring-a.exports",
    "export /srv/a to 10.77.0.12 alone",
  ]);
  const unused = { ...free, epoch: 0 };
  t.deepEqual(plan({ record: unused, directory: undefined, file: undefined }), [
    compare,
    "check that the disk of /srv/a is mounted",
    "make /srv/a",
    "write /etc/exports.d/mooring-a.exports",
    "export /srv/a to nobody",
  ]);
  t.deepEqual(plan({ record: free }, { owner: `${exported.owner}2` }), [
    compare,
    record,
    "write /etc/exports.d/mooring-a.exports",
    "export /srv/a to nobody",
  ]);
  const shared = plan({ record: free }, { access: "shared", clients: [{ address: "b", options: ["rw"] }] });
  t.is(shared[0], compare);
  t.deepEqual(
    titles(nfsExport.plan(undefined, { directory, file: HEAD, active: [], record: free }, exported)),
    [
      compare,
      "compare the owner of /etc/exports.d/mooring-a.exports",
      "check that nothing is mounted in /srv/a",
      "move /srv/a to /srv/.mooring-trash",
      "remove /etc/exports.d/mooring-a.exports",
      "remove /var/lib/mooring/volumes/a.json",
    ],
  );
});

test("adopt makes no empty directory where another's record is there, and its data is not", (t) => {
  const adopting = { ...exported, adopt: true };
  const found = { directory: undefined, file: undefined, active: [] };
  t.throws(
    () => nfsExport.plan(adopting, { ...found, record: { ...free, owner: `${exported.owner}2` } }, adopting),
    {
      instanceOf: Refused,
      message: /^volume "a" on host "storage" is remembered by .* is not there: its data is gone/,
    },
  );
  const unused = { ...free, epoch: 0 };
  t.not(nfsExport.plan(adopting, { ...found, record: unused }, adopting).length, 0);
});

test("what was mounted once, or exported, is never made anew, also where no state remembers it", (t) => {
  const shared = { ...exported, access: "shared" as const, clients: [{ address: "b", options: ["rw"] }] };
  const nowhere = { directory: undefined, file: undefined, active: [] };
  for (const [wanted, found, files] of [
    [exported, { ...nowhere, record: free }, "/var/lib/mooring/volumes/a.json"],
    [
      exported,
      { ...nowhere, record: held, file: HEAD },
      "/etc/exports.d/mooring-a.exports /var/lib/mooring/volumes/a.json",
    ],
    [shared, { ...nowhere, file: HEAD }, "/etc/exports.d/mooring-a.exports"],
  ] as const)
    t.throws(() => nfsExport.plan(wanted, found, wanted), {
      instanceOf: Refused,
      message: `volume "a" on host "storage" is remembered by ${files.replace(" ", " and ")}, and its directory /srv/a is not there: its data is gone, and an empty one is never made in its place.
Bring the directory back; what Mooring removed is in /srv/.mooring-trash. For a new, empty one, on the host: rm ${files}`,
    });
});
test("taking it: compare, swap, let this address alone in, mount", (t) => {
  const steps = nfsMount.plan(wanted, { ...nothing, record: free, served: true }, wanted);
  t.deepEqual(titles(steps), [
    "compare the record of volume a (on storage)",
    "write /var/lib/mooring/volumes/a.json (on storage)",
    "write /etc/exports.d/mooring-a.exports (on storage)",
    "export /srv/a to 10.77.0.12 alone (on storage)",
    "compare the owner of /etc/systemd/system/mnt-a.mount",
    "write /etc/systemd/system/mnt-a.mount",
    "make the mount point /mnt/a",
    "enable mnt-a.mount",
    "start mnt-a.mount",
  ]);
  t.true(
    text(steps).includes(
      `/srv/a 10.77.0.12(no_root_squash,no_subtree_check,rw,sync,fsid=7c506078-9f26-5d74-8879-0cb5097563a3)\n'\n`,
    ),
  );
  t.true(
    text(steps).includes(
      `"epoch":3,"holder":{"owner":"${MOUNT}","node":"node-01","address":"10.77.0.12"}}\n'\n`,
    ),
  );
});

test("held here already and not let in: who took it meanwhile keeps it, and the record is as it was", (t) => {
  const plan = (served: boolean) =>
    titles(nfsMount.plan(wanted, { ...nothing, record: held, served }, wanted)).filter((title) =>
      title.endsWith(" (on storage)"),
    );
  t.deepEqual(plan(false), [
    "compare the record of volume a (on storage)",
    "write /etc/exports.d/mooring-a.exports (on storage)",
    "export /srv/a to 10.77.0.12 alone (on storage)",
  ]);
  t.deepEqual(plan(true), []);
});

test("one that another has is refused with node, stack and epoch", (t) => {
  t.throws(() => nfsMount.plan(wanted, { ...nothing, record: theirs }, wanted), {
    instanceOf: Refused,
    message:
      'volume "a" is attached to node "node-02" by "a" of stack shop/prod, epoch 2. One volume has one writer: detach it there first. Nothing was changed.',
  });
  t.deepEqual(nfsMount.plan(undefined, { ...nothing, record: theirs }, wanted), []);
});

test("giving it back: the record says so last", (t) => {
  t.deepEqual(titles(nfsMount.plan(undefined, { ...nothing, record: held }, wanted)), [
    "compare the record of volume a (on storage)",
    "write /etc/exports.d/mooring-a.exports (on storage)",
    "export /srv/a to nobody (on storage)",
    "write /var/lib/mooring/volumes/a.json (on storage)",
  ]);
});

const mounted = {
  file: `# Owner: ${MOUNT}\n`,
  unit: { active: "active", enabled: true, needsReload: false },
  mount: { target: "/mnt/a", source: "10.77.0.11:/srv/a", fsType: "nfs4", options: ["rw"] },
};

test("it is given back when it is mounted nowhere on the node any more, neither in a container's name space", (t) => {
  const steps = nfsMount.plan(undefined, { ...mounted, record: held, served: true }, wanted);
  t.is(
    text(steps.slice(0, 2)),
    `## stop mnt-a.mount
set -- 'mnt-a.mount'
${stop(120)}
${UNLINK}
## check that /mnt/a on node-01 is not mounted
if mountpoint -q '/mnt/a'; then echo "it still is" >&2; exit 1; fi
${refuseHeld("' - nfs4 10.77.0.11:/srv/a '")}
`,
  );
  t.deepEqual(titles(steps.slice(2)), [
    "remove the mount point /mnt/a",
    "remove mnt-a.mount",
    "compare the record of volume a (on storage)",
    "write /etc/exports.d/mooring-a.exports (on storage)",
    "export /srv/a to nobody (on storage)",
    "write /var/lib/mooring/volumes/a.json (on storage)",
  ]);
});

test("two nodes behind one address can't be told apart: the second gets it when the first can't come back", (t) => {
  const elsewhere = { ...held, holder: { ...held.holder, node: "node-02" } };
  const found = { ...nothing, record: elsewhere, served: true, sessions: [] };
  t.throws(() => nfsMount.plan(wanted, found, wanted), {
    instanceOf: Refused,
    message: `address: node "node-01" comes from 10.77.0.12, as node "node-02" does, which has volume "a": over NFS nothing else tells them apart, and what shuts the one out would let it in again for the other. Give it an address of its own. Nothing was changed.
If the other can't come back, or both are one host, set fence: "force" beside lost.`,
  });
  const taken = [
    "compare the record of volume a (on storage)",
    "write /etc/exports.d/mooring-a.exports (on storage)",
    "export /srv/a to nobody (on storage)",
    "expire the NFS clients 10.77.0.12 (on storage)",
    "write /var/lib/mooring/volumes/a.json (on storage)",
  ];
  t.deepEqual(titles(nfsMount.plan(wanted, { ...found, isForced: true }, wanted)).slice(0, 5), taken);
  // A live one is refused for that, which says more.
  const session = { peer: "10.77.0.12:790", address: "10.77.0.12", silentSeconds: 3, answers: true };
  t.throws(() => nfsMount.plan(wanted, { ...found, sessions: [session] }, wanted), {
    message: /^volume "a": node "node-02" still has a live session/,
  });
  const apart = { ...elsewhere, holder: { ...elsewhere.holder, address: "10.77.0.13" } };
  t.is(titles(nfsMount.plan(wanted, { ...found, record: apart }, wanted))[0], taken[0]);
});

test("a lost node is fenced when it does not answer, or by force", (t) => {
  const session = { peer: "10.77.0.12:790", address: "10.77.0.12", silentSeconds: 3, answers: true };
  const fence = (answers: boolean, force = false) =>
    titles(nfsMount.fence?.plan(wanted, { record: held, sessions: [{ ...session, answers }] }, force) ?? []);
  const steps = [
    "compare the record of volume a",
    "write /etc/exports.d/mooring-a.exports",
    "export /srv/a to nobody",
    "expire the NFS clients 10.77.0.12",
    "write /var/lib/mooring/volumes/a.json",
  ];
  t.deepEqual(fence(false), steps);
  t.deepEqual(fence(true, true), steps);
  t.throws(() => fence(true), {
    instanceOf: Refused,
    message:
      /^volume "a": node "node-01" still has a live session with the storage host: 10\.77\.0\.12:790, which answers; its last request was 3 s ago\. Nothing was changed\./,
  });
  t.deepEqual(nfsMount.fence?.plan(wanted, { record: theirs, sessions: [] }, false), []);
});

test("what is held is neither removed nor shared", (t) => {
  const observed = { directory, file: HEAD, active: [], record: held };
  t.throws(() => nfsExport.plan(undefined, observed, exported), {
    message:
      'export "a" on host "storage" is in use: volume "a" is attached to node "node-01" by "a" of stack shop/dev, epoch 2. Detach it first. Nothing was changed.',
  });
  const shared = { ...exported, access: "shared", clients: [] };
  t.throws(() => nfsExport.plan(shared, observed, exported), { message: /access can't change to "shared"/ });
});

test("a directory and a block volume can't have one name", (t) => {
  const files = (record: object) => new Map([["/var/lib/mooring/volumes/a.json", JSON.stringify(record)]]);
  t.throws(() => readVolumeRecord(files(free), "a", "storage"), {
    message: /exported over NFS .*not a block volume/,
  });
  t.throws(() => requireNoBlockVolume(files({ owner: "x", template: "b" }), "a", "storage"), {
    message: /is a block volume .*choose another name/,
  });
});
