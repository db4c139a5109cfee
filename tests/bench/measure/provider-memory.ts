/** The most memory that the process had which serves the dynamic provider, as the kernel of this machine knows it. */
import { processes, providersBelow, textOf } from "../../lab/provider-process.js";

const INTERVAL_MS = 250;

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

/** VmHWM of /proc/PID/status, in bytes. */
export function peakIn(status: string): number {
  return Number(status.match(/^VmHWM:\s+(\d+) kB$/m)?.[1] ?? 0) * 1024;
}

function peakOf(pid: number): number {
  return peakIn(textOf(pid, "status"));
}
