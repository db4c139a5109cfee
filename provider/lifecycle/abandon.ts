import { apply } from "../host/apply.js";
import type { AnyResource, CommonInputs, Reach } from "../resource.js";
import type { Hosts } from "./hosts.js";
import { lookingAgain } from "./looking-again.js";
import { describe, whoIs } from "./messages.js";
import { warn } from "./warning.js";

/** What is on a lost node stays there, unable to do harm: the storage host sees to that, and the node is not asked. */
export async function abandon(
  resource: AnyResource,
  hosts: Hosts,
  inputs: CommonInputs,
  forgotten: boolean,
): Promise<void> {
  const { fence } = resource;
  const fencedOn = fence?.host(inputs);
  if (fence && fencedOn) {
    const reach: Reach = (ref) => hosts.reach(ref, inputs.timeouts);
    const storage = reach(fencedOn);
    const force = hosts.isForced(inputs.host);
    await lookingAgain(async () => {
      const steps = fence.plan(inputs, await fence.observe(storage, inputs, force), force);
      await apply(storage, reach, steps, { lock: resource.lock(inputs), who: whoIs(resource, inputs) });
    });
  }
  warnOfLost(resource, inputs, forgotten);
}

/** Says what became of it. `forgotten`: nothing remembers it, to clean the node when it is back. */
export function warnOfLost(resource: AnyResource, inputs: CommonInputs, forgotten = false): void {
  const fenced = resource.fence?.host(inputs) ? ", and fenced on the storage host" : "";
  const remains = forgotten && resource.remains?.(inputs);
  warn(
    `${describe(resource, inputs)}: the host is lost, so it was given up there without asking the host${fenced}${remains ? `. Should it come back, remove there by hand: ${remains}` : ""}`,
    inputs.owner,
  );
}
