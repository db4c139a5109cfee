import test from "ava";
import { Refused } from "../../../../provider/host/errors.js";
import type { Host } from "../../../../provider/host/host.js";
import { nbdExport, type ObservedNbdExport } from "../../../../provider/resources/nbd-export.js";
import { inputsOf, text, titles } from "../plans.js";
import { ENABLE, READ_CHANGED, REMOVE, RESERVE_PORT, stop, UNLINK, WRITE } from "../scripts.js";

const OWNER = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NbdExport::yundream";
const OTHER = "urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:NbdAttachment::yundream";

const wanted = inputsOf(nbdExport, { owner: OWNER, name: "yundream", address: "10.77.0.11" });

const TEXT = `# Made by Mooring; changes by hand are drift.
# Owner: ${OWNER}
[Unit]
Description=Mooring: data volume yundream exported over NBD
ConditionPathExists=/var/lib/mooring/keys/yundream
RequiresMountsFor=/var/lib/mooring
StartLimitIntervalSec=0

[Service]
EnvironmentFile=/var/lib/mooring/volumes/yundream.env
ExecStart=/usr/bin/qemu-nbd --persistent --shared=1 --format=qcow2 --cache=writethrough --discard=unmap --object tls-creds-psk,id=tls,endpoint=server,dir=/var/lib/mooring/keys/yundream --tls-creds=tls --export-name=yundream.g\${MOORING_EPOCH} /var/lib/mooring/clones/yundream.qcow2
Restart=on-failure
RestartSec=1
`;
const SOCKET = `# Made by Mooring; changes by hand are drift.
# Owner: ${OWNER}
[Unit]
Description=Mooring: data volume yundream exported over NBD
ConditionPathExists=/var/lib/mooring/keys/yundream
RequiresMountsFor=/var/lib/mooring
DefaultDependencies=no
Requires=sysinit.target
After=sysinit.target
Conflicts=shutdown.target
Before=shutdown.target

[Socket]
ListenStream=10.77.0.11:10809
FreeBind=yes
NoDelay=yes
KeepAlive=yes
KeepAliveTimeSec=5
KeepAliveIntervalSec=5
KeepAliveProbes=4
IPAddressDeny=any

[Install]
WantedBy=multi-user.target
`;
const record = {
  owner: "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream",
  template: "base",
  fsType: "ext4" as const,
  fsUuid: "d15c02ab-c949-4451-a9b8-cef990c39494",
  partitioned: false,
  epoch: 3,
};
const unit = { active: "active", enabled: false, needsReload: false };
const socket = { active: "active", enabled: true, needsReload: false };
const holder = { owner: OTHER, node: "node-02", address: "10.77.0.13", server: "10.77.0.11:10809 with TLS" };
const held = {
  record: { ...record, holder },
  file: TEXT,
  socketFile: SOCKET,
  unit,
  socket,
  port: 10_809,
  epoch: 3,
  endpoint: { address: "10.77.0.11", port: 10_809, tls: true },
  keyed: true,
};
const stopped = { unit: { ...unit, active: "inactive" }, socket: { ...socket, active: "inactive" } };
/** Nobody holds it: the units' condition keeps them down. */
const there = { ...held, ...stopped, record };
const NONE = {
  record,
  file: undefined,
  socketFile: undefined,
  unit: undefined,
  socket: undefined,
  port: undefined,
  epoch: undefined,
  endpoint: undefined,
};

