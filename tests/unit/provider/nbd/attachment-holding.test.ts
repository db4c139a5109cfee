import { createHash } from "node:crypto";
import test from "ava";
import { Refused } from "../../../../provider/host/errors.js";
import type { Host } from "../../../../provider/host/host.js";
import { commandOf, type Step } from "../../../../provider/host/steps.js";
import {
  attachmentFence,
  credentialOf,
  giveBack,
  refuseLive,
  take,
} from "../../../../provider/nbd/attachment-holding.js";
import { nbdAttachment } from "../../../../provider/resources/nbd-attachment.js";
import { recordText } from "../../../../provider/volume-record.js";
import { fakeNode } from "../../fake-node.js";
import { text, titles } from "../plans.js";
import { free, mine, NEXT_KEY, OTHER, OWNER, record, wanted } from "../resources/nbd-attachment-cases.js";
import { ALLOW } from "../scripts.js";

const { endpoint } = free;
const SESSION = { peer: "10.77.0.12:60110", silentMs: 368, received: 44_175 };
const STOP = [
  "compare the record of volume yundream",
  "stop serving yundream",
  "write /var/lib/mooring/volumes/yundream.env",
  "revoke the credential of yundream",
];
const PROVE = [
  "wait until nothing writes to /var/lib/mooring/clones/yundream.qcow2",
  "check /var/lib/mooring/clones/yundream.qcow2",
];
const CLEAR = "clear the multi-mount protection of yundream";
const SERVE = [
  "make /var/lib/mooring/keys/yundream",
  "write /var/lib/mooring/keys/yundream/dh-params.pem",
  "write /var/lib/mooring/keys/yundream/keys.psk",
  "let 10.77.0.12 alone in",
  "write /var/lib/mooring/volumes/yundream.json",
  "start serving yundream",
];
const NOBODY = ["let nobody in to yundream", "write /var/lib/mooring/volumes/yundream.json"];
const one = (steps: readonly Step[], title: string) => text(steps.filter((step) => step.title === title));

test("taking compares, stops, counts up, revokes and serves one node; only a fence proves that nobody writes", (t) => {
  t.deepEqual(titles(take(wanted, record, endpoint, NEXT_KEY, false)), [...STOP, ...SERVE]);
  t.deepEqual(titles(take(wanted, record, endpoint, NEXT_KEY, true)), [...STOP, ...PROVE, ...SERVE]);
});

test("giving back leaves the next epoch, no key, nobody let in and, last, no holder", (t) => {
  const back = giveBack("yundream", mine, endpoint);
  t.deepEqual(titles(back), [...STOP, ...NOBODY]);
  t.deepEqual(titles(giveBack("yundream", mine, endpoint, true)), [...STOP, ...PROVE, ...NOBODY]);
  const written = one(back, "write /var/lib/mooring/volumes/yundream.json");
  t.true(
    written.includes(
      `'{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":4}\n'`,
    ),
  );
  t.is(
    one(back, "revoke the credential of yundream"),
    `## revoke the credential of yundream
set -- '/var/lib/mooring/keys/yundream'
rm -rf -- "$@"
for d in '/var/lib/mooring/keys'; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done
`,
  );
  t.is(
    one(back, "let nobody in to yundream"),
    `## let nobody in to yundream
set -- 'mooring-export-yundream.socket' ''
${ALLOW}
`,
  );
});

test("the multi-mount protection is cleared of ext4 that has it; xfs has none", (t) => {
  const fence = (more: object) => titles(giveBack("yundream", { ...mine, ...more }, endpoint, true));
  t.deepEqual(fence({ mmp: true }), [...STOP, ...PROVE, CLEAR, ...NOBODY]);
  t.deepEqual(fence({ mmp: false }), [...STOP, ...PROVE, ...NOBODY]);
  t.deepEqual(fence({ fsType: "xfs", mmp: false }), [...STOP, ...PROVE, ...NOBODY]);
  t.deepEqual(fence({ fsType: "xfs", mmp: true }), [...STOP, ...PROVE, ...NOBODY]);
  const clear = one(giveBack("yundream", { ...mine, mmp: true }, endpoint, true), CLEAR);
  t.true(
    clear.includes(`
part=$dev
said=$(tune2fs -f -E clear_mmp "$part" 2>&1) || { printf '%s
' "$said" >&2; exit 1; }
sync "$dev" "\${part:-$dev}"
`),
  );
  const partitioned = giveBack("yundream", { ...mine, mmp: true, partitioned: true }, endpoint, true);
  t.regex(one(partitioned, CLEAR), /\npart=\$\{dev\}p1\n[\s\S]*clear_mmp "\$part"/);
});

