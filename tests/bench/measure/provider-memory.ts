/** The most memory that the process had which serves the dynamic provider, as the kernel of this machine knows it. */
import { readdirSync, readFileSync } from "node:fs";

const INTERVAL_MS = 250;

/** What the SDK's launcher starts. */
const PROVIDER = "cmd/dynamic-provider";

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly commandLine: string;
}

/** Watches what runs below `root`, until it is told to stop. */
export function watchProvider(root: number): { stop(): number } {
  let peak = 0;
  const look = () => {
    for (const pid of providersBelow(root, processes())) peak = Math.max(peak, peakOf(pid));
  };
  const timer = setInterval(look, INTERVAL_MS);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

export function providersBelow(root: number, all: readonly ProcessEntry[]): number[] {
  const below = new Set([root]);
  // Children have come after their parents, but ids begin anew: until nothing more is found.
  for (let before = 0; before !== below.size; ) {
    before = below.size;
    for (const { pid, parent } of all) if (below.has(parent)) below.add(pid);
  }
  return all
    .filter(({ pid, commandLine }) => below.has(pid) && commandLine.includes(PROVIDER))
    .map(({ pid }) => pid);
}

/** VmHWM of /proc/PID/status, in bytes. */
export function peakIn(status: string): number {
  return Number(status.match(/^VmHWM:\s+(\d+) kB$/m)?.[1] ?? 0) * 1024;
}

function peakOf(pid: number): number {
  return peakIn(textOf(pid, "status"));
}

function processes(): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      const pid = Number(name);
      const stat = textOf(pid, "stat");
      // The command name, in brackets, may hold anything: the parent is the second field after it.
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
      return { pid, parent, commandLine: textOf(pid, "cmdline").replaceAll("\0", " ") };
    });
}

/** Of a process that has ended meanwhile, nothing. */
function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
