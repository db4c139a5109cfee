import test from "ava";
import { credentialsFact } from "../../../../provider/facts/credentials.js";
import { mountsFact } from "../../../../provider/facts/mounts.js";
import { ourFilesFact } from "../../../../provider/facts/our-files.js";
import { Refused } from "../../../../provider/host/errors.js";
import type { Host } from "../../../../provider/host/host.js";
import type { ObservedAttachment } from "../../../../provider/nbd/attachment-observing.js";
import { header } from "../../../../provider/ownership.js";
import { nbdAttachment } from "../../../../provider/resources/nbd-attachment.js";
import { recordText } from "../../../../provider/volume-record.js";
import { text, titles } from "../plans.js";
import {
  broken,
  CREDENTIAL,
  free,
  held,
  live,
  mine,
  NEXT_KEY,
  OTHER,
  OWNER,
  record,
  wanted,
} from "./nbd-attachment-cases.js";

const HOLD = [
  "make /var/lib/mooring/keys/yundream (on storage)",
  "write /var/lib/mooring/keys/yundream/dh-params.pem (on storage)",
  "write /var/lib/mooring/keys/yundream/keys.psk (on storage)",
  "let 10.77.0.12 alone in (on storage)",
  "write /var/lib/mooring/volumes/yundream.json (on storage)",
  "start serving yundream (on storage)",
];
const TAKE = [
  "compare the record of volume yundream (on storage)",
  "stop serving yundream (on storage)",
  "write /var/lib/mooring/volumes/yundream.env (on storage)",
  "revoke the credential of yundream (on storage)",
  ...HOLD,
];
const FENCE = [
  "compare the record of volume yundream (on storage)",
  "stop serving yundream (on storage)",
  "write /var/lib/mooring/volumes/yundream.env (on storage)",
  "revoke the credential of yundream (on storage)",
  "wait until nothing writes to /var/lib/mooring/clones/yundream.qcow2 (on storage)",
  "check /var/lib/mooring/clones/yundream.qcow2 (on storage)",
  ...HOLD,
];
const GIVE_BACK = [
  "compare the record of volume yundream (on storage)",
  "stop serving yundream (on storage)",
  "write /var/lib/mooring/volumes/yundream.env (on storage)",
  "revoke the credential of yundream (on storage)",
  "let nobody in to yundream (on storage)",
  "write /var/lib/mooring/volumes/yundream.json (on storage)",
];
const SERVE = ["start serving yundream (on storage)"];
const RELEASE = [
  "stop mnt-mooring-yundream.mount",
  "check that nothing holds volume yundream",
  "stop mooring-attach-yundream.service",
];
const OURS = [
  "compare the owner of /var/lib/mooring/attachments/yundream.sh",
  "compare the owner of /etc/systemd/system/mnt-mooring-yundream.mount",
];
/** First what says whose it is. */
const PLACE = [
  "write /var/lib/mooring/attachments/yundream.sh",
  "make the mount point /mnt/mooring/yundream",
];
const KEY = [
  "make /var/lib/mooring/attachments/yundream",
  "write /var/lib/mooring/attachments/yundream/keys.psk",
];
const UNITS = [
  "write /etc/systemd/system/mooring-attach-yundream.service",
  "write /etc/systemd/system/mnt-mooring-yundream.mount",
  "enable mooring-attach-yundream.service, mnt-mooring-yundream.mount",
];
const START = [
  "restart mooring-attach-yundream.service, mnt-mooring-yundream.mount",
  "grow the file system of yundream to its disk",
  "wait for containers on volume yundream",
];

test("taking a volume counts its epoch up: compare, swap, and serve under the new name alone", (t) => {
  t.deepEqual(titles(nbdAttachment.plan(wanted, free, wanted)), [
    ...TAKE,
    ...OURS,
    ...PLACE,
    ...KEY,
    ...UNITS,
    ...START,
  ]);
  t.regex(text(nbdAttachment.plan(wanted, free, wanted)), /export=yundream\.g4,/);
});

test("nothing to do where it is attached, mounted and written as wanted", (t) => {
  t.deepEqual(nbdAttachment.plan(wanted, live, wanted), []);
});