test("the image is looked over only when its lock is free, and leaks alone are repaired", (t) => {
  const fence = giveBack("yundream", mine, endpoint, true);
  t.is(
    text(fence.slice(4, 6)),
    `## wait until nothing writes to /var/lib/mooring/clones/yundream.qcow2
tries=0
until said=$(qemu-img info -f qcow2 '/var/lib/mooring/clones/yundream.qcow2' 2>&1); do
  tries=$((tries + 1)); [ $tries -lt \${patience:-20}0 ] || { printf '%s
' "$said" >&2; exit 1; }
  sleep 0.1
done
## check /var/lib/mooring/clones/yundream.qcow2
said=$(qemu-img check -q -f qcow2 '/var/lib/mooring/clones/yundream.qcow2' 2>&1) || {
  code=$?
  [ $code != 3 ] || { said=$(qemu-img check -q -r leaks -f qcow2 '/var/lib/mooring/clones/yundream.qcow2' 2>&1) && code=0; }
  [ $code = 0 ] || { printf '%s
' "$said" "The image is damaged: it was not attached anywhere. Copy it, then see qemu-img(1), check -r." >&2; exit 1; }
}
`,
  );
});

test("a key is in no step that is not secret, and in the record only as its sum", (t) => {
  const taken = nbdAttachment.plan(wanted, free, wanted);
  const holding = (steps: readonly Step[]) => steps.filter((step) => text([step]).includes(NEXT_KEY));
  t.deepEqual(titles(holding(taken)), [
    "write /var/lib/mooring/keys/yundream/keys.psk (on storage)",
    "write /var/lib/mooring/attachments/yundream/keys.psk",
  ]);
  for (const step of holding(taken)) t.true(step.secret, step.title);
  const sum = createHash("sha256").update(`mooring:${NEXT_KEY}\n`).digest("hex");
  t.is(credentialOf(NEXT_KEY), sum);
  t.regex(text(taken), new RegExp(`"credential":"${sum}"`));
});

test("without TLS no key is written, and the node's address alone keeps others out", (t) => {
  const plain = take(wanted, record, { ...endpoint, tls: false }, NEXT_KEY, false);
  t.deepEqual(titles(plain), [
    ...STOP,
    "make /var/lib/mooring/keys/yundream",
    "let 10.77.0.12 alone in",
    "write /var/lib/mooring/volumes/yundream.json",
    "start serving yundream",
  ]);
  t.notRegex(text(plain), new RegExp(`${NEXT_KEY}|"credential"`));
});

test("a fence is on the storage host, and gives back with a proof", (t) => {
  t.is(attachmentFence.host(wanted), wanted.storage);
  const plan = attachmentFence.plan(wanted, { record: mine, endpoint, sessions: [] }, false);
  t.deepEqual(titles(plan), [...STOP, ...PROVE, ...NOBODY]);
});

test("where a fence proves nothing the old node is not served, and is who has it until the fence is done", (t) => {
  const host = fakeNode(t, { devices: 0 });
  const [kept, key] = ["/var/lib/mooring/volumes/yundream.json", "/var/lib/mooring/keys/yundream/keys.psk"];
  host.file(kept, undefined, recordText(mine));
  host.file(key);
  host.put("systemctl", "");
  const fence = () => {
    const script = giveBack("yundream", mine, endpoint, true).map((step) => commandOf(step).text);
    return host.run(`set -eu\npatience=1\n${script.join("\n")}`);
  };
  host.put("qemu-img", "echo 'Failed to get shared write lock' >&2; exit 1");
  t.deepEqual(fence(), { status: 1, stdout: "", stderr: "Failed to get shared write lock\n" });
  t.false(host.exists(key));
  t.is(host.read(kept), recordText(mine));
  t.is(host.read("/var/lib/mooring/volumes/yundream.env"), "MOORING_PORT=10809\nMOORING_EPOCH=4\n");
  host.put("qemu-img", "");
  t.deepEqual(fence(), { status: 0, stdout: "", stderr: "" });
  t.is(host.read(kept), recordText({ ...record, epoch: 4 }));
  t.is(host.read("/var/lib/mooring/volumes/yundream.env"), "MOORING_PORT=10809\nMOORING_EPOCH=4\n");
  t.deepEqual(
    host.log().filter((line) => line.startsWith("systemctl")),
    [
      "systemctl stop mooring-export-yundream.socket mooring-export-yundream.service",
      "systemctl stop mooring-export-yundream.socket mooring-export-yundream.service",
      "systemctl list-units --all --full --plain --no-legend mooring-export-*.socket",
      "systemctl show -p NeedDaemonReload -p DropInPaths -- mooring-export-yundream.socket",
      "systemctl daemon-reload",
    ],
  );
});

