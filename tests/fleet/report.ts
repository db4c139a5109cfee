/** What the scenarios showed: for the terminal, and for docs/scale.md. */
import { type WrittenPart, writePart } from "../page.js";
import { markdownTable } from "../table.js";
import type { Health } from "./fleet.js";
import type { Ran } from "./scenario.js";
import type { Counts } from "./simulated-host.js";

const PART: WrittenPart = {
  page: "scale.md",
  begin: "<!-- Written by `npm run fleet`, from its last run without options. -->",
};

export const LABEL = "Simulated hosts: real SSH, recorded answers, no kernel, no disk.";

/** A column for each scenario; the first row is the head. */
export function tableOf(rans: readonly Ran[]): string[][] {
  const rows: [string, (ran: Ran) => string][] = [
    ["", ({ scenario }) => scenario.title],
    ["refresh of all resources", ({ refreshMs }) => seconds(refreshMs)],
    ["a healthy host was read after: median", (ran) => seconds(median(hostTimes(ran, "healthy")))],
    ["the last healthy host", (ran) => seconds(Math.max(...hostTimes(ran, "healthy")))],
    ["the slow host", (ran) => ended(ran, "slow")],
    ["the dead host", (ran) => ended(ran, "dead")],
    ["check and diff of all, nothing to do", ({ nothingMs }) => seconds(nothingMs)],
    ["SSH connections to a host, at most", (ran) => most(ran, "connections")],
    ["channels to a host, at most", (ran) => most(ran, "channels")],
    ["round trips to a healthy host, at most", (ran) => most(ran, "scripts")],
    ["received from all hosts", ({ counts }) => megabytes(sum(counts.map(({ bytesSent }) => bytesSent)))],
    ["CPU time of the provider's process", ({ cpuMs }) => seconds(cpuMs)],
    [
      "its memory: before it asks, at most",
      (ran) => `${megabytes(ran.startBytes)}, ${megabytes(ran.peakBytes)}`,
    ],
  ];
  return rows.map(([title, cell]) => [title, ...rans.map(cell)]);
}

/** What must not be, whatever the machine. */
export function problemsOf(rans: readonly Ran[]): string[] {
  return rans.flatMap(({ scenario, hosts, counts, outcomes }) => {
    const failed = outcomes.filter(({ host, error }) => error && healthOf(hosts, host) !== "dead");
    const twice = hosts.filter((_, index) => (counts[index]?.connections ?? 0) > 1);
    return [
      ...(failed[0] ? [`${scenario.title}: ${failed.length} reads failed: ${failed[0].error}`] : []),
      ...(twice[0] ? [`${scenario.title}: more than one connection to ${twice.length} hosts`] : []),
    ];
  });
}

export function sizeOf({
  scenario: { hosts, volumes, delayMs, slowMs, dialSeconds },
  stateBytes,
}: Ran): string {
  return `${hosts} hosts with ${volumes} volumes each, ${hosts * volumes} resources; ${delayMs} ms from a host and back; the slow host thinks for ${slowMs} ms about every script, the dead one takes connections and never answers (\`dialErrorLimit\` 1, \`perDialTimeout\` ${dialSeconds} s). Mooring's part of the state, inputs and outputs as JSON, is ${Math.round(stateBytes)} bytes for each resource, ${megabytes(stateBytes * hosts * volumes)} for all.`;
}

export function writePage(rans: readonly [Ran, ...Ran[]], machine: string, date = new Date()): void {
  writePart(
    PART,
    `${date.toISOString().slice(0, 10)}, on ${machine}. ${LABEL} ${sizeOf(rans[0])}\n\n${markdownTable(tableOf(rans))}`,
  );
}

/** When the last resource of each host was read. */
function hostTimes({ hosts, outcomes }: Ran, health: Health): number[] {
  const times = new Map<string, number>();
  for (const { host, ms } of outcomes) times.set(host, Math.max(ms, times.get(host) ?? 0));
  return [...times].flatMap(([host, ms]) => (healthOf(hosts, host) === health ? [ms] : []));
}

function healthOf(hosts: Ran["hosts"], name: string): Health | undefined {
  return hosts.find((host) => host.name === name)?.health;
}

function ended(ran: Ran, health: Health): string {
  const [ms] = hostTimes(ran, health);
  if (ms === undefined) return "none";
  const failed = ran.outcomes.filter(({ host, error }) => error && healthOf(ran.hosts, host) === health);
  return failed.length === 0 ? seconds(ms) : `${seconds(ms)}, failed`;
}

function most({ hosts, counts }: Ran, what: keyof Counts): string {
  const healthy = counts.filter((_, index) => what !== "scripts" || hosts[index]?.health === "healthy");
  return String(Math.max(...healthy.map((each) => each[what])));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
}
