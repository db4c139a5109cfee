/** What somebody who knows the hosts writes by hand: for each operation one script per host. */
import { ssh } from "../../lab/index.js";
import { type VolumeOperation, volumesOf } from "../works.js";
import type { Contestant, Outcome, Task } from "./contestant.js";
import { stagesOf } from "./script-stages.js";
import { wired } from "./wiring.js";

/** A thousand linked clones on an emulated host take their time. */
const TIMEOUT_MS = 4 * 60 * 60_000;

export async function script({ work, count }: Task): Promise<Contestant> {
  // The connections, which the scripts find open.
  const hosts = ["storage", "node-01", "node-02"] as const;
  await Promise.all(hosts.map((host) => ssh(host, "true")));
  let changed = false;
  return {
    async perform(operation: VolumeOperation): Promise<Outcome> {
      changed ||= operation === "one change";
      const stages = stagesOf(work, operation, wired(volumesOf(work, count, changed), "script"));
      const started = Date.now();
      for (const stage of stages) {
        await Promise.all(
          stage.map(({ host, text, input }) => ssh(host, text, { input, timeoutMs: TIMEOUT_MS })),
        );
      }
      const seconds = (Date.now() - started) / 1000;
      const hosts = stages.flat().map(({ host }) => host);
      const mostOnHost = Math.max(...hosts.map((name) => hosts.filter((each) => each === name).length));
      return { seconds, roundTrips: { ssh: hosts.length, docker: 0, mostOnHost } };
    },
    close: () => undefined,
  };
}
