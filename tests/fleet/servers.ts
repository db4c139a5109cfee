/** The process of all simulated hosts. It ends with the one that started it. */
import { newKey } from "../unit/provider/host/ssh-server.js";
import type { Listening } from "./connections.js";
import type { SimulatedHost } from "./fleet.js";
import { type Counts, type Line, type Running, simulate } from "./simulated-host.js";

export interface StartHosts {
  readonly hosts: readonly SimulatedHost[];
  readonly line: Line;
}

let running: readonly Running[] = [];

async function start({ hosts, line }: StartHosts): Promise<Listening> {
  const key = newKey();
  running = await Promise.all(hosts.map((host) => simulate(host, line, key.private)));
  return { ports: running.map(({ port }) => port), hostKey: key.public };
}

function counts(): Counts[] {
  return running.map((host) => host.counts());
}

process.on("message", async (message: StartHosts | "counts") => {
  process.send?.(message === "counts" ? counts() : await start(message));
});
process.on("disconnect", () => process.exit());
