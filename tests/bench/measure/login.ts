/** What it takes to log in to a host: who keeps no connection open has that each time. */
import type { Lab } from "../../lab/index.js";
import { Remote } from "../../lab/remote.js";
import { median } from "../results.js";

const TIMES = 5;
const TIMEOUT_MS = 60_000;

/** Seconds until the storage host has answered over a new SSH connection; the median of some. */
export async function measureLogin({ hosts: { storage } }: Lab): Promise<number> {
  const seconds: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    const started = performance.now();
    const remote = await Remote.connect({ name: storage.name, ...storage.connection }, TIMEOUT_MS);
    await remote.run("true");
    seconds.push((performance.now() - started) / 1000);
    remote.close();
  }
  return median(seconds) ?? 0;
}
