/**
 * Processes that the hosts make, threads too: what `processes` in /proc/stat has gone up by on all three, less what
 * the reading itself makes and what idle hosts make in the same time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { hostNames, ssh } from "../../lab/index.js";

const IDLE_MS = 5000;

/** Restored hosts have timers to catch up with; then they make a process now and then. */
const QUIET_PER_SECOND = 1;
const LOOKS = 24;

export interface Reading {
  readonly forks: number;
  readonly at: number;
}

export interface Idle {
  /** What one reading makes. */
  readonly own: number;
  readonly perSecond: number;
}

export async function readForks(): Promise<Reading> {
  const read = async (host: (typeof hostNames)[number]) =>
    Number((await ssh(host, "awk '/^processes/ { print $2 }' /proc/stat")).stdout);
  const counts = await Promise.all(hostNames.map(read));
  return { forks: counts.reduce((sum, count) => sum + count, 0), at: Date.now() };
}

/** Waits, two minutes at most, until they are quiet. */
export async function measureIdle(): Promise<Idle> {
  for (let look = 1; ; look++) {
    const first = await readForks();
    const second = await readForks();
    await sleep(IDLE_MS);
    const idle = idleOf(first, second, await readForks());
    if (idle.perSecond <= QUIET_PER_SECOND || look === LOOKS) return idle;
  }
}

/** Two readings one after the other, and a third after a while in which nothing was asked of the hosts. */
export function idleOf(first: Reading, second: Reading, third: Reading): Idle {
  const own = second.forks - first.forks;
  const idle = third.forks - second.forks - own;
  return { own, perSecond: Math.max(0, (idle * 1000) / (third.at - second.at)) };
}

export function forksBetween(before: Reading, after: Reading, { own, perSecond }: Idle): number {
  const idle = (perSecond * (after.at - before.at)) / 1000;
  return Math.max(0, Math.round(after.forks - before.forks - own - idle));
}
