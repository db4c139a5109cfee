/** One contestant does one work, on clean hosts: create, no change, one change, destroy, and a look after each. */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostName, reset, ssh, up } from "../lab/index.js";
import { onInterruption } from "../lab/interruption.js";
import { progress } from "../lab/progress.js";
import { type Footprint, footprint, footprintSince } from "../lab-tests/footprint.js";
import { checkHosts } from "./check.js";
import type { Contestant, RoundTrips, State, Task } from "./contestants/contestant.js";
import { contestants } from "./contestants/index.js";
import { bytesPerExport, storageMemory } from "./measure/export-memory.js";
import { forksBetween, type Idle, measureIdle, readForks } from "./measure/forks.js";
import { measureLogin } from "./measure/login.js";
import { rest } from "./measure/rest.js";
import type { PlannedRun } from "./plan.js";
import {
  DEVICES_ON_A_NODE,
  needsDevices,
  type Operation,
  operations,
  type VolumeOperation,
  type VolumeWork,
  volumesOf,
} from "./works.js";

export interface OperationResult {
  readonly operation: Operation;
  readonly seconds: number;
  /** On all hosts. */
  readonly processes?: number;
  readonly roundTrips?: RoundTrips;
  readonly providerBytes?: number;
}

/** When, where and with what. */
export interface Circumstances {
  readonly date: string;
  readonly machine: string;
  /** Name and version, of one that is compared with. */
  readonly tool?: string;
}

export interface RunResult extends PlannedRun {
  readonly circumstances?: Circumstances;
  readonly operations: readonly OperationResult[];
  readonly state?: State;
  readonly bytesPerExport?: number;
  /** Of the script, whose connections are open before. */
  readonly loginSeconds?: number;
}

export async function performRun(
  planned: PlannedRun,
  work: VolumeWork,
  title: string,
  { warm }: { warm: boolean },
): Promise<RunResult> {
  const folder = await mkdtemp(join(tmpdir(), "mooring-bench-"));
  let contestant: Contestant | undefined;
  const cleanUp = () => {
    contestant?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const leave = onInterruption(cleanUp);
  try {
    const lab = await up();
    const task = { work, count: planned.count, lab, folder };
    if (warm) await warmUp(task, planned);
    contestant = await contestants[planned.contestant](task);
    return { ...planned, ...(await measured(task, contestant, planned, title)) };
  } catch (error) {
    // What it has left is no beginning for another.
    await reset();
    throw error;
  } finally {
    leave();
    cleanUp();
  }
}

/**
 * Emulated hosts are slow at what they do for the first time since they were started, real ones are not: it does the
 * same for two volumes first, unmeasured.
 */
async function warmUp(task: Task, { contestant: name }: PlannedRun): Promise<void> {
  const folder = await mkdtemp(join(task.folder, "warm-"));
  const contestant = await contestants[name]({ ...task, count: 2, folder });
  const step = progress(`Warming up ${name}`);
  try {
    if (needsDevices(task.work)) await Promise.all((["node-01", "node-02"] as const).map(loadDevices));
    for (const operation of operations) await contestant.perform(operation);
    step.finish();
  } catch (error) {
    step.fail("see the error");
    throw error;
  } finally {
    contestant.close();
  }
}

async function loadDevices(node: HostName): Promise<void> {
  await ssh(node, `modprobe -r nbd; modprobe nbd nbds_max=${DEVICES_ON_A_NODE} max_part=15; udevadm settle`);
}

async function measured(
  task: Task,
  contestant: Contestant,
  { contestant: name }: PlannedRun,
  title: string,
): Promise<Omit<RunResult, keyof PlannedRun>> {
  const { work, count } = task;
  // The floor does nothing to the hosts.
  const touches = name !== "floor";
  const before = await footprint();
  const memory = await storageMemory();
  const idle = await measureIdle();
  const results: OperationResult[] = [];
  let kept: Pick<RunResult, "state" | "bytesPerExport" | "loginSeconds"> = {};
  for (const operation of operations) {
    await rest();
    results.push(await perform(contestant, operation, idle, `${title}: ${operation}`));
    if (touches) await check(task, operation, before);
    if (operation !== "create") continue;
    const each = touches ? bytesPerExport(work, count, memory, await storageMemory()) : undefined;
    const state = await contestant.state?.();
    kept = {
      ...(state && { state }),
      ...(each !== undefined && { bytesPerExport: each }),
      ...(name === "script" && { loginSeconds: await measureLogin(task.lab) }),
    };
  }
  return { operations: results, ...kept };
}

async function perform(
  contestant: Contestant,
  operation: VolumeOperation,
  idle: Idle,
  title: string,
): Promise<OperationResult> {
  const step = progress(title);
  try {
    const before = await readForks();
    const outcome = await contestant.perform(operation);
    const processes = forksBetween(before, await readForks(), idle);
    step.finish(told(outcome.seconds, processes, outcome.roundTrips));
    return { operation, processes, ...outcome };
  } catch (error) {
    step.fail("see the error");
    throw error;
  }
}

function told(seconds: number, processes: number, roundTrips: RoundTrips | undefined): string {
  const trips = roundTrips ? `, ${roundTrips.ssh + roundTrips.docker} round trips` : "";
  return `${seconds.toFixed(1)} s${trips}, ${processes} processes on the hosts`;
}

async function check({ work, count }: Task, operation: VolumeOperation, before: Footprint): Promise<void> {
  const changed = operation === "one change";
  await checkHosts(work, operation === "destroy" ? [] : volumesOf(work, count, changed));
  if (operation !== "destroy") return;
  const left = await footprintSince(before);
  if (left.length > 0) throw new Error(`destroy left behind:\n${left.slice(0, 10).join("\n")}`);
}