test("a storage host that has no network block devices fences all the same, and leaves the mark by which a mount waits", (t) => {
  const marked = { ...mine, fsType: "ext4", mmp: true } as const;
  const clear = giveBack("yundream", marked, endpoint, true).find(({ title }) => title.startsWith("clear"));
  const host = fakeNode(t, { devices: 0 });
  host.put("modprobe", "exit 1");
  t.deepEqual(host.run(`set -eu\n${clear ? commandOf(clear) : "exit 9"}`), {
    status: 0,
    stdout: "",
    stderr: "",
  });
  t.deepEqual(host.log(), ["modprobe nbd"]);
});

test("a fence is refused while the node is heard of, unless it is forced", (t) => {
  const observed = { record: mine, endpoint, sessions: [SESSION] };
  t.throws(() => attachmentFence.plan(wanted, observed, false), {
    instanceOf: Refused,
    message: `volume "yundream": node "node-01" still has a live session with the storage host: 10.77.0.12:60110, heard of 0.4 s ago, 44175 bytes received from it. Nothing was changed.
If an update was cut off that took it there, name that node again and run pulumi up, which completes it. If the node was said to be lost and can be reached, remove \`lost\` and move the volume. To fence it all the same, set fence: "force" beside lost: what it is writing at that moment ends as with a power cut.`,
  });
  t.deepEqual(titles(attachmentFence.plan(wanted, observed, true)), [...STOP, ...PROVE, ...NOBODY]);
  const silent = { ...observed, sessions: [{ ...SESSION, silentMs: 25_000 }] };
  t.deepEqual(titles(attachmentFence.plan(wanted, silent, false)), [...STOP, ...PROVE, ...NOBODY]);
});

test("of several sessions the live ones are named", (t) => {
  const sessions = [
    SESSION,
    { ...SESSION, peer: "b:1", silentMs: 9000 },
    { ...SESSION, peer: "[fd00::c]:2" },
  ];
  t.throws(() => refuseLive("yundream", "node-01", sessions), {
    message:
      /host: 10\.77\.0\.12:60110, heard of 0\.4 s ago, 44175 bytes received from it; \[fd00::c\]:2, heard of 0\.4 s ago, 44175 bytes received from it\. Nothing/,
  });
  t.notThrows(() => refuseLive("yundream", "node-01", []));
});

test("where its port is in the socket's unit alone, a node that is heard of is not fenced", async (t) => {
  const files = new Map([
    ["/var/lib/mooring/volumes/yundream.json", recordText(mine)],
    ["/etc/systemd/system/mooring-export-yundream.socket", "[Socket]\nListenStream=10.77.0.11:10809\n"],
  ]);
  const storage = {
    name: "storage",
    fact: async () => files,
    run: async () =>
      "0 0 [::ffff:10.77.0.11]:10809 10.77.0.12:60110\n\t cubic lastack:368 bytes_received:44175\n",
  } as unknown as Host;
  const found = await attachmentFence.observe(storage, wanted, false);
  t.throws(() => attachmentFence.plan(wanted, found, false), { message: /still has a live session/ });
});

test("where the export's units are gone nothing serves it: the record alone says who has it, and then nobody", (t) => {
  const found = { record: mine, endpoint: undefined, sessions: [] };
  const fenced = attachmentFence.plan(wanted, found, false);
  t.deepEqual(titles(fenced), [
    "compare the record of volume yundream",
    "stop serving yundream",
    "revoke the credential of yundream",
    "wait until nothing writes to /var/lib/mooring/clones/yundream.qcow2",
    "check /var/lib/mooring/clones/yundream.qcow2",
    "write /var/lib/mooring/volumes/yundream.json",
  ]);
  t.deepEqual(titles(giveBack("yundream", mine, undefined)), [
    "compare the record of volume yundream",
    "stop serving yundream",
    "revoke the credential of yundream",
    "write /var/lib/mooring/volumes/yundream.json",
  ]);
});

test("what another holds, or another node, or nobody, is not fenced", (t) => {
  const none = (observed: object) =>
    t.deepEqual(
      attachmentFence.plan(wanted, { record: mine, endpoint, sessions: [SESSION], ...observed }, false),
      [],
    );
  none({ record: undefined });
  none({ record });
  none({ record: { ...mine, holder: { ...mine.holder, owner: OTHER } } });
  none({ record: { ...mine, holder: { owner: OWNER, node: "node-02" } } });
});
