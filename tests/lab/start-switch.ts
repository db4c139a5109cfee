/** Starts the process that connects the hosts, and waits until it listens. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, type ProcessRecord, startDetached } from "./processes";
import { tailOf } from "./qemu";

const START_MS = 10_000;

export async function startSwitch(socket: string, log: string): Promise<ProcessRecord> {
  await rm(socket, { force: true });
  const started = startDetached(process.execPath, [join(__dirname, "switch.js"), socket], log);
  const deadline = Date.now() + START_MS;
  while (!existsSync(socket)) {
    if (!isAlive(started) || Date.now() > deadline) {
      throw new Error(`the switch between the hosts does not start:\n${tailOf(log)}`);
    }
    await sleep(20);
  }
  return started;
}