test("what is broken is released and started again, in the same epoch", (t) => {
  const again = nbdAttachment.plan(wanted, broken, wanted);
  t.deepEqual(titles(again), [...RELEASE, ...SERVE, ...OURS, ...PLACE, ...UNITS, ...START]);
  t.regex(text(again), /export=yundream\.g3,/);
  t.deepEqual(titles(nbdAttachment.plan(wanted, { ...live, written: false }, wanted)), [
    ...RELEASE,
    ...SERVE,
    ...OURS,
    ...PLACE,
    ...UNITS,
    ...START,
  ]);
});

test("mine, and gone from the node but for its key, it is attached again in the same epoch", (t) => {
  const found = { ...free, record: mine, allowed: true, credential: CREDENTIAL };
  t.deepEqual(titles(nbdAttachment.plan(wanted, found, wanted)), [
    ...SERVE,
    ...OURS,
    ...PLACE,
    ...UNITS,
    ...START,
  ]);
});

const CUT_OFF = "cut off the device of yundream, which no longer holds the volume";

test("mine, but without its key, from another address or in another epoch than is served, it is taken anew", (t) => {
  for (const found of [
    { ...live, credential: undefined },
    { ...live, credential: "00".repeat(32) },
    { ...live, keyed: false },
    { ...broken, keyed: false },
    { ...live, servedEpoch: undefined },
    { ...live, record: { ...mine, holder: { ...mine.holder, address: "10.77.0.99" } } },
    { ...live, record: { ...mine, holder: { owner: OWNER, node: "node-01" } } },
  ]) {
    t.deepEqual(titles(nbdAttachment.plan(wanted, found, wanted)), [
      ...RELEASE,
      ...TAKE,
      ...OURS,
      ...PLACE,
      ...KEY,
      ...UNITS,
      ...START,
    ]);
  }
  for (const found of [
    { ...live, servedEpoch: 2 },
    // Shut out, and the record does not say so yet.
    { ...live, servedEpoch: 4 },
    { ...broken, servedEpoch: 4 },
  ]) {
    t.deepEqual(titles(nbdAttachment.plan(wanted, found, wanted)), [
      ...[CUT_OFF, ...RELEASE, ...TAKE, ...OURS],
      ...[...PLACE, ...KEY, ...UNITS, ...START],
    ]);
  }
});

test("without TLS no key is made, and none is missed", (t) => {
  const endpoint = { ...free.endpoint, tls: false };
  const plain = { ...mine, holder: { ...mine.holder, credential: undefined } };
  t.deepEqual(
    nbdAttachment.plan(wanted, { ...live, endpoint, record: plain, credential: undefined }, wanted),
    [],
  );
  const taken = text(nbdAttachment.plan(wanted, { ...free, endpoint }, wanted));
  t.notRegex(taken, new RegExp(`${NEXT_KEY}|keys\\.psk|"credential"|tls-creds`));
  t.regex(taken, /"server":"10\.77\.0\.11:10809 without TLS"/);
});

test("nbd-client has no pre-shared keys: with TLS it is refused", (t) => {
  const client = { ...wanted, client: "nbd-client" };
  t.throws(() => nbdAttachment.plan(client, free, client), {
    instanceOf: Refused,
    message: `volume "yundream" is exported with TLS, and nbd-client can't use its pre-shared keys: take client "qemu-nbd", or set tls: false on the NbdExport where the network is private. Nothing was changed.`,
  });
  t.notThrows(() =>
    nbdAttachment.plan(client, { ...free, endpoint: { ...free.endpoint, tls: false } }, client),
  );
});

test("mine on another node that still has a live session is refused", (t) => {
  const sessions = [{ peer: "10.77.0.13:60110", silentMs: 368, received: 44_175 }];
  t.throws(() => nbdAttachment.plan(wanted, { ...held(OWNER, "node-02"), sessions }, wanted), {
    instanceOf: Refused,
    message: /^volume "yundream": node "node-02" still has a live session with the storage host: /,
  });
});

test("mine, but recorded for another node, it is taken anew: the old node is fenced", (t) => {
  t.deepEqual(titles(nbdAttachment.plan(wanted, held(OWNER, "node-02"), wanted)), [
    ...FENCE,
    ...OURS,
    ...PLACE,
    ...KEY,
    ...UNITS,
    ...START,
  ]);
});