test("from nothing: the record as it was seen, the unit, a port of its own, the socket, and its start", (t) => {
  t.is(
    text(nbdExport.plan(wanted, NONE, wanted)),
    `## compare the record of volume yundream
current=
{ IFS= read -r current < '/var/lib/mooring/volumes/yundream.json'; } 2>/dev/null || true
[ "$current" = '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}' ] || { echo "another program took the volume meanwhile; its record is now: $current" >&2; exit 1; }
## write /etc/systemd/system/mooring-export-yundream.service
set -- '/etc/systemd/system/mooring-export-yundream.service' '0133' '' '# Made by Mooring; changes by hand are drift.
# Owner: urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NbdExport::yundream
[Unit]
Description=Mooring: data volume yundream exported over NBD
ConditionPathExists=/var/lib/mooring/keys/yundream
RequiresMountsFor=/var/lib/mooring
StartLimitIntervalSec=0

[Service]
EnvironmentFile=/var/lib/mooring/volumes/yundream.env
ExecStart=/usr/bin/qemu-nbd --persistent --shared=1 --format=qcow2 --cache=writethrough --discard=unmap --object tls-creds-psk,id=tls,endpoint=server,dir=/var/lib/mooring/keys/yundream --tls-creds=tls --export-name=yundream.g\${MOORING_EPOCH} /var/lib/mooring/clones/yundream.qcow2
Restart=on-failure
RestartSec=1
'
${WRITE}
## reserve a port for yundream
set -- '/var/lib/mooring/volumes/yundream.env' '' '3'
${RESERVE_PORT}
## write /etc/systemd/system/mooring-export-yundream.socket
. '/var/lib/mooring/volumes/yundream.env'
printf '%s' '# Made by Mooring; changes by hand are drift.
# Owner: urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NbdExport::yundream
[Unit]
Description=Mooring: data volume yundream exported over NBD
ConditionPathExists=/var/lib/mooring/keys/yundream
RequiresMountsFor=/var/lib/mooring
DefaultDependencies=no
Requires=sysinit.target
After=sysinit.target
Conflicts=shutdown.target
Before=shutdown.target

[Socket]
ListenStream=10.77.0.11:' "$MOORING_PORT" '
FreeBind=yes
NoDelay=yes
KeepAlive=yes
KeepAliveTimeSec=5
KeepAliveIntervalSec=5
KeepAliveProbes=4
IPAddressDeny=any

[Install]
WantedBy=multi-user.target
' > '/etc/systemd/system/mooring-export-yundream.socket.mooring-new'
mv -f '/etc/systemd/system/mooring-export-yundream.socket.mooring-new' '/etc/systemd/system/mooring-export-yundream.socket'
## let systemd read mooring-export-yundream.service
set -- 'mooring-export-yundream.service'
${READ_CHANGED}
## enable mooring-export-yundream.socket
set -- 'mooring-export-yundream.socket'
${ENABLE}
`,
  );
});

test("nothing to do where it is served as wanted, also while it is attached", (t) => {
  t.deepEqual(nbdExport.plan(wanted, there, wanted), []);
  t.deepEqual(nbdExport.plan(wanted, held, wanted), []);
  t.deepEqual(nbdExport.plan({ ...wanted, port: 10_809 }, there, wanted), []);
});

const COMPARED = "compare the record of volume yundream";
const SERVICE = "write /etc/systemd/system/mooring-export-yundream.service";
const SOCKET_AND_REST = [
  "write /etc/systemd/system/mooring-export-yundream.socket",
  "let systemd read mooring-export-yundream.service",
  "enable mooring-export-yundream.socket",
  "start serving yundream",
];
const STOP = "stop serving yundream";
const WRITTEN = [COMPARED, STOP, SERVICE, ...SOCKET_AND_REST];
const PLACED = [COMPARED, STOP, SERVICE, "reserve a port for yundream", ...SOCKET_AND_REST];
const STARTED = [COMPARED, "enable mooring-export-yundream.socket", "start serving yundream"];

test("a socket that is not enabled, or down while a node holds the volume, is started and nobody is cut off", (t) => {
  const plan = (observed: ObservedNbdExport) => titles(nbdExport.plan(wanted, observed, wanted));
  t.deepEqual(plan({ ...there, socket: { ...there.socket, enabled: false } }), STARTED);
  t.deepEqual(plan({ ...held, socket: { ...socket, enabled: false } }), STARTED);
  const server = { ...unit, active: "inactive" };
  t.deepEqual(plan({ ...held, unit: server, socket: { ...socket, active: "failed" } }), STARTED);
  t.deepEqual(plan({ ...held, unit: server, socket: { ...socket, active: "inactive" } }), STARTED);
});

test("systemd starts no socket beside a server that runs: that is stopped first", (t) => {
  const [compared, ...rest] = STARTED;
  for (const active of ["failed", "inactive"])
    t.deepEqual(titles(nbdExport.plan(wanted, { ...held, socket: { ...socket, active } }, wanted)), [
      compared,
      STOP,
      ...rest,
    ]);
});

