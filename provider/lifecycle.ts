import { apply } from "./host/apply.js";
import { asError, CleanlyFailed, Overtaken, PartlyApplied, Refused } from "./host/errors.js";
import type { HostRef } from "./inputs/host-ref.js";
import { abandon, warnOfLost } from "./lifecycle/abandon.js";
import { type Carried, carriedIn, MADE, outputsOf, withoutUndefined } from "./lifecycle/carried.js";
import { checkInputs, parseInputs } from "./lifecycle/checking.js";
import { Hosts } from "./lifecycle/hosts.js";
import { LeftBehind } from "./lifecycle/left-behind.js";
import { lookingAgain } from "./lifecycle/looking-again.js";
import {
  dataGone,
  describe,
  neverReplaced,
  notConverged,
  notYetMoved,
  wayBack,
  whoIs,
} from "./lifecycle/messages.js";
import { Releasing } from "./lifecycle/releasing.js";
import { warn, warnOnce } from "./lifecycle/warning.js";
import { ensurePrerequisites } from "./prerequisites.js";
import type { AnyResource, CheckFailure, CommonInputs, Reach } from "./resource.js";

type Properties = Record<string, unknown>;

/** What Pulumi's dynamic-provider process calls. */
export interface DynamicProvider {
  configure(request: { config: { get(key: string): string | undefined } }): Promise<void>;
  check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  diff(
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes?: boolean; replaces?: string[]; deleteBeforeReplace?: boolean }>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  read(id: string, props: Properties): Promise<{ id?: string; props?: Properties; inputs?: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, props: Properties): Promise<void>;
}

/** All resources of a process share their hosts' connections. */
const shared = new Hosts();

/** Serves a resource through Pulumi's verbs. Create, update, repair and delete are one flow: observe, plan, apply. */
export function lifecycle(resource: AnyResource, hosts: Hosts = shared): DynamicProvider {
  const verbs = new Lifecycle(resource, hosts);
  return {
    // Not one `await` in it: the engine does not wait for it before the first operation.
    async configure({ config }) {
      hosts.configure(config.get("mooring:hosts"));
    },
    async check(_olds, news) {
      return checkInputs(resource, news, hosts);
    },
    async diff(_id, olds, news) {
      return verbs.diff(olds, news);
    },
    async create(props) {
      const inputs = parseInputs(resource, props);
      const outs = await verbs.converge(inputs, inputs, props, {});
      return { id: resource.id(inputs), outs };
    },
    read: (id, props) => verbs.read(id, props),
    update: (_id, olds, news) => verbs.update(olds, news),
    delete: (_id, props) => verbs.delete(props),
  };
}

class Lifecycle {
  private readonly left: LeftBehind;
  private readonly releasing: Releasing;

  constructor(
    private readonly resource: AnyResource,
    private readonly hosts: Hosts,
  ) {
    this.left = new LeftBehind(resource, hosts);
    this.releasing = new Releasing(resource, hosts);
  }

  diff(
    olds: Properties,
    news: Properties,
  ): { changes?: boolean; replaces?: string[]; deleteBeforeReplace?: boolean } {
    const { resource } = this;
    const before = parseInputs(resource, olds);
    const after = parseInputs(resource, news);
    // At preview part of the host may not be known yet; its name is.
    const name = (news.host as Partial<HostRef> | undefined)?.name ?? before.host.name;
    this.hosts.note(after.host, after.storage);
    const changed = resource.identity.filter((key) => after[key] !== undefined && before[key] !== after[key]);
    const moved = !resource.movable && before.host.name !== name;
    // What was never made whole holds none.
    if (resource.data && olds[MADE] && (changed.length > 0 || moved)) {
      throw neverReplaced(resource, before, news, moved ? "host" : (changed[0] as string));
    }
    const reason = resource.refuse?.(before, after);
    if (reason) throw new Refused(`${resource.kind} "${resource.id(before)}": ${reason}`);
    if (changed.length > 0 || moved)
      return { replaces: moved ? ["host", ...changed] : changed, deleteBeforeReplace: true };
    // The inputs are the same, and yet there is something to do.
    return this.left.isCleanable(olds) ? { changes: true } : {};
  }

