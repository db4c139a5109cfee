import test from "ava";
import { Refused } from "../../../provider/host/errors.js";
import { type Need, planPrerequisites } from "../../../provider/prerequisites.js";
import { text, titles } from "./plans.js";

const nothing = { commands: new Set<string>(), nbdDevices: 0, activeServices: new Set<string>() };
const storage: Need[] = [
  { command: "qemu-img", package: "qemu-utils" },
  { command: "qemu-nbd", package: "qemu-utils" },
  { command: "exportfs", package: "nfs-kernel-server" },
  { module: "nbd", devices: 16 },
  { service: "nfs-server" },
];

test("a host that has all of it needs nothing", (t) => {
  const all = {
    commands: new Set(["qemu-img", "qemu-nbd", "exportfs"]),
    nbdDevices: 16,
    activeServices: new Set(["nfs-server"]),
  };
  t.deepEqual(planPrerequisites(storage, all, "storage", false), []);
  t.deepEqual(planPrerequisites([], nothing, "storage", false), []);
});

test("what is missing is an error that names it, the host, and the command that installs it", (t) => {
  t.throws(() => planPrerequisites(storage, nothing, "storage", false), {
    instanceOf: Refused,
    message: `host "storage" lacks package qemu-utils (for qemu-img), package qemu-utils (for qemu-nbd), package nfs-kernel-server (for exportfs), kernel module nbd, service nfs-server, running and enabled
Set install: true on the host to have Mooring install it, or run on it: apt-get install qemu-utils nfs-kernel-server && echo "options nbd nbds_max=64 max_part=15" > /etc/modprobe.d/mooring.conf && echo nbd > /etc/modules-load.d/mooring.conf && modprobe nbd && systemctl enable --now nfs-server`,
  });
});

test("a module with too few devices says how many it has", (t) => {
  const present = { ...nothing, nbdDevices: 4 };
  t.throws(() => planPrerequisites([{ module: "nbd", devices: 16 }], present, "node-01", false), {
    message:
      /^host "node-01" lacks kernel module nbd with at least 16 devices \(it has 4\)\n.* && modprobe -r nbd && modprobe nbd$/,
  });
});

test("with install each package is installed once, first; then the module, then the service", (t) => {
  const steps = planPrerequisites(storage, nothing, "storage", true);
  t.deepEqual(titles(steps), [
    "install qemu-utils, nfs-kernel-server",
    "write /etc/modprobe.d/mooring.conf",
    "write /etc/modules-load.d/mooring.conf",
    "load the nbd module",
    "start nfs-server",
  ]);
  const all = text(steps);
  t.regex(all, /\nsetsid -w sh -c .*apt-get .* install -y .* 'qemu-utils' 'nfs-kernel-server' /);
  t.regex(all, /'\/etc\/modprobe\.d\/mooring\.conf' '0133' '' 'options nbd nbds_max=64 max_part=15\n'\n/);
  t.regex(all, /\nsystemctl enable --now 'nfs-server'\n/);
});

test("only what is missing is installed", (t) => {
  const present = { ...nothing, commands: new Set(["qemu-img", "qemu-nbd"]), nbdDevices: 64 };
  t.deepEqual(titles(planPrerequisites(storage, present, "storage", true)), [
    "install nfs-kernel-server",
    "start nfs-server",
  ]);
});