test("the file with port and epoch is lost: the port is that of the socket's unit, also while a node holds it", (t) => {
  const lost = { port: undefined, epoch: undefined, endpoint: undefined };
  const steps = nbdExport.plan(wanted, { ...held, ...lost }, wanted);
  t.deepEqual(titles(steps), [
    COMPARED,
    STOP,
    SERVICE,
    "write /var/lib/mooring/volumes/yundream.env",
    ...SOCKET_AND_REST,
  ]);
  t.regex(text(steps), /'MOORING_PORT=10809\nMOORING_EPOCH=3\n'/);
  // In neither of the two: it has to be reserved.
  const bare = { ...there, ...lost, socketFile: undefined };
  t.true(titles(nbdExport.plan(wanted, bare, wanted)).includes("reserve a port for yundream"));
});

test("a holder that was shut out half-way has nothing served: its attachment goes on, and the export is as wanted", (t) => {
  const plan = (observed: ObservedNbdExport) => titles(nbdExport.plan(wanted, observed, wanted));
  const shutOut = { ...held, ...stopped, epoch: 4 };
  t.deepEqual(plan(shutOut), []);
  t.deepEqual(nbdExport.drift(wanted, shutOut), wanted);
  t.deepEqual(plan({ ...shutOut, socket: { ...stopped.socket, enabled: false } }), STARTED);
  t.deepEqual(plan({ ...shutOut, socketFile: `${SOCKET}# by hand\n` }), WRITTEN);
  // In the record's epoch nobody else starts it.
  t.deepEqual(plan({ ...shutOut, epoch: 3 }), STARTED);
  t.is(nbdExport.drift(wanted, { ...shutOut, epoch: 3 }).address, "");
});

test("where the holder's key is lost nothing is served, also after a boot: its attachment takes the volume anew", (t) => {
  const keyless = { ...held, ...stopped, keyed: false };
  t.deepEqual(nbdExport.plan(wanted, keyless, wanted), []);
  t.deepEqual(nbdExport.drift(wanted, keyless), wanted);
});

test("port and epoch are those of the file that its unit reads", async (t) => {
  const files = new Map([
    ["/var/lib/mooring/volumes/yundream.json", JSON.stringify(held.record)],
    ["/var/lib/mooring/volumes/yundream.env", "MOORING_PORT=10809\nMOORING_EPOCH=4\n"],
    ["/etc/systemd/system/mooring-export-yundream.service", TEXT],
    ["/etc/systemd/system/mooring-export-yundream.socket", SOCKET],
  ]);
  const units = new Map([
    ["mooring-export-yundream.service", stopped.unit],
    ["mooring-export-yundream.socket", stopped.socket],
  ]);
  // Its holder has no credential: without TLS the directory is all.
  const credentials = new Map([["/var/lib/mooring/keys/yundream/", "-"]]);
  const facts: Record<string, unknown> = { "files of ours": files, units, credentials };
  const host = {
    name: "storage",
    fact: async ({ name }: { name: string }) => facts[name],
  } as unknown as Host;
  t.deepEqual(await nbdExport.observe(host, wanted, () => host), { ...held, ...stopped, epoch: 4 });
});

test("each drift of the files is repaired, and the port is kept", (t) => {
  const plan = (observed: ObservedNbdExport) => titles(nbdExport.plan(wanted, observed, wanted));
  t.deepEqual(plan({ ...held, unit: { ...unit, needsReload: true } }), WRITTEN);
  t.deepEqual(plan({ ...held, socket: { ...socket, needsReload: true } }), WRITTEN);
  t.deepEqual(plan({ ...held, unit: undefined }), WRITTEN);
  t.deepEqual(plan({ ...held, socket: undefined }), WRITTEN);
  t.deepEqual(plan({ ...held, file: `${TEXT}# by hand\n` }), WRITTEN);
  t.deepEqual(plan({ ...held, socketFile: `${SOCKET}# by hand\n` }), WRITTEN);
  t.deepEqual(plan({ ...there, file: undefined, unit: undefined, endpoint: undefined }), WRITTEN);
  t.deepEqual(plan({ ...there, socketFile: undefined, socket: undefined, endpoint: undefined }), WRITTEN);
});

