/** One host as a QEMU process. */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type HostName, hostPlans } from "./hosts";
import { type ProcessRecord, startDetached } from "./processes";

export type Accelerator = "kvm" | "tcg";

export interface Machine {
  name: HostName;
  accelerator: Accelerator;
  /** Command, or path of the program. */
  emulator: string;
  kernel: string;
  initrd: string;
  /** qcow2 overlay of its own. */
  disk: string;
  /** Of SSH, on this machine's loopback. */
  port: number;
  /** Unix socket of the switch. */
  network: string;
  /** Unix socket that QEMU makes for its control channel. */
  control: string;
  /** Files it writes. */
  console: string;
  log: string;
  /** File with the memory and device state to go on from, instead of booting. */
  savedState?: string;
  /** For making a snapshot: nothing is lost that can't be made again. */
  unsafeDisk?: boolean;
}

const COMMAND_LINE = [
  "root=/dev/vda rw rootflags=noatime console=ttyS0 quiet",
  // The names eth0 and eth1; no slow protections against guests that are all ours.
  "net.ifnames=0 mitigations=off random.trust_cpu=on",
].join(" ");

export const STORAGE_NIC = "storage-nic";

/** What the guest can see of its machine. Saved states only fit the machine they were saved on. */
export function guestOptions(name: HostName, accelerator: Accelerator): string[] {
  const { mac, memoryMiB } = hostPlans[name];
  return [
    ...["-nodefaults", "-no-user-config", "-display", "none", "-machine", "pc"],
    ...(accelerator === "kvm"
      ? ["-accel", "kvm", "-cpu", "host"]
      : // Page tables of five levels make each miss of an emulated TLB slower, and no host here needs them.
        ["-accel", "tcg,thread=multi", "-cpu", "max,la57=off"]),
    // An emulated processor is mostly busy alone: with a second one what starts at a boot, or a Go program, is twice as fast.
    ...["-smp", "2", "-m", `${memoryMiB}M`, "-rtc", "base=utc"],
    ...["-append", COMMAND_LINE],
    ...["-device", "virtio-blk-pci,drive=disk"],
    ...["-device", "virtio-net-pci,netdev=outside,mac=52:54:00:4d:00:01"],
    ...["-device", `virtio-net-pci,netdev=storage,id=${STORAGE_NIC},mac=${mac}`],
    ...["-device", "virtio-rng-pci"],
  ];
}

/** Starts the host; with a saved state it stands still until it is told to go on. */
export async function startMachine(machine: Machine): Promise<ProcessRecord> {
  const { name, port, savedState } = machine;
  const started = startDetached(
    machine.emulator,
    [
      ...["-name", `mooring-lab-${name}`],
      ...guestOptions(name, machine.accelerator),
      ...["-kernel", machine.kernel, "-initrd", machine.initrd],
      ...[
        "-drive",
        `id=disk,if=none,format=qcow2,discard=unmap,cache=${machine.unsafeDisk ? "unsafe" : "writeback"},file=${comma(machine.disk)}`,
      ],
      ...["-netdev", `user,id=outside,hostfwd=tcp:127.0.0.1:${port}-:22`],
      ...["-netdev", `stream,id=storage,server=off,addr.type=unix,addr.path=${comma(machine.network)}`],
      ...["-chardev", `file,id=console,path=${comma(machine.console)}`, "-serial", "chardev:console"],
      ...["-qmp", `unix:${comma(machine.control)},server=on,wait=off`],
      ...(savedState === undefined ? [] : ["-S", "-incoming", "fd:3"]),
    ],
    machine.log,
    savedState === undefined ? [] : [savedState],
  );
  // Wrong options and a missing accelerator show at once.
  await sleep(100);
  return started;
}

/** QEMU's options are separated by commas; one in a path is doubled. */
function comma(path: string): string {
  return path.replaceAll(",", ",,");
}

export function tailOf(file: string, lines = 15): string {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  } catch {
    return "";
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no free port")),
      );
    });
  });
}
