import test, { type ExecutionContext } from "ava";
import { type Sh, sh } from "../../../../provider/host/sh.js";
import { commandOf, type Step } from "../../../../provider/host/steps.js";
import { endpointIn } from "../../../../provider/nbd/export-units.js";
import { reservePort } from "../../../../provider/nbd/ports.js";
import {
  allowListFile,
  hasAddress,
  letAddressIn,
  letNobodyIn,
  removeCredential,
  startServing,
  stopServing,
} from "../../../../provider/nbd/serving.js";
import { fakeNode } from "../../fake-node.js";

const UNITS = "mooring-export-yundream.socket mooring-export-yundream.service";

/** What a step says on a host where systemctl does as `body` says. */
function serving(t: ExecutionContext, step: Step, body: string, before = "") {
  const host = fakeNode(t, { devices: 0 });
  host.put("systemctl", body);
  host.put("journalctl", "echo 'the unit says this'");
  const said = host.run(`set -eu\n${before}\n${commandOf(step).text}`);
  return { ...said, log: host.log() };
}

test("an export that can't be stopped is an error in systemd's own words", (t) => {
  t.deepEqual(serving(t, stopServing("yundream"), "echo 'Failed to connect to bus' >&2; exit 1"), {
    status: 1,
    stdout: "",
    stderr: "Failed to connect to bus\nthe unit says this\n",
    log: [
      `systemctl stop ${UNITS}`,
      "journalctl -q -o cat -n 12 -u mooring-export-yundream.socket -u mooring-export-yundream.service --no-pager",
    ],
  });
});

test("an export that systemd does not know is stopped", (t) => {
  const said = serving(t, stopServing("yundream"), "echo 'Unit not loaded.' >&2; exit 5");
  t.deepEqual(
    [said.status, said.log],
    [0, [`systemctl stop ${UNITS}`, ...UNITS.split(" ").map((unit) => `systemctl stop ${unit}`)]],
  );
});

for (const [step, wanted] of [
  [stopServing("yundream"), "stopped"],
  [startServing("yundream"), "active"],
] as const) {
  test(`only a time-out is called one, and it has the steps' time: not ${wanted}`, (t) => {
    const slow = "[ $1 = reset-failed ] || exec /bin/sleep 5";
    const said = serving(t, step, slow, "patience=1");
    t.deepEqual(
      [said.status, said.stderr],
      [124, `not ${wanted} after 1 s (timeouts.steps gives it longer)\nthe unit says this\n`],
    );
  });
}

/** All of them have been read. */
const READ =
  'for u; do echo "NeedDaemonReload=no"; echo "DropInPaths=/etc/systemd/system.control/$u.d/50-IPAddressAllow.conf"; done';

/** `systemctl` with these sockets loaded; `show` is what it says of the others. */
function allowed(t: ExecutionContext, loaded: readonly string[], show = READ) {
  const host = fakeNode(t, { devices: 0 });
  const list = loaded.map((name) => `mooring-export-${name}.socket loaded active listening\n`).join("");
  host.put("systemctl", `case $1 in list-units) printf '${list}' ;; show) ${show} ;; esac`);

  const steps = [letAddressIn("a", "10.0.0.1"), letAddressIn("b", "10.0.0.2"), letNobodyIn("c")];
  t.is(new Set(steps.map(({ action }) => String(action))).size, 1);
  const script = sh`set -eu\nset -- ${steps.flatMap(({ of = [] }) => of)}\n${steps[0]?.action as Sh}`;
  t.deepEqual(host.run(script.text), { status: 0, stdout: "", stderr: "" });
  const [, ...log] = host.log();
  return { log, list: (name: string) => host.exists(allowListFile(name)) && host.read(allowListFile(name)) };
}

test("who is let in is in the file of a socket that systemd has not loaded, and told to systemd where it has", (t) => {
  const none = allowed(t, []);
  const written = "[Socket]\nIPAddressAllow=\n";
  t.deepEqual(none.log, [
    "systemctl show -p NeedDaemonReload -p DropInPaths -- mooring-export-a.socket mooring-export-b.socket mooring-export-c.socket",
  ]);
  t.is(none.list("a"), `${written}IPAddressAllow=10.0.0.1\n`);
  t.is(none.list("b"), `${written}IPAddressAllow=10.0.0.2\n`);
  t.is(none.list("c"), written);
  t.deepEqual([hasAddress(`${none.list("a")}`), hasAddress(`${none.list("c")}`)], [true, false]);
  const some = allowed(t, ["b", "c", "aa"]);
  t.deepEqual(some.log, [
    "systemctl set-property mooring-export-b.socket IPAddressAllow= IPAddressAllow=10.0.0.2",
    "systemctl set-property mooring-export-c.socket IPAddressAllow=",
    "systemctl show -p NeedDaemonReload -p DropInPaths -- mooring-export-a.socket",
  ]);
  t.deepEqual([some.list("a"), some.list("b")], [none.list("a"), false]);
  t.is(allowed(t, ["a", "b", "c"]).log.length, 3);
});

test("a socket that systemd loaded meanwhile has it read its file again", (t) => {
  for (const show of [`${READ}; echo NeedDaemonReload=yes`, "echo DropInPaths=; echo NeedDaemonReload=no"])
    t.is(allowed(t, ["c"], show).log.filter((line) => line === "systemctl daemon-reload").length, 1);
});

