import { HostUnreachable, TimedOut } from "../host/errors.js";
import type { HostRef } from "../inputs/host-ref.js";
import type { AnyResource, CommonInputs } from "../resource.js";
import { LEFT } from "./carried.js";
import { parseInputs } from "./checking.js";
import type { Hosts } from "./hosts.js";
import { stillAway } from "./messages.js";

/** What lost nodes kept of a resource: its state knows it until they are back, and it is cleaned there. */
export class LeftBehind {
  constructor(
    private readonly resource: AnyResource,
    private readonly hosts: Hosts,
  ) {}

  /** The inputs that the resource had on each of those nodes. */
  in(props: Record<string, unknown>): CommonInputs[] {
    const left = props[LEFT];
    return Array.isArray(left) ? left.map((each) => parseInputs(this.resource, each)) : [];
  }

  /** One of those nodes can be cleaned now. */
  isCleanable(props: Record<string, unknown>): boolean {
    return this.in(props).some((left) => !this.#isAway(left));
  }

  /** Has it released on the nodes that are back. Answers with the rest. */
  async clean(
    props: Record<string, unknown>,
    release: (inputs: CommonInputs) => Promise<void>,
    taken?: HostRef,
  ): Promise<CommonInputs[] | undefined> {
    const rest: CommonInputs[] = [];
    for (const inputs of this.in(props)) {
      // Where it goes to now, it is taken over as it is found.
      if (inputs.host.name === taken?.name) continue;
      if (this.#isAway(inputs)) rest.push(inputs);
      else
        await release({ ...inputs, abandoned: true }).catch((error) => {
          const isAway = error instanceof HostUnreachable && !(error instanceof TimedOut);
          throw isAway && error.host === inputs.host.name ? stillAway(error) : error;
        });
    }
    return rest.length > 0 ? rest : undefined;
  }

  /** Lost still, or taken out of the program and the configuration: nobody can clean it. */
  #isAway({ host }: CommonInputs): boolean {
    return this.hosts.isLost(host) || this.hosts.isForgotten(host);
  }
}
