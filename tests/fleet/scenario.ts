import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Listening } from "./connections.js";
import { fleetOf, type Health, type SimulatedHost } from "./fleet.js";
import type { Measure, Measured } from "./measured.js";
import type { StartHosts } from "./servers.js";
import type { Counts, Line } from "./simulated-host.js";

export interface Scenario extends Line {
  readonly title: string;
  readonly hosts: number;
  readonly volumes: number;
  readonly unwell: Readonly<Record<number, Health>>;
  /** Reads that the engine has in flight at most. */
  readonly parallel: number;
  readonly dialSeconds: number;
}

export interface Ran extends Measured {
  readonly scenario: Scenario;
  readonly hosts: readonly SimulatedHost[];
  /** Of each host. */
  readonly counts: readonly Counts[];
}

/** The hosts in one process, what is measured in another. */
export async function runScenario(scenario: Scenario): Promise<Ran> {
  const { delayMs, slowMs, parallel, dialSeconds } = scenario;
  const hosts = fleetOf(scenario.hosts, scenario.volumes, scenario.unwell);
  // Keys of this machine's own are no part of it.
  const { SSH_AUTH_SOCK: _, ...env } = process.env;
  const [servers, client] = ["servers.js", "measured.js"].map((file) =>
    fork(join(__dirname, file), { env }),
  ) as [ChildProcess, ChildProcess];
  try {
    const listening = await ask<StartHosts, Listening>(servers, { hosts, line: { delayMs, slowMs } });
    const measured = await ask<Measure, Measured>(client, { hosts, listening, parallel, dialSeconds });
    const counts = await ask<"counts", Counts[]>(servers, "counts");
    return { ...measured, scenario, hosts, counts };
  } finally {
    client.disconnect();
    servers.disconnect();
  }
}

function ask<Question extends object | string, Answer>(
  child: ChildProcess,
  question: Question,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a process of the fleet ended (${code})`));
    child.once("exit", ended);
    child.once("message", (answer) => {
      child.off("exit", ended);
      resolve(answer as Answer);
    });
    child.send(question);
  });
}