test("what is left on this node of an attachment that no longer holds the volume is released, and taken anew", (t) => {
  for (const found of [
    { ...broken, record },
    { ...live, record },
  ]) {
    t.deepEqual(titles(nbdAttachment.plan(wanted, found, wanted)), [
      ...[CUT_OFF, ...RELEASE, ...TAKE, ...OURS],
      ...[...PLACE, ...KEY, ...UNITS, ...START],
    ]);
  }
  // Lost before, back, and named again: nobody waits until its client gives up what it no longer reaches.
  const elsewhere = { ...mine, holder: { ...mine.holder, node: "node-02" } };
  const [first, ...rest] = titles(
    nbdAttachment.plan(wanted, { ...live, written: false, record: elsewhere }, wanted),
  );
  t.is(first, CUT_OFF);
  t.deepEqual(rest.slice(0, RELEASE.length), RELEASE);
});

test("a volume that somebody else has is refused with node, stack and epoch", (t) => {
  t.throws(() => nbdAttachment.plan(wanted, held(OTHER, "node-02"), wanted), {
    instanceOf: Refused,
    message: `volume "yundream" is attached to node "node-02" by "yundream" of stack shop/prod, epoch 3. One volume has one writer: detach it there first. Nothing was changed.`,
  });
  t.throws(() => nbdAttachment.plan({ ...wanted, adopt: true }, held(OTHER, "node-02"), wanted), {
    instanceOf: Refused,
    message: `volume "yundream" is attached to node "node-02" by "yundream" of stack shop/prod, epoch 3. One volume has one writer: detach it there first. Nothing was changed.`,
  });
  t.throws(() => nbdAttachment.plan(wanted, held("somebody", "node-02"), wanted), {
    instanceOf: Refused,
    message: `volume "yundream" is attached to node "node-02" by somebody, epoch 3. One volume has one writer: detach it there first. Nothing was changed.`,
  });
});

test("a volume that is not served is refused", (t) => {
  t.throws(() => nbdAttachment.plan(wanted, undefined, wanted), {
    instanceOf: Refused,
    message: `volume "yundream" is not exported by storage host "storage": make a LinkedClone and an NbdExport of that name first. Nothing was changed.`,
  });
  t.throws(() => nbdAttachment.plan(wanted, { ...free, record: undefined }, wanted), {
    instanceOf: Refused,
    message: `volume "yundream" is not exported by storage host "storage": make a LinkedClone and an NbdExport of that name first. Nothing was changed.`,
  });
  t.throws(() => nbdAttachment.plan(wanted, { ...free, endpoint: undefined }, wanted), {
    instanceOf: Refused,
    message: `volume "yundream" is not exported by storage host "storage": make a LinkedClone and an NbdExport of that name first. Nothing was changed.`,
  });
});

