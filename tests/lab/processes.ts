/** Processes of the lab outlive the program that started them: they are known by id and start time, and ended by that. */
import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface ProcessRecord {
  pid: number;
  /** Boot of the machine and start in clock ticks since: a process id alone is given away again. */
  started: string;
}

/** Starts a program that goes on without us. Its output goes to `log`; `files` are opened for it from 3 on. */
export function startDetached(
  command: string,
  args: readonly string[],
  log: string,
  files: readonly string[] = [],
): ProcessRecord {
  const output = openSync(log, "w");
  const inputs = files.map((file) => openSync(file, "r"));
  try {
    const child = spawn(command, args, { detached: true, stdio: ["ignore", output, output, ...inputs] });
    // Without a listener a command that can't be started would end us; without a pid we say so below.
    child.on("error", () => {});
    child.unref();
    const pid = child.pid;
    const started = pid === undefined ? undefined : startOf(pid);
    if (pid === undefined || started === undefined) {
      throw new Error(`cannot start ${command}: ${readFileSync(log, "utf8").trim() || "is it installed?"}`);
    }
    return { pid, started };
  } finally {
    for (const file of [output, ...inputs]) closeSync(file);
  }
}

export function isAlive({ pid, started }: ProcessRecord): boolean {
  return startOf(pid) === started;
}

/** Like pulling the plug. Does nothing to a process that is not the recorded one. */
export function kill(record: ProcessRecord): void {
  if (!isAlive(record)) return;
  try {
    process.kill(record.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

export async function gone(record: ProcessRecord, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(record)) {
    if (Date.now() > deadline) throw new Error(`process ${record.pid} does not end after SIGKILL`);
    await sleep(20);
  }
}

/** `undefined` when there is no such process, or only what is left of it until its parent has asked. */
function startOf(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The command name, in brackets, may hold anything: count the fields after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "X" || (fields[0] === "Z" && !hasThreads(pid))) return undefined;
  return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}:${fields[19]}`;
}

/** A killed QEMU's first thread is done before the others are: until then its files, and their locks, are open. */
function hasThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}