test("the credentials of several are revoked at once, and the others' stay", (t) => {
  const host = fakeNode(t, { devices: 0 });
  for (const name of ["a", "b", "c"]) host.file(`/var/lib/mooring/keys/${name}/keys.psk`);
  const revoke = (...names: string[]) => {
    const [first, ...rest] = names.map(removeCredential);
    t.true(rest.every((step) => String(step.action) === String(first?.action)));
    const all = [first, ...rest].flatMap((step) => step?.of ?? []);
    return host.run(`set -eu\n${sh`set -- ${all}`}\n${first?.action}`);
  };
  t.deepEqual(revoke("a", "c"), { status: 0, stdout: "", stderr: "" });
  t.deepEqual(host.list("/var/lib/mooring/keys"), ["b"]);
  // Who gave back before has none.
  t.is(revoke("a", "b").status, 0);
  t.false(host.exists("/var/lib/mooring/keys"));
});

test("where a volume is served is an IP address: nothing else gets from the socket's unit into a script", (t) => {
  const environment = "MOORING_PORT=10809\nMOORING_EPOCH=3\n";
  const unit = "[Service]\nExecStart=/usr/bin/qemu-nbd --tls-creds=tls --export-name=a.g1\n";
  const at = (listen: string) =>
    endpointIn(unit, `[Socket]\nListenStream=${listen}\nFreeBind=yes\n`, environment);
  for (const [listen, address] of [
    ["10.77.0.11:10809", "10.77.0.11"],
    ["[fd00::1]:10809", "fd00::1"],
    ["[FD00::A]:10809", "FD00::A"],
  ] as const)
    t.deepEqual(at(listen), { address, port: 10_809, tls: true });
  for (const listen of [
    "10809",
    ":10809",
    "storage:10809",
    // All of their characters could be an address's.
    "face:10809",
    "ab.cd:10809",
    "10.77.0:10809",
    "10.77.0.11.:10809",
    "10.77.0.256:10809",
    "[fd00:::1]:10809",
    "$(reboot):10809",
    "10.77.0.11;reboot:10809",
    "10.77.0.11 reboot:10809",
    "[fd00::1%eth0]:10809",
    "10.77.0.11:10809 reboot",
    "/run/a.socket",
  ])
    t.is(at(listen), undefined, listen);
});

const VOLUMES = "/var/lib/mooring/volumes";

/** A storage host on which a program listens on 10810, and other volumes have 10809 and 10812. */
function ports(t: ExecutionContext) {
  const host = fakeNode(t, { devices: 0 });
  host.put(
    "ss",
    `case $1 in
-Hltn) printf 'LISTEN 0 128 10.77.0.11:10810 0.0.0.0:* \\nLISTEN 0 5 [::]:22 [::]:* \\n' ;;
*) echo 'users:(("theirs",pid=7,fd=3))' ;;
esac`,
  );
  host.put("sync", "");
  for (const [name, port] of [
    ["a", 10809],
    ["b", 10812],
  ] as const)
    host.file(`${VOLUMES}/${name}.env`, undefined, `MOORING_PORT=${port}\nMOORING_EPOCH=1\n`);
  const reserve = (...steps: Step[]) => {
    const all = steps.flatMap(({ of = [] }) => of);
    return host.run(`set -eu\n${sh`set -- ${all}`}\n${steps[0]?.action}`);
  };
  const portOf = (name: string) => host.read(`${VOLUMES}/${name}.env`).match(/^MOORING_PORT=(\d+)$/m)?.[1];
  return { host, reserve, portOf };
}

test("each volume gets the lowest free port, and what has ports is looked at once for all", (t) => {
  const { host, reserve, portOf } = ports(t);
  // What a program left that was killed here counts for nothing.
  host.file(`${VOLUMES}/.ports/b.env`, undefined, "MOORING_PORT=1\n");
  const { status, stderr } = reserve(
    reservePort("c", undefined, 3),
    reservePort("d", undefined, 1),
    reservePort("e", 11_000, 1),
  );
  t.deepEqual([status, stderr], [0, ""]);
  t.deepEqual(["a", "b", "c", "d", "e"].map(portOf), ["10809", "10812", "10811", "10813", "11000"]);
  t.is(host.read(`${VOLUMES}/c.env`), "MOORING_PORT=10811\nMOORING_EPOCH=3\n");
  t.deepEqual(host.list(VOLUMES), ["a.env", "b.env", "c.env", "d.env", "e.env"]);
  t.deepEqual(
    host.log().filter((line) => line.startsWith("ss")),
    ["ss -Hltn"],
  );
});

test("a volume keeps a port that is its own, and one that another has is refused with its user", (t) => {
  const { reserve, portOf } = ports(t);
  t.is(reserve(reservePort("a", 10_809, 2)).status, 0);
  t.is(portOf("a"), "10809");
  const { status, stderr } = reserve(reservePort("c", 10_812, 1));
  t.is(status, 1);
  t.is(stderr, `port: 10812 is in use: ${VOLUMES}/b.env\nusers:(("theirs",pid=7,fd=3))\n`);
});
