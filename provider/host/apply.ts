import type { HostRef } from "../inputs/host-ref.js";
import { type Commit, commitTogether } from "./commit.js";
import type { Host } from "./host.js";
import { Sh } from "./sh.js";
import type { Step, Steps } from "./steps.js";

export interface ApplyOptions {
  /** Name of the lock that serialises these steps with those of other programs. */
  readonly lock: string;
  /** Who does it, in plain words: what others are told who wait for the lock. */
  readonly who: string;
}

/** Applies steps in order: those on one host in a row in one round trip, with those of other resources that come at the same time. */
export async function apply(
  home: Host,
  reach: (ref: HostRef) => Host,
  steps: readonly Step[],
  options: ApplyOptions,
): Promise<void> {
  for (const group of groups(steps)) {
    const [first] = group;
    const host = first.host ? reach(first.host) : home;
    if (first.action instanceof Sh) await commit(host, group, options);
    else {
      host.forgetFacts();
      try {
        await host.engine.apply(first.title, first.action);
      } finally {
        host.forgetFacts();
      }
    }
  }
}

function groups(steps: readonly Step[]): Steps[] {
  const all: Steps[] = [];
  for (const step of steps) {
    const group = all.at(-1);
    const same =
      group &&
      step.action instanceof Sh &&
      group[0].action instanceof Sh &&
      step.host?.name === group[0].host?.name;
    if (same) group.push(step);
    else all.push([step]);
  }
  return all;
}

/** Those whose limits are the same go together. */
function commit(host: Host, steps: Steps, { lock, who }: ApplyOptions): Promise<void> {
  const { lockMs, stepsMs } = host.limits;
  const commits = host.gathering<Commit>(
    `steps ${lockMs} ${stepsMs}`,
    (given, all) => commitTogether(host, given, all, (one) => commits.add(one)),
    () => host.isLookedAt,
  );
  return new Promise((resolve, reject) => commits.add({ steps, lock, who, resolve, reject }));
}
