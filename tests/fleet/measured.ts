/** The measured process: of the provider and its SSH clients alone, as Pulumi's dynamic-provider process is. */
import { NfsExport, NfsMount } from "../../provider/index.js";
import { configurationOf, type Listening } from "./connections.js";
import type { SimulatedHost } from "./fleet.js";
import { findNothingToDo, type Managed, managedOn, refresh } from "./refresh.js";

export interface Measure {
  readonly hosts: readonly SimulatedHost[];
  readonly listening: Listening;
  readonly parallel: number;
  readonly dialSeconds: number;
}

export interface Measured {
  readonly outcomes: readonly { readonly host: string; readonly ms: number; readonly error?: string }[];
  readonly refreshMs: number;
  readonly nothingMs: number;
  readonly cpuMs: number;
  /** Of memory: when the resources were there and no host was asked, and at most. */
  readonly startBytes: number;
  readonly peakBytes: number;
  /** What Mooring puts into the state, on the average: inputs and outputs as JSON. */
  readonly stateBytes: number;
}

async function measure({ hosts, listening, parallel, dialSeconds }: Measure): Promise<Measured> {
  const providers = { NfsExport, NfsMount };
  const config = new Map([["mooring:hosts", configurationOf(hosts, listening, dialSeconds)]]);
  await Promise.all(Object.values(providers).map((provider) => provider.configure({ config })));
  const managed = (await Promise.all(hosts.map((host) => managedOn(host, providers)))).flat();

  const startBytes = process.memoryUsage().rss;
  const before = process.cpuUsage();
  const began = performance.now();
  const outcomes = await refresh(managed, parallel);
  const refreshed = performance.now();
  await findNothingToDo(managed);
  const cpu = process.cpuUsage(before);
  return {
    outcomes: outcomes.map(({ host, ms, error }) => ({ host, ms, ...(error && { error: error.message }) })),
    refreshMs: refreshed - began,
    nothingMs: performance.now() - refreshed,
    cpuMs: (cpu.user + cpu.system) / 1000,
    startBytes,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    stateBytes: stateBytesOf(managed),
  };
}

function stateBytesOf(managed: readonly Managed[]): number {
  const bytes = managed.map(({ inputs, outputs }) => Buffer.byteLength(JSON.stringify({ inputs, outputs })));
  return bytes.reduce((sum, each) => sum + each, 0) / bytes.length;
}

process.on("message", async (message: Measure) => {
  process.send?.(await measure(message));
});
process.on("disconnect", () => process.exit());
