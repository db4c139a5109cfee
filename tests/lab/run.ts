import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface RunOptions {
  input?: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Called with every line of stdout and stderr as it comes. */
  onLine?: (line: string) => void;
  timeoutMs?: number;
}

const STDERR_TAIL = 4000;
const running = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A signal ends us without an "exit": pass it on to the children, and die of it unless somebody else listens. */
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  const passOn = () => {
    for (const child of running) child.kill(signal);
    if (process.listenerCount(signal) > 1) return;
    process.removeListener(signal, passOn);
    process.kill(process.pid, signal);
  };
  process.on(signal, passOn);
}

/** Runs a command and resolves with its stdout; rejects with the command, its exit code and the tail of its stderr. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  const stdout: Buffer[] = [];
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr = (stderr + chunk).slice(-STDERR_TAIL);
  });
  const { onLine } = options;
  if (onLine) {
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
  }
  // A command that doesn't read its input closes the pipe: its exit code tells, not EPIPE.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");

  let timedOut = false;
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          child.kill("SIGKILL");
        }, options.timeoutMs);
  try {
    const end = await ended(child);
    if (end.code === 0) return Buffer.concat(stdout).toString("utf8");
    const outcome = timedOut
      ? `timed out after ${options.timeoutMs} ms`
      : end.signal
        ? `was ended by ${end.signal}`
        : `exited with ${end.code}`;
    const said = stderr.trim() || Buffer.concat(stdout).toString("utf8").slice(-STDERR_TAIL).trim();
    throw new Error(`${pasteable(command, args)} ${outcome}${said && `:\n${said}`}`);
  } finally {
    clearTimeout(timer);
    running.delete(child);
  }
}

function ended(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new Error(`cannot start ${child.spawnfile}: ${cause.message}`, { cause })),
    );
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

function pasteable(command: string, args: readonly string[]): string {
  return [command, ...args]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}
