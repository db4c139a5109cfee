/** What is known of the running lab, on disk: any program of the same user can join it or end it. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "./cache";
import { type HostName, hostNames } from "./hosts";
import { withLock } from "./lock";
import { kill, type ProcessRecord } from "./processes";
import type { Accelerator } from "./qemu";

export interface HostRecord {
  port: number;
  /** Its QEMU, the last one if it is off. */
  process?: ProcessRecord;
  /** The storage-network cable is pulled. */
  cut: boolean;
}

export interface LabRecord {
  accelerator: Accelerator;
  /** QEMU's command, or path of the program. */
  emulator: string;
  kernel: string;
  /** Folder of the snapshot that the disks are overlays of. */
  snapshot: string;
  /** Folder for unix sockets, outside the cache: their paths have to be short. */
  sockets: string;
  switch?: ProcessRecord;
  hosts: Record<HostName, HostRecord>;
}

/** What is running while the snapshot is made. */
export interface Building {
  sockets: string;
  processes: ProcessRecord[];
}

const folder = join(cacheRoot, "lab");
const recordFile = join(folder, "lab.json");
const buildingFile = join(folder, "building.json");

/** Disks, consoles, logs and the SSH client's configuration of the running lab. */
export const runFolder = join(folder, "run");

/** State of the Pulumi stacks that run in the lab: what it says is true of these hosts alone. */
export const stackFolder = join(runFolder, "pulumi");

export function withLab<T>(work: () => Promise<T>): Promise<T> {
  return withLock(join(folder, "lab.lock"), "the lab", work);
}

export function readRecord(): LabRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile, "utf8")) as LabRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`cannot read ${recordFile}, which says what the lab has running`, { cause: error });
  }
}

export function writeRecord(record: LabRecord): void {
  mkdirSync(runFolder, { recursive: true, mode: 0o700 });
  writeWhole(recordFile, record);
}

export function writeBuilding(building: Building): void {
  mkdirSync(folder, { recursive: true });
  writeWhole(buildingFile, building);
}

/** At once and whole: what was started a moment ago must not be forgotten when we are killed. */
function writeWhole(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value, undefined, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Ends what a snapshot was made with, also by a program that is no more. */
export function endBuilding(): void {
  if (!existsSync(buildingFile)) return;
  const { processes, sockets } = JSON.parse(readFileSync(buildingFile, "utf8")) as Building;
  processes.forEach(kill);
  rmSync(sockets, { recursive: true, force: true });
  rmSync(buildingFile, { force: true });
}

/** Ends all that is recorded and forgets it. Synchronous, as it has to work while the program ends. */
export function endAll(): void {
  endBuilding();
  const record = readRecord();
  if (!record) return;
  for (const name of hostNames) {
    const { process } = record.hosts[name];
    if (process) kill(process);
  }
  if (record.switch) kill(record.switch);
  rmSync(record.sockets, { recursive: true, force: true });
  rmSync(runFolder, { recursive: true, force: true });
  rmSync(recordFile, { force: true });
}