test("a mount or units of somebody else's at the place are refused", (t) => {
  t.throws(() => nbdAttachment.plan(wanted, { ...free, foreignMount: "/dev/sdb1" }, wanted), {
    instanceOf: Refused,
    message: `a mount of /dev/sdb1 at /mnt/mooring/yundream on host "node-01" is in the way: it has no owner record: somebody else made it. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
  t.throws(() => nbdAttachment.plan(wanted, { ...free, state: "broken", fileOwner: OTHER }, wanted), {
    instanceOf: Refused,
    message: `attachment yundream on host "node-01" is in the way: it belongs to urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:NbdAttachment::yundream. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
  const foreignFile = "/etc/systemd/system/mnt-mooring-yundream.mount";
  t.throws(() => nbdAttachment.plan(wanted, { ...free, state: "broken", foreignFile }, wanted), {
    instanceOf: Refused,
    message: new RegExp(`^${foreignFile} on host "node-01" is in the way: it has no owner record`),
  });
  t.deepEqual(
    titles(nbdAttachment.plan({ ...wanted, adopt: true }, { ...broken, record, fileOwner: OTHER }, wanted)),
    [CUT_OFF, ...RELEASE, ...TAKE, ...PLACE, ...KEY, ...UNITS, ...START],
  );
});

test("a mount unit of another's at the path is refused, although script and attach unit are ours", (t) => {
  const unit = "/etc/systemd/system/mnt-mooring-yundream.mount";
  for (const found of [{ ...live, written: false }, broken, { ...broken, record }]) {
    t.throws(() => nbdAttachment.plan(wanted, { ...found, mountOwner: OTHER }, wanted), {
      instanceOf: Refused,
      message: `${unit} on host "node-01" is in the way: it belongs to ${OTHER}. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
    });
    t.deepEqual(
      nbdAttachment.plan(wanted, { ...found, mountOwner: OWNER }, wanted),
      nbdAttachment.plan(wanted, found, wanted),
    );
  }
  const before = { ...wanted, owner: OTHER };
  t.notThrows(() => nbdAttachment.plan(wanted, { ...broken, mountOwner: OTHER }, before));
  t.notThrows(() => nbdAttachment.plan({ ...wanted, adopt: true }, { ...broken, mountOwner: OTHER }, wanted));
});

test("removed, it leaves another's mount unit alone, and says so before anything is done", (t) => {
  const unit = "/etc/systemd/system/mnt-mooring-yundream.mount";
  const found = { ...live, mountOwner: OTHER, fileOwner: OWNER };
  t.throws(() => nbdAttachment.plan(undefined, found, wanted), {
    instanceOf: Refused,
    message: `${unit} on host "node-01" belongs to ${OTHER}, and what it mounts too; it was left alone. Remove that first. Nothing was changed.`,
  });
  for (const mountOwner of [OWNER, undefined])
    t.not(nbdAttachment.plan(undefined, { ...found, mountOwner }, wanted).length, 0);
});

test("whose the mount unit is, is read from it, whoever has the other files", async (t) => {
  const observe = async (...owners: (string | undefined)[]) => {
    const paths = [
      "/var/lib/mooring/attachments/yundream.sh",
      "/etc/systemd/system/mooring-attach-yundream.service",
      "/etc/systemd/system/mnt-mooring-yundream.mount",
    ];
    const files = new Map(
      paths.flatMap((path, index) => (owners[index] ? [[path, header(owners[index])]] : [])),
    );
    const host = {
      name: "node-01",
      fact: async (fact: unknown) => (fact === mountsFact ? [] : fact === ourFilesFact ? files : new Map()),
      look: async () => "",
    } as unknown as Host;
    const found = await nbdAttachment.observe(host, wanted, () => host);
    return found && [found.fileOwner, found.mountOwner];
  };
  t.deepEqual(await observe(OWNER, OWNER, OWNER), [OWNER, OWNER]);
  t.deepEqual(await observe(OWNER, OWNER, OTHER), [OWNER, OTHER]);
  t.deepEqual(await observe(OWNER, OWNER), [OWNER, undefined]);
  t.deepEqual(await observe(undefined, undefined, OTHER), [OTHER, OTHER]);
  t.is(await observe(), undefined);
});

test("that the storage host lost its way in, address or key, is drift", async (t) => {
  const directory = "/var/lib/mooring/keys/yundream/";
  const keyed = (hash: string) => ({ [directory]: "-", [`${directory}keys.psk`]: hash });
  const allowList = "/etc/systemd/system.control/mooring-export-yundream.socket.d/50-IPAddressAllow.conf";
  const observe = async (said: string | undefined, hash?: Record<string, string>, holding = mine) => {
    const files = new Map(said === undefined ? [] : [[allowList, `[Socket]\nIPAddressAllow=\n${said}`]]);
    files.set("/var/lib/mooring/volumes/yundream.json", recordText(holding));
    files.set("/var/lib/mooring/volumes/yundream.env", "MOORING_PORT=10809\nMOORING_EPOCH=3\n");
    const host = {
      name: "node-01",
      fact: async (fact: unknown) => {
        if (fact === mountsFact) return [];
        if (fact === ourFilesFact) return files;
        return fact === credentialsFact && hash ? new Map(Object.entries(hash)) : new Map();
      },
      look: async () => "",
    } as unknown as Host;
    const found = await nbdAttachment.observe(host, wanted, () => host);
    return found && nbdAttachment.drift(wanted, found).status;
  };
  const isOut = "not held: the storage host does not let this node in";
  const allowing = "IPAddressAllow=10.77.0.12/32\n";
  t.is(await observe(allowing, keyed(CREDENTIAL)), "detached");
  t.is(await observe("", keyed(CREDENTIAL)), isOut);
  t.is(await observe(undefined, keyed(CREDENTIAL)), isOut);
  t.is(await observe(allowing), isOut);
  t.is(await observe(allowing, { [directory]: "-" }), isOut);
  t.is(await observe(allowing, keyed("00".repeat(32))), isOut);
  // Without TLS the directory is the units' condition still.
  const plain = { ...mine, holder: { ...mine.holder, credential: undefined } };
  t.is(await observe(allowing, { [directory]: "-" }, plain as never), "detached");
  t.is(await observe(allowing, {}, plain as never), isOut);
});

test("mine, and its address is gone from the allow-list alone: the node is let in again, before anything else", (t) => {
  const LET_IN = [
    "compare the record of volume yundream (on storage)",
    "let 10.77.0.12 alone in (on storage)",
  ];
  const kept = nbdAttachment.plan(wanted, { ...live, allowed: false }, wanted);
  t.deepEqual(titles(kept), LET_IN);
  t.deepEqual(
    titles(nbdAttachment.plan(wanted, { ...live, allowed: false, hasRoom: true }, wanted)).slice(0, 2),
    LET_IN,
  );
  for (const found of [broken, { ...live, keyed: false }, { ...live, written: false }])
    t.deepEqual(titles(nbdAttachment.plan(wanted, { ...found, allowed: false }, wanted)), [
      ...LET_IN,
      ...titles(nbdAttachment.plan(wanted, found, wanted)),
    ]);
  // Also before it is released for good, or for another node; not where nothing is left to be released.
  for (const found of [live, broken])
    t.deepEqual(titles(nbdAttachment.plan(undefined, { ...found, allowed: false }, wanted)), [
      ...LET_IN,
      ...titles(nbdAttachment.plan(undefined, found, wanted)),
    ]);
  t.deepEqual(titles(nbdAttachment.plan(undefined, { ...free, record: mine }, wanted)), GIVE_BACK);
  const unserved = { ...broken, endpoint: undefined };
  t.deepEqual(
    nbdAttachment.plan(undefined, { ...unserved, allowed: false }, wanted),
    nbdAttachment.plan(undefined, unserved, wanted),
  );
  // Whoever was shut out, and who has it elsewhere, is not.
  for (const found of [
    { ...live, servedEpoch: 4 },
    { ...free, record: { ...mine, holder: { ...mine.holder, node: "node-02" } } },
  ])
    t.deepEqual(
      nbdAttachment.plan(wanted, { ...found, allowed: false }, wanted),
      nbdAttachment.plan(wanted, { ...found, allowed: true }, wanted),
    );
});

test("a place where nothing can be mounted is refused before the volume is taken", (t) => {
  const misplaced = { hides: "/dev/sdb1 at /mnt/mooring/yundream/old" };
  for (const found of [free, broken]) {
    t.throws(() => nbdAttachment.plan(wanted, { ...found, misplaced }, wanted), {
      instanceOf: Refused,
      message: `path: /mnt/mooring/yundream on host "node-01" has a mount below it, which it would hide: /dev/sdb1 at /mnt/mooring/yundream/old. Unmount that first, or choose another path. Nothing was changed.`,
    });
  }
  t.deepEqual(nbdAttachment.plan(undefined, { ...free, misplaced }, wanted), []);
});

test("gone where the node's part is gone already: given back", (t) => {
  const back = nbdAttachment.plan(undefined, { ...free, record: mine }, wanted);
  t.deepEqual(titles(back), GIVE_BACK);
});

test("gone where the volume is gone already: the node's part is removed", (t) => {
  const rest = nbdAttachment.plan(undefined, { ...broken, record: undefined, endpoint: undefined }, wanted);
  t.deepEqual(titles(rest), [
    // Not mounted, it has a record on which this one is the holder.
    "check that the disk of /var/lib/mooring is mounted (on storage)",
    ...RELEASE,
    "remove the mount point /mnt/mooring/yundream",
    "remove the credential of yundream",
    "remove mnt-mooring-yundream.mount, mooring-attach-yundream.service",
    "remove /var/lib/mooring/attachments/yundream.sh",
  ]);
});

test("gone, cut off before its end: as long as a file says whose it is, the rest goes too", (t) => {
  const script = { ...free, state: "broken" as const, fileOwner: OWNER };
  const rest = [
    ...RELEASE,
    "remove the mount point /mnt/mooring/yundream",
    "remove the credential of yundream",
    "remove mnt-mooring-yundream.mount, mooring-attach-yundream.service",
    "remove /var/lib/mooring/attachments/yundream.sh",
  ];
  const gone = (observed: ObservedAttachment) => titles(nbdAttachment.plan(undefined, observed, wanted));
  t.deepEqual(gone({ ...script, record: mine, allowed: true }), [...rest, ...GIVE_BACK]);
  t.deepEqual(gone(script), [CUT_OFF, ...rest]);
});

test("already gone, or another's now, is nothing to do", (t) => {
  t.deepEqual(nbdAttachment.plan(undefined, undefined, wanted), []);
  t.deepEqual(nbdAttachment.plan(undefined, free, wanted), []);
  t.deepEqual(nbdAttachment.plan(undefined, held(OTHER, "node-02"), wanted), []);
  t.deepEqual(nbdAttachment.plan(undefined, held(OWNER, "node-02"), wanted), []);
  t.deepEqual(nbdAttachment.plan(undefined, { ...free, state: "broken", fileOwner: OTHER }, wanted), []);
  t.deepEqual(nbdAttachment.plan(undefined, { ...free, foreignMount: "/dev/sdb1" }, wanted), []);
  const foreignFile = "/etc/systemd/system/mnt-mooring-yundream.mount";
  t.deepEqual(nbdAttachment.plan(undefined, { ...free, state: "broken", foreignFile }, wanted), []);
});

test("xfs grows by its mount point", (t) => {
  const xfs = { ...free, record: { ...record, fsType: "xfs" as const } };
  t.regex(
    text(nbdAttachment.plan(wanted, xfs, wanted)),
    /\nset -- 'yundream' '\/mnt\/mooring\/yundream'\nwhile [^\0]*\(xfs_growfs "\$2" 2>&1\) /,
  );
});

test("drift shows in its status, never in its path, which would replace it", (t) => {
  const found = (observed: ObservedAttachment) => nbdAttachment.drift(wanted, observed);
  t.deepEqual(found(live), wanted);
  t.deepEqual(found(broken), { ...wanted, status: "detached" });
  t.deepEqual(found({ ...broken, device: "/dev/nbd0" }), {
    ...wanted,
    status: "attached, but not mounted as wanted",
  });
  t.deepEqual(found(free), { ...wanted, status: "detached" });
  t.deepEqual(found({ ...live, credential: undefined }), { ...wanted, status: "attached by changed files" });
  t.deepEqual(found({ ...broken, failed: true }), {
    ...wanted,
    status: "takes no writes after an error: the storage host was away for longer than reconnectDelay",
  });
  const changed = { ...live, written: false, options: ["ro"] };
  t.deepEqual(found(changed), { ...wanted, options: ["ro"], status: "attached by changed files" });
});

test("device and epoch are outputs", (t) => {
  t.deepEqual(nbdAttachment.outputs?.(wanted, live), { device: "/dev/nbd0", epoch: 3 });
});

test("a file system that has not grown to its disk, since that was cut off or it was attached at boot, is grown as it is", (t) => {
  const found = { ...live, hasRoom: true };
  t.deepEqual(titles(nbdAttachment.plan(wanted, found, wanted)), [
    "grow the file system of yundream to its disk",
  ]);
  t.is(
    nbdAttachment.drift(wanted, found).status,
    "attached, with a file system that has not grown to its disk",
  );
});

test("what an update that was cut off took to another node is not forgotten by a delete, and what is another's is left alone", (t) => {
  t.is(nbdAttachment.stranded?.(wanted, live), undefined);
  const { record } = live;
  const onNode02 = record?.holder && { ...record, holder: { ...record.holder, node: "node-02" } };
  t.regex(
    nbdAttachment.stranded?.(wanted, { ...live, record: onNode02 }) ?? "",
    /^node "node-02" has volume "yundream" for it, epoch \d+: .*Nothing was changed\.\nRun pulumi up, which completes that; then this can be removed\.$/,
  );
  t.is(nbdAttachment.leftAlone?.(wanted, live), undefined);
  t.is(
    nbdAttachment.leftAlone?.(wanted, { ...live, fileOwner: OTHER }),
    `attachment yundream belongs to ${OTHER}`,
  );
});
