import { setTimeout as sleep } from "node:timers/promises";

/** Asks until it holds. What it rejects with is only told when the time is over: hosts come and go here. */
export async function until(what: string, limitMs: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      if (await holds()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      const said = last instanceof Error ? `: ${last.message}` : "";
      throw new Error(`not within ${Math.round(limitMs / 1000)} s: ${what}${said}`);
    }
    await sleep(250);
  }
}
