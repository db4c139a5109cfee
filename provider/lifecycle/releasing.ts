import { apply } from "../host/apply.js";
import { Refused } from "../host/errors.js";
import type { AnyResource, CommonInputs, Reach } from "../resource.js";
import { checkMounted } from "../unmounted.js";
import { abandon } from "./abandon.js";
import type { Hosts } from "./hosts.js";
import { lookingAgain } from "./looking-again.js";
import { DATA_GONE_BEFORE, describe, notConverged, whoIs } from "./messages.js";
import { warn } from "./warning.js";

/** Takes a resource away from a host: as it is found there, or, where the host is lost, without asking it. */
export class Releasing {
  constructor(
    private readonly resource: AnyResource,
    private readonly hosts: Hosts,
  ) {}

  /** `forgotten`: no state knows of it from then on. `made`: it is data that was made whole. */
  async release(inputs: CommonInputs, { forgotten = false, made = false } = {}): Promise<void> {
    const { resource, hosts } = this;
    if (hosts.isLost(inputs.host) && resource.movable) return abandon(resource, hosts, inputs, forgotten);
    await lookingAgain(() => this.#release(inputs, forgotten, made));
  }

  async #release(inputs: CommonInputs, forgotten: boolean, made: boolean): Promise<void> {
    const { resource, hosts } = this;
    const reach: Reach = (ref) => hosts.reach(ref, inputs.timeouts);
    const host = reach(inputs.host);
    const observed = await resource.observe(host, inputs, reach);
    const { data } = resource;
    const isGone = made && data?.isGone(observed) === true;
    const steps = resource.plan(undefined, observed, inputs);
    // Not mounted, what is on it would be forgotten.
    if (isGone && data.disk) steps.unshift(checkMounted(data.disk));
    if (forgotten && observed !== undefined) this.#forget(inputs, observed);
    if (steps.length > 0)
      await apply(host, reach, steps, { lock: resource.lock(inputs), who: whoIs(resource, inputs) });
    if (isGone) warn(`${describe(resource, inputs)}: ${DATA_GONE_BEFORE}`, inputs.owner);
    if (steps.length === 0) return;
    const left = resource.plan(undefined, await resource.observe(host, inputs, reach), inputs);
    if (left.length > 0) throw notConverged(resource, inputs, left);
  }

  #forget(inputs: CommonInputs, observed: unknown): void {
    const { resource } = this;
    const stranded = resource.stranded?.(inputs, observed);
    if (stranded) throw new Refused(`${describe(resource, inputs)}: ${stranded}`);
    const leftAlone = resource.leftAlone?.(inputs, observed);
    if (leftAlone) warn(`${describe(resource, inputs)}: ${leftAlone}; it was left alone`, inputs.owner);
  }
}
