import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Progress, progress } from "./progress.js";

const POLL_MS = 200;
const SAY_AFTER_MS = 1000;

/**
 * Runs `work` while no other process holds the lock file. The file names its holder by process id and start
 * time, so that the lock of a process that died, even one whose id was given away again, is taken over.
 */
export async function withLock<T>(path: string, what: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const release = await acquire(path, what);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function acquire(path: string, what: string): Promise<() => Promise<void>> {
  const own = `${process.pid} ${await startOf(process.pid)} ${randomBytes(6).toString("hex")}\n`;
  const ticket = `${path}.${own.trim().replaceAll(" ", "-")}`;
  // A link appears with its contents: nobody ever reads a lock without a holder.
  await writeFile(ticket, own);
  const asked = Date.now();
  let waiting: Progress | undefined;
  try {
    for (;;) {
      if (await linked(ticket, path)) break;
      const holder = await contents(path);
      if (holder === undefined) continue;
      if (!(await alive(holder))) {
        if (await takeOver(path, ticket, holder, what)) break;
        continue;
      }
      if (!waiting && Date.now() - asked > SAY_AFTER_MS) {
        waiting = progress(`Waiting for ${what}, which process ${holder.split(" ")[0]} is at`);
      }
      await sleep(POLL_MS);
    }
  } finally {
    await rm(ticket, { force: true });
    waiting?.finish();
  }
  return () => rm(path, { force: true });
}

/**
 * Only one process may replace a dead holder's lock, and only while it is still that holder's: the check and
 * the replacement happen under a lock of their own.
 */
async function takeOver(path: string, ticket: string, dead: string, what: string): Promise<boolean> {
  const release = await acquire(`${path}+`, what);
  try {
    if ((await contents(path)) !== dead) return false;
    await rename(ticket, path);
    return true;
  } finally {
    await release();
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function contents(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function alive(holder: string): Promise<boolean> {
  const [pid = "", started = ""] = holder.trim().split(" ");
  return started !== "" && (await startOf(Number(pid))) === started;
}

/** When a process started, `boot id:clock ticks`; "running" where there is no /proc; "" when there is no such process. */
export async function startOf(pid: number): Promise<string> {
  const boot = await contents("/proc/sys/kernel/random/boot_id");
  if (boot === undefined) return exists(pid) ? "running" : "";
  const stat = await contents(`/proc/${pid}/stat`).catch(() => undefined);
  // The command name, in brackets, may hold anything: count the fields after it. The 22nd is the start time.
  const ticks = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return ticks === undefined ? "" : `${boot.trim()}:${ticks}`;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
