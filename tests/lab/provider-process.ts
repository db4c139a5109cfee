/** The process that serves the dynamic provider, among those of this machine. */
import { readdirSync, readFileSync } from "node:fs";

/** What the SDK's launcher starts. */
const PROVIDER = "cmd/dynamic-provider";

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly commandLine: string;
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

export function processes(): ProcessEntry[] {
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
export function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
