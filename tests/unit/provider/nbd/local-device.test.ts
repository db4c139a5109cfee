import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { connectFreeDevice } from "../../../../provider/nbd/local-device.js";
import { fakeNode } from "../../fake-node.js";
import { isFree, until } from "../../until.js";

const script = `set -eu
${connectFreeDevice('qemu-nbd --connect="$dev"', 10, "nobody is there")}
echo "took $dev"`;

test("the first device that nothing is connected to is taken", (t) => {
  const node = fakeNode(t, { devices: 3 });
  node.connected("nbd0");
  t.deepEqual(node.run(script), { status: 0, stdout: "took /dev/nbd1\n", stderr: "" });
  t.deepEqual(node.log(), ["qemu-nbd --connect=/dev/nbd1"]);
});

test("each script begins at a device of its own, by its process number", (t) => {
  const took = (pid: number): string => fakeNode(t, { devices: 3, pid }).run(script).stdout;
  t.deepEqual([3, 4, 5].map(took), ["took /dev/nbd0\n", "took /dev/nbd1\n", "took /dev/nbd2\n"]);
});

test("a device that udev still looks at is busy: the next one is taken, and all are tried again", (t) => {
  const node = fakeNode(t, { devices: 2 });
  node.put(
    "qemu-nbd",
    `[ "$(grep -c qemu-nbd "$root/log")" -gt 3 ] || { echo "Failed to set NBD socket" >&2; exit 1; }`,
  );
  t.deepEqual(node.run(script), { status: 0, stdout: "took /dev/nbd1\n", stderr: "" });
  t.deepEqual(node.log(), [
    "qemu-nbd --connect=/dev/nbd0",
    "qemu-nbd --connect=/dev/nbd1",
    "sleep 0.5",
    "qemu-nbd --connect=/dev/nbd0",
    "qemu-nbd --connect=/dev/nbd1",
  ]);
});

/** With NBD_SET_SOCK, and by netlink, whose error does not say which it was. */
const BUSY = [
  "qemu-nbd: Failed to set NBD socket",
  "Error: Ioctl NBD_SET_SOCK failed: Device or resource busy",
  "Error: Failed to setup device, check dmesg",
  "qemu-nbd: Cannot lock pid file: Resource temporarily unavailable",
  "qemu-nbd: Failed to connect to '/var/lock/qemu-nbd-nbd0': No such file or directory",
];

for (const said of BUSY) {
  test(`busy is what either client calls so: ${said}`, (t) => {
    const node = fakeNode(t, { devices: 2 });
    node.put("qemu-nbd", `case $1 in *nbd1) ;; *) echo "${said}" >&2; exit 1 ;; esac`);
    t.deepEqual(node.run(script), { status: 0, stdout: "took /dev/nbd1\n", stderr: "" });
  });
}

test("one that stays busy is given up after twenty rounds, with the tool's words", (t) => {
  const node = fakeNode(t, { devices: 1 });
  node.put("qemu-nbd", `echo "Failed to set NBD socket" >&2; exit 1`);
  t.deepEqual(node.run(script), { status: 1, stdout: "", stderr: "Failed to set NBD socket\n" });
  t.is(node.log().filter((line) => line.startsWith("qemu-nbd")).length, 20);
});

test("another failure is the end, and is not tried on another device", (t) => {
  const node = fakeNode(t, { devices: 2 });
  node.put("qemu-nbd", `echo "Failed to get shared write lock" >&2; exit 3`);
  t.deepEqual(node.run(script), { status: 3, stdout: "", stderr: "Failed to get shared write lock\n" });
  t.deepEqual(node.log(), ["qemu-nbd --connect=/dev/nbd0"]);
});

test("no answer in time is said so", (t) => {
  const node = fakeNode(t, { devices: 2 });
  node.put("qemu-nbd", "exit 124");
  t.deepEqual(node.run(script), { status: 124, stdout: "", stderr: "nobody is there\n" });
});

test("where all devices are in use nothing is connected", (t) => {
  const node = fakeNode(t, { devices: 1 });
  node.connected("nbd0");
  t.deepEqual(node.run(script), {
    status: 1,
    stdout: "",
    stderr: "no free nbd device: all are in use (load the module with a larger nbds_max)\n",
  });
  t.deepEqual(node.log(), []);
});

test("a device that somebody else is about to connect is left to them, however long that takes", async (t) => {
  const node = fakeNode(t, { devices: 2 });
  const lock = join(node.root, "run/nbd0.lock");
  const other = spawn("/bin/sh", ["-c", 'exec flock "$0" cat', lock]);
  t.teardown(() => other.stdin.end());
  await until(() => existsSync(lock) && !isFree(lock));
  t.is(node.run(script).status, 0);
  t.deepEqual(
    node.log().filter((line) => line.startsWith("qemu-nbd")),
    ["qemu-nbd --connect=/dev/nbd1"],
  );
});