  /** From whatever is found to what is wanted. `identity` is what the object was made from. */
  converge(
    wanted: CommonInputs,
    identity: CommonInputs,
    props: Properties,
    carried: Carried,
  ): Promise<Properties> {
    return lookingAgain((isLast) => this.#converge(wanted, identity, props, carried, isLast));
  }

  async #converge(
    wanted: CommonInputs,
    identity: CommonInputs,
    props: Properties,
    carried: Carried,
    isLast: boolean,
  ): Promise<Properties> {
    const { resource } = this;
    const reach = this.#reach(wanted);
    const host = reach(wanted.host);
    const who = whoIs(resource, wanted);
    const found = await this.#look(wanted, identity);
    if (carried.made && resource.data?.isGone(found)) throw dataGone(resource, wanted, found);
    const isForced = (name: string): boolean => this.hosts.isForced({ name });
    const taking = { wanted, identity, reach, isForced };
    const observed = found && resource.observeRival ? await resource.observeRival(found, taking) : found;
    const steps = resource.plan(wanted, observed, identity);
    const whole: Carried = { ...carried, ...(resource.data && { made: true }) };
    if (steps.length === 0) return outputsOf(resource, wanted, observed, whole);
    try {
      await apply(host, reach, steps, { lock: resource.lock(wanted), who });
      const result = await resource.observe(host, wanted, reach);
      const left = resource.plan(wanted, result, wanted);
      if (left.length > 0) throw notConverged(resource, wanted, left, result);
      this.#warn(wanted, result, true);
      return outputsOf(resource, wanted, result, whole);
    } catch (error) {
      if (error instanceof Overtaken && !isLast) throw error;
      // In the state it would only hold up what the program says next.
      if (error instanceof CleanlyFailed && steps.every((step) => step.compares || step.leavesNothing))
        throw error;
      // Under which of two names it is known there is not sure: the next `up` knows both.
      const { owner } = identity;
      const kept = withoutUndefined({
        ...wanted,
        owner,
        ...carried,
        ...(holdsData(resource, found) && { made: true }),
        __provider: props.__provider,
      }) as Properties;
      throw new PartlyApplied(resource.id(wanted), kept, asError(error));
    }
  }