test("another address is another socket; another port is reserved", (t) => {
  t.deepEqual(titles(nbdExport.plan({ ...wanted, address: "10.77.0.12" }, there, wanted)), WRITTEN);
  t.deepEqual(titles(nbdExport.plan({ ...wanted, tls: false }, there, wanted)), WRITTEN);
  t.deepEqual(titles(nbdExport.plan({ ...wanted, port: 10_900 }, there, wanted)), PLACED);
  const lost = { ...there, port: undefined, epoch: undefined, endpoint: undefined };
  t.deepEqual(titles(nbdExport.plan({ ...wanted, port: 10_900 }, lost, wanted)), PLACED);
});

test("where and how a volume is served can't change while a node has it attached", (t) => {
  const refused = (news: object, from: string, to: string) => {
    const observed = { ...held, record: { ...held.record, holder: { ...holder, server: from } } };
    t.throws(() => nbdExport.plan({ ...wanted, ...news }, observed, wanted), {
      instanceOf: Refused,
      message: `export "yundream" on host "storage" can't change from ${from} to ${to} while node "node-02" has it attached ("yundream" of stack shop/prod, epoch 3): detach it first. Nothing was changed.`,
    });
  };
  refused({ address: "10.77.0.12" }, "10.77.0.11:10809 with TLS", "10.77.0.12:10809 with TLS");
  refused({ address: "fd00::1" }, "10.77.0.11:10809 with TLS", "[fd00::1]:10809 with TLS");
  refused({ port: 10_900 }, "10.77.0.11:10809 with TLS", "10.77.0.11:10900 with TLS");
  refused({ tls: false }, "10.77.0.11:10809 with TLS", "10.77.0.11:10809 without TLS");
  refused({}, "10.77.0.11:10809 without TLS", "10.77.0.11:10809 with TLS");
});

test("an IPv6 address is in brackets, and without TLS there is no credential", (t) => {
  const plain = { ...wanted, address: "fd00::1", tls: false };
  const script = text(nbdExport.plan(plain, NONE, plain));
  t.regex(script, /\nListenStream=\[fd00::1\]:' "\$MOORING_PORT" '\nFreeBind=yes\n/);
  t.regex(
    script,
    /\nExecStart=\/usr\/bin\/qemu-nbd --persistent --shared=1 --format=qcow2 --cache=writethrough --discard=unmap --export-name=/,
  );
  t.notRegex(script, /tls-creds/);
});

test("a volume that is not there can't be exported", (t) => {
  t.throws(() => nbdExport.plan(wanted, undefined, wanted), {
    instanceOf: Refused,
    message: `there is no volume "yundream" on host "storage" to export: make a LinkedClone of that name first. Nothing was changed.`,
  });
  t.throws(() => nbdExport.plan(wanted, { ...there, record: undefined }, wanted), {
    instanceOf: Refused,
    message: `there is no volume "yundream" on host "storage" to export: make a LinkedClone of that name first. Nothing was changed.`,
  });
});

