/** The lab as a whole: up, back to fresh, down. */
import { existsSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accelerator } from "./accelerator";
import { emulator, SYSTEM_QEMU } from "./emulator";
import { hostNames, onAll } from "./hosts";
import { boot, canBoot, command, isOn, powerOffHost, reach, restore, stateOf } from "./hosts-running";
import { hostImage } from "./image";
import { onInterruption } from "./interruption";
import { labKeys } from "./keys";
import { type Lab, labOf } from "./lab";
import { needCommands } from "./packages";
import { gone, isAlive } from "./processes";
import { progress } from "./progress";
import { freePort, STORAGE_NIC } from "./qemu";
import { endAll, type LabRecord, readRecord, runFolder, stackFolder, withLab, writeRecord } from "./record";
import { keepConnection } from "./shell";
import { snapshot } from "./snapshot";
import { writeSshConfig } from "./ssh-config";
import { startSwitch } from "./start-switch";

/** This process brought the lab up, it did not find it running. */
let ours = false;

/**
 * Returns when all three hosts answer SSH. A lab that is there goes on: what is off is booted from its disk, what
 * is frozen is thawed, pulled cables are put back. Otherwise the hosts start from the snapshot, fresh; the
 * first time, all that needs is built (minutes).
 */
export function up(): Promise<Lab> {
  return withLab(async () => {
    const record = readRecord();
    if (record && hostNames.every((name) => isOn(record, name) || canBoot(record, name))) return goOn(record);
    return fresh();
  });
}

/** All hosts as after the first boot: what was on their disks is gone. */
export function reset(): Promise<Lab> {
  return withLab(fresh);
}

/** Ends the hosts and throws their disks away. The built image and snapshot stay, for the next `up`. */
export function down(): Promise<void> {
  return withLab(async () => {
    const record = readRecord();
    endAll();
    ours = false;
    if (!record) return;
    const processes = [record.switch, ...hostNames.map((name) => record.hosts[name].process)];
    await Promise.all(processes.map((process) => process && gone(process)));
  });
}

/** For test runs: the lab that this program brought up ends with it, however it ends. One that it joined stays. */
export function downOnExit(): void {
  onInterruption(() => {
    if (ours) endAll();
  });
}

async function goOn(record: LabRecord): Promise<Lab> {
  if (!record.switch || !isAlive(record.switch) || !existsSync(record.sockets)) return rebootAll(record);
  const off = hostNames.filter((name) => !isOn(record, name));
  const step = off.length > 0 ? progress(`Lab: booting ${off.join(", ")}`) : undefined;
  await onAll(async (name) => {
    if (record.hosts[name].cut && isOn(record, name)) {
      await command(record, name, "set_link", { name: STORAGE_NIC, up: true });
    }
    record.hosts[name].cut = false;
    if (off.includes(name)) await boot(record, name);
    else if ((await stateOf(record, name)) === "frozen") await command(record, name, "cont");
  });
  writeRecord(record);
  const lab = await reachAll(record);
  step?.finish();
  return lab;
}

/** Without the switch, as after a restart of this machine, no host can reach another: as a power cut for all. */
async function rebootAll(record: LabRecord): Promise<Lab> {
  const step = progress("Lab: the hosts were ended from outside, booting them from their disks");
  await onAll((name) => powerOffHost(record, name));
  if (!existsSync(record.sockets)) record.sockets = await socketFolder();
  record.switch = await startSwitch(join(record.sockets, "network"), join(runFolder, "switch.log"));
  writeRecord(record);
  await onAll((name) => boot(record, name));
  const lab = await reachAll(record);
  step.finish();
  return lab;
}

async function fresh(): Promise<Lab> {
  await needCommands({ [SYSTEM_QEMU]: "qemu-system-x86", "qemu-img": "qemu-utils" });
  const image = await hostImage();
  const accelerated = await accelerator(image);
  const qemu = await emulator(accelerated);
  const folder = await snapshot(image, accelerated, qemu);
  const step = progress("Lab: restoring storage, node-01, node-02");
  try {
    const record = await preparedRecord();
    record.accelerator = accelerated;
    record.emulator = qemu;
    record.kernel = image.kernel;
    record.snapshot = folder;
    writeRecord(record);
    if (!record.switch || !isAlive(record.switch)) {
      record.switch = await startSwitch(join(record.sockets, "network"), join(runFolder, "switch.log"));
      writeRecord(record);
    }
    rmSync(stackFolder, { recursive: true, force: true });
    await onAll((name) => restore(record, name));
    const lab = await reachAll(record);
    step.finish();
    return lab;
  } catch (error) {
    step.fail("see the error");
    throw error;
  }
}

/** Of a lab that is there, the ports and the switch stay. */
async function preparedRecord(): Promise<LabRecord> {
  const known = readRecord();
  if (known && existsSync(known.sockets)) {
    await onAll((name) => powerOffHost(known, name));
    return known;
  }
  endAll();
  ours = true;
  const host = async () => ({ port: await freePort(), cut: false });
  return {
    ...{ accelerator: "tcg", emulator: "", kernel: "", snapshot: "", sockets: await socketFolder() },
    hosts: await onAll(host),
  };
}

function socketFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "mooring-lab-"));
}

async function reachAll(record: LabRecord): Promise<Lab> {
  const keys = await labKeys();
  await writeSshConfig(record, keys);
  await onAll(async (name) => keepConnection(record, name, await reach(record, name, keys)));
  return labOf(record, keys);
}
