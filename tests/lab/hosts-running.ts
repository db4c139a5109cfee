/** One host of the running lab: started from the snapshot or from its own disk, reached, asked how it is. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { HostName } from "./hosts";
import type { LabKeys } from "./keys";
import { gone, isAlive, kill, type ProcessRecord } from "./processes";
import { freePort, type Machine, STORAGE_NIC, startMachine, tailOf } from "./qemu";
import { connectQmp, qmpCommand } from "./qmp";
import { type LabRecord, runFolder, writeRecord } from "./record";
import { connectWhenUp, type Endpoint, type Remote } from "./remote";
import { overlay } from "./snapshot";

const RESTORE_MS = 60_000;
const BOOT_MS = 180_000;
const ENDING_MS = 60_000;

export type HostState = "running" | "frozen" | "off";

/** Back to the snapshot, whatever the host was doing; what was on its disk is gone. */
export async function restore(record: LabRecord, name: HostName): Promise<void> {
  await powerOffHost(record, name);
  await overlay(join(record.snapshot, `${name}.qcow2`), "qcow2", machineOf(record, name).disk);
  record.hosts[name].cut = false;
  await start(record, name, join(record.snapshot, `${name}.state`));
}

/** A cold boot of its own disk. */
export async function boot(record: LabRecord, name: HostName): Promise<void> {
  await start(record, name);
}

async function start(record: LabRecord, name: HostName, savedState?: string): Promise<void> {
  const host = record.hosts[name];
  const doing = savedState === undefined ? "starting" : "restoring";
  for (let attempt = 1; ; attempt++) {
    const machine = machineOf(record, name);
    host.process = await startMachine(savedState === undefined ? machine : { ...machine, savedState });
    writeRecord(record);
    if (isAlive(host.process)) break;
    const said = tailOf(machine.log);
    // Somebody else has got the port in the meantime.
    if (attempt === 3 || !said.includes("host forwarding"))
      throw new Error(`${doing} ${name}: QEMU said\n${said}`);
    host.port = await freePort();
  }
  const qmp = await connectQmp(machineOf(record, name).control);
  try {
    if (host.cut) await qmp.command("set_link", { name: STORAGE_NIC, up: false });
    if (savedState === undefined) return;
    const deadline = Date.now() + RESTORE_MS;
    while ((await qmp.command<{ status: string }>("query-status")).status === "inmigrate") {
      if (Date.now() > deadline) throw new Error("the saved state is not read in time");
      await sleep(50);
    }
    await qmp.command("cont");
  } catch (error) {
    const said = tailOf(machineOf(record, name).log);
    throw new Error(`${doing} ${name}: ${(error as Error).message}\n${said}`.trim(), { cause: error });
  } finally {
    qmp.close();
  }
}

/** Until it answers SSH, with its clock right: a restored host has that of its snapshot, a frozen one has stood still. */
export async function reach(
  record: LabRecord,
  name: HostName,
  keys: LabKeys,
  timeoutMs = BOOT_MS,
): Promise<Remote> {
  const { process } = record.hosts[name];
  const machine = machineOf(record, name);
  const check = () => {
    if (process && isAlive(process)) return;
    throw new Error(`${name} went off while it was waited for. QEMU said:\n${tailOf(machine.log)}`);
  };
  const remote = await connectWhenUp(endpoint(record, name, keys), timeoutMs, check).catch((error: Error) => {
    const seen = tailOf(machine.console);
    throw new Error(`${error.message}\nThe end of ${name}'s console (${machine.console}):\n${seen}`, {
      cause: error,
    });
  });
  await setClock(remote, name);
  return remote;
}

async function setClock(remote: Remote, name: HostName): Promise<void> {
  const { code, stderr } = await remote.run(`date -s @${(Date.now() / 1000).toFixed(3)} > /dev/null`);
  if (code !== 0) throw new Error(`setting the clock of ${name}: ${stderr}`);
}

/** The power is cut: what the host had not flushed is lost. */
export async function powerOffHost(record: LabRecord, name: HostName): Promise<void> {
  const { process } = record.hosts[name];
  if (!process) return;
  kill(process);
  await gone(process);
}

export function isOn(record: LabRecord, name: HostName): boolean {
  const { process } = record.hosts[name];
  return process !== undefined && isAlive(process);
}

/** Its disk is still there, with everything under it. */
export function canBoot(record: LabRecord, name: HostName): boolean {
  const machine = machineOf(record, name);
  return [machine.disk, machine.kernel, machine.initrd].every((file) => existsSync(file));
}

export async function stateOf(record: LabRecord, name: HostName): Promise<HostState> {
  const { process } = record.hosts[name];
  if (!process) return "off";
  const status = await statusUnlessOff(process, machineOf(record, name).control);
  if (status === undefined) return "off";
  return status === "paused" ? "frozen" : "running";
}

/** A QEMU whose host powers off removes its socket first, and ends when its disk is flushed: that can take a while. */
export async function statusUnlessOff(process: ProcessRecord, control: string): Promise<string | undefined> {
  for (const deadline = Date.now() + ENDING_MS; isAlive(process); await sleep(50)) {
    try {
      const qmp = await connectQmp(control, 500);
      try {
        return (await qmp.command<{ status: string }>("query-status")).status;
      } finally {
        qmp.close();
      }
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
  return undefined;
}

export async function command<T>(record: LabRecord, name: HostName, qmp: string, args?: object): Promise<T> {
  if (!isOn(record, name)) throw new Error(`${name} is off. To start it: npm run lab -- power-on ${name}`);
  return qmpCommand<T>(machineOf(record, name).control, qmp, args);
}

export function endpoint(record: LabRecord, name: HostName, keys: LabKeys): Endpoint {
  const { port } = record.hosts[name];
  return { name, port, privateKey: keys.privateKey, hostKey: keys.hosts[name].hostKey };
}

function machineOf(record: LabRecord, name: HostName): Machine {
  const file = (kind: string) => join(runFolder, `${name}.${kind}`);
  return {
    name,
    accelerator: record.accelerator,
    emulator: record.emulator,
    kernel: record.kernel,
    initrd: join(record.snapshot, `${name}.initrd`),
    port: record.hosts[name].port,
    network: join(record.sockets, "network"),
    control: join(record.sockets, name),
    disk: file("qcow2"),
    console: file("console"),
    log: file("log"),
  };
}