test("a unit that is somebody else's is refused, and taken over with adopt", (t) => {
  t.throws(() => nbdExport.plan(wanted, { ...there, file: "[Service]\n" }, wanted), {
    instanceOf: Refused,
    message: `/etc/systemd/system/mooring-export-yundream.service on host "storage" is in the way: it has no owner record: somebody else made it. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
  t.deepEqual(
    titles(nbdExport.plan({ ...wanted, adopt: true }, { ...there, file: "[Service]\n" }, wanted)),
    WRITTEN,
  );
  t.throws(() => nbdExport.plan(wanted, { ...there, socketFile: "[Socket]\n" }, wanted), {
    instanceOf: Refused,
    message:
      /^\/etc\/systemd\/system\/mooring-export-yundream\.socket on host "storage" is in the way: it has no owner record/,
  });
});

test("gone: stopped, and its files removed, those that say whose it is last", (t) => {
  t.is(
    text(nbdExport.plan(undefined, there, wanted)),
    `## compare the record of volume yundream
current=
{ IFS= read -r current < '/var/lib/mooring/volumes/yundream.json'; } 2>/dev/null || true
[ "$current" = '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}' ] || { echo "another program took the volume meanwhile; its record is now: $current" >&2; exit 1; }
## stop mooring-export-yundream.socket
set -- 'mooring-export-yundream.socket'
${stop(60)}
${UNLINK}
## stop mooring-export-yundream.service
set -- 'mooring-export-yundream.service'
${stop(60)}
${UNLINK}
## revoke the credential of yundream
set -- '/var/lib/mooring/keys/yundream'
rm -rf -- "$@"
for d in '/var/lib/mooring/keys'; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done
## remove the allow-list of yundream
rm -rf '/etc/systemd/system.control/mooring-export-yundream.socket.d'
for d in '/etc/systemd/system.control'; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done
## remove /var/lib/mooring/volumes/yundream.env
rm -f '/var/lib/mooring/volumes/yundream.env'
for d in '/var/lib/mooring/volumes' '/var/lib/mooring'; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done
## remove mooring-export-yundream.socket, mooring-export-yundream.service
set -- 'mooring-export-yundream.socket' 'mooring-export-yundream.service'
${REMOVE}
`,
  );
});

test("gone, cut off before its end: what is left of it is removed too", (t) => {
  const all = titles(nbdExport.plan(undefined, there, wanted));
  t.deepEqual(titles(nbdExport.plan(undefined, { ...there, file: undefined }, wanted)), all);
  t.deepEqual(titles(nbdExport.plan(undefined, { ...there, socketFile: undefined }, wanted)), all);
  const bare = { ...there, port: undefined, epoch: undefined, endpoint: undefined };
  t.deepEqual(titles(nbdExport.plan(undefined, bare, wanted)), all);
  // The clone went before it.
  t.deepEqual(
    titles(nbdExport.plan(undefined, { ...bare, record: undefined }, wanted)),
    all.filter((title) => title !== COMPARED),
  );
});

test("an export that a node has attached can't be removed: who holds it is named", (t) => {
  t.throws(() => nbdExport.plan(undefined, held, wanted), {
    instanceOf: Refused,
    message: `export "yundream" on host "storage" is in use: node "node-02" has it attached by "yundream" of stack shop/prod, epoch 3. Detach it first. Nothing was changed.`,
  });
});

test("an NBD export already gone, or never ours, is nothing to do", (t) => {
  t.deepEqual(nbdExport.plan(undefined, undefined, wanted), []);
  t.deepEqual(nbdExport.plan(undefined, NONE, wanted), []);
  t.deepEqual(nbdExport.plan(undefined, { ...there, file: "[Service]\n" }, wanted), []);
});

test("drift: an export that does not serve, elsewhere or otherwise, shows it", (t) => {
  t.deepEqual(nbdExport.drift(wanted, there), wanted);
  t.deepEqual(nbdExport.drift(wanted, held), wanted);
  t.is(nbdExport.drift(wanted, { ...held, socket: { ...socket, active: "failed" } }).address, "");
  t.is(nbdExport.drift(wanted, { ...there, socket: { ...there.socket, enabled: false } }).address, "");
  t.is(nbdExport.drift(wanted, NONE).address, "");
  const endpoint = { address: "10.9.9.9", port: 10_809, tls: false };
  t.is(nbdExport.drift(wanted, { ...there, endpoint }).address, "10.9.9.9");
  t.false(nbdExport.drift(wanted, { ...there, endpoint }).tls);
  t.is(nbdExport.drift({ ...wanted, port: 10_900 }, there).port, 10_809);
  t.deepEqual(nbdExport.outputs?.(wanted, there), { servedPort: 10_809 });
});

test("drift: units that were changed, or written by another version, or not read by systemd yet, are seen by read, too", (t) => {
  const changed = [
    { file: `${TEXT}# by hand\n` },
    { file: TEXT.replace(" --cache=writethrough", "") },
    { socketFile: SOCKET.replace("multi-user.target", "sockets.target") },
    { socketFile: undefined },
    { unit: { ...there.unit, needsReload: true } },
    { socket: { ...there.socket, needsReload: true } },
    { port: undefined },
  ];
  for (const more of changed) {
    for (const found of [there, held]) {
      const observed = { ...found, ...more };
      t.is(nbdExport.drift(wanted, observed).status, "served by changed files", JSON.stringify(more));
      t.not(nbdExport.plan(wanted, observed, wanted).length, 0, "up repairs what read shows");
    }
  }
  t.is(nbdExport.drift({ ...wanted, port: 10_900 }, there).status, "served by changed files");
  const gone = { ...there, file: undefined, endpoint: undefined };
  t.is(nbdExport.drift(wanted, gone).status, "not served: its units or its port are gone");
});