  /** What is on the host, which has what the resource needs then. */
  async #look(wanted: CommonInputs, identity: CommonInputs): Promise<unknown> {
    const { resource } = this;
    const reach = this.#reach(wanted);
    const host = reach(wanted.host);
    // Together, in one round trip: as a rule nothing is missing.
    const observing = Promise.allSettled([resource.observe(host, wanted, reach, identity === wanted)]);
    const installed = await ensurePrerequisites(host, resource.needs?.(wanted) ?? [], (steps) =>
      apply(host, reach, steps, { lock: "prerequisites", who: whoIs(resource, wanted) }),
    );
    return installed ? resource.observe(host, wanted, reach) : answerOf(...(await observing));
  }

  async read(
    id: string,
    props: Properties,
  ): Promise<{ id?: string; props?: Properties; inputs?: Properties }> {
    const { resource } = this;
    const inputs = parseInputs(resource, props);
    if (this.hosts.isLost(inputs.host)) {
      warn(`${describe(this.resource, inputs)}: the host is lost, so it was not looked at`, inputs.owner);
      return { id, props, inputs: withoutUndefined(inputs) as Properties };
    }
    const reach = this.#reach(inputs);
    const observed = await resource.observe(reach(inputs.host), inputs, reach);
    if (resource.data?.isGone(observed)) {
      if (props[MADE]) throw dataGone(resource, inputs, observed);
      return {};
    }
    if (observed === undefined) return this.left.in(props).length > 0 ? missing(id, inputs, props) : {};
    this.#warn(inputs, observed, false);
    const found = resource.drift(inputs, observed);
    const made = resource.data && this.#isWhole(inputs, observed) ? ({ made: true } as const) : {};
    return {
      id,
      props: outputsOf(resource, found, observed, { ...carriedIn(props), ...made }),
      inputs: withoutUndefined(found) as Properties,
    };
  }

  async update(olds: Properties, news: Properties): Promise<{ outs: Properties }> {
    const before = parseInputs(this.resource, olds);
    const after = parseInputs(this.resource, news);
    this.hosts.note(after.host, after.storage);
    const left = await this.#cleanReturned(olds, after.host);
    const stays = before.host.name === after.host.name;
    if (stays && (this.hosts.isLost(before.host) || !this.#releasable(before, after))) {
      return { outs: await this.converge(after, before, news, { ...carriedIn(olds), left }) };
    }
    const changed = stays ? undefined : this.resource.ofMove?.(before, after);
    if (changed) warn(changed, after.owner);
    const lost = this.hosts.isLost(before.host);
    const carried = lost ? { left: [...(left ?? []), before] } : { left };
    const keeper = this.#keeper(before);
    // Under its name of before it is its own.
    const identity = before.owner === after.owner ? after : { ...after, owner: before.owner };
    if (lost && this.resource.fence?.whileTaking && keeper !== undefined && keeper === this.#keeper(after)) {
      const outs = await this.converge(after, identity, news, carried);
      warnOfLost(this.resource, before);
      return { outs };
    }
    // What is in the way there, or that it can't be reached, is seen while all is as it was.
    if (!stays && !lost) {
      const found = await this.#look(after, after);
      try {
        this.resource.plan(after, found, identity);
      } catch (error) {
        throw notYetMoved(before, after, asError(error));
      }
    }
    try {
      await this.releasing.release(before);
    } catch (error) {
      // The old node stays in the state: until it is released, nothing is taken elsewhere.
      throw new PartlyApplied(this.resource.id(before), { ...olds }, asError(error));
    }
    try {
      return { outs: await this.converge(after, identity, news, carried) };
    } catch (error) {
      // It is released: the state may not say any more that it is where it was, or going back would find nothing to do.
      const kept = withoutUndefined({
        ...after,
        owner: before.owner,
        ...carried,
        __provider: news.__provider,
      });
      const partly =
        error instanceof PartlyApplied
          ? error
          : new PartlyApplied(this.resource.id(after), kept as Properties, asError(error));
      throw stays || lost ? partly : partly.advising(wayBack(before, after));
    }
  }

  async delete(props: Properties): Promise<void> {
    // A take from a lost node that was cut off before its fence leaves that one the holder.
    const current = parseInputs(this.resource, props);
    this.hosts.noteOfState(current.host, current.storage);
    for (const inputs of (await this.#cleanReturned(props)) ?? []) {
      if (this.#keeper(inputs) === this.#keeper(current))
        await abandon(this.resource, this.hosts, inputs, true);
      else warnOfLost(this.resource, inputs, true);
    }
    await this.releasing.release(current, { forgotten: true, made: props[MADE] === true });
  }

  /** It goes to another storage host, and the old one can be asked. */
  #releasable(before: CommonInputs, after: CommonInputs): boolean {
    const old = this.resource.fence?.host(before);
    return old !== undefined && old.name !== this.#keeper(after) && !this.hosts.isLost(old);
  }

  /** The storage host that knows who has what only one may have. */
  #keeper(inputs: CommonInputs): string | undefined {
    return this.resource.fence?.host(inputs)?.name;
  }

  #reach({ timeouts }: CommonInputs): Reach {
    return (ref) => this.hosts.reach(ref, timeouts);
  }

  /** Removes what lost nodes kept, from those that are back. Answers with the rest. */
  #cleanReturned(props: Properties, taken?: HostRef): Promise<CommonInputs[] | undefined> {
    return this.left.clean(props, (inputs) => this.releasing.release(inputs), taken);
  }

  /** It is ours, and as it is to be: also where nobody heard that the last of its steps was done. */
  #isWhole(inputs: CommonInputs, observed: unknown): boolean {
    try {
      return this.resource.plan(inputs, observed, inputs).length === 0;
    } catch {
      return false;
    }
  }

  #warn(inputs: CommonInputs, observed: unknown, changed: boolean): void {
    const { name } = inputs.host;
    for (const { about, text } of this.resource.warnings?.(inputs, observed, changed) ?? [])
      warnOnce(`${name} ${about}`, text, inputs.owner);
  }
}

/** There was data before anything was done, made earlier or adopted. */
function holdsData({ data }: AnyResource, found: unknown): boolean {
  return data !== undefined && !data.isGone(found) && !data.isEmpty?.(found);
}

/** Nothing is there, and yet the state of it knows what a lost node kept: it stays, and the next `up` makes it anew. */
function missing(id: string, inputs: CommonInputs, props: Properties) {
  const found = withoutUndefined({ ...inputs, status: "missing" }) as Properties;
  return { id, props: { ...found, ...(withoutUndefined(carriedIn(props)) as Properties) }, inputs: found };
}

function answerOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === "rejected") throw settled.reason;
  return settled.value;
}
