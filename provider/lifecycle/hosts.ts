import { z } from "zod";
import { asError, Refused } from "../host/errors.js";
import { Host } from "../host/host.js";
import { failure } from "../inputs/failure.js";
import { type HostRef, hostRefSchema, type LostHosts } from "../inputs/host-ref.js";
import { limitsOf, type Timeouts } from "../inputs/timeouts.js";
import type { CommonInputs } from "../resource.js";

/**
 * So few hosts in the configuration are as a rule those of the stack: with the first that is needed all are connected
 * to, since the engine asks for what is on a node only after what is on its storage host.
 */
const CONNECTED_AHEAD = 8;

/**
 * The hosts of this process: one object, and so one connection, for each. An entry under `mooring:hosts` in the
 * stack's configuration wins over what the program said, and that over what a state recorded on the day of creation.
 */
export class Hosts {
  #configured: Record<string, Partial<HostRef>> = {};
  #problem: Error | undefined;
  readonly #program = new Map<string, HostRef>();
  #lost = new Map<string, Partial<HostRef>>();
  readonly #declared = new Map<string, Map<string, CommonInputs>>();
  readonly #open = new Map<string, { host: Host; key: string }>();

  /** Whoever needs a host has the error, too: the engine tells of it once alone, and goes on. */
  configure(hosts: string | undefined): void {
    if (!hosts) return;
    try {
      this.#configured = parseConfiguredHosts(hosts);
    } catch (error) {
      this.#problem = asError(error);
      throw error;
    }
  }

  /** Remembers what today's program says of hosts. */
  note(...refs: (HostRef | undefined)[]): void {
    for (const ref of refs) if (ref?.connection) this.#program.set(ref.name, ref);
  }

  /** Remembers what the newest state says of hosts, where today's program said nothing. */
  noteOfState(...refs: (HostRef | undefined)[]): void {
    for (const ref of refs) if (ref && !this.#program.has(ref.name)) this.note(ref);
  }

  noteLost(lost: LostHosts): void {
    this.#lost = new Map(lost?.map((host) => [host.name, host]));
  }

  /** Remembers what today's program says of a resource; answers with the others of its kind on its host. */
  declare(kind: string, inputs: CommonInputs): CommonInputs[] {
    const key = `${kind} ${inputs.host.name}`;
    const all = this.#declared.get(key) ?? new Map<string, CommonInputs>();
    this.#declared.set(key, all.set(inputs.owner, inputs));
    return [...all.values()].filter((each) => each !== inputs);
  }

  /** Everything that is known of the host. */
  resolve(ref: HostRef): HostRef {
    if (this.#problem) throw this.#problem;
    const said = this.#program.get(ref.name) ?? ref;
    return { ...said, ...this.#lost.get(ref.name), ...this.#configured[ref.name], name: ref.name };
  }

  isLost(ref: HostRef): boolean {
    return this.resolve(ref).lost === true;
  }

  /** Nobody says how it is reached any more. */
  isForgotten(ref: HostRef): boolean {
    return this.resolve(ref).connection === undefined;
  }

  /** Lost, and to be fenced whether or not it is heard of. */
  isForced(ref: HostRef): boolean {
    return this.isLost(ref) && this.resolve(ref).fence === "force";
  }

  /** Each resource with its own limits, all through one connection. Throws for a host that is lost: nothing contacts it. */
  reach(ref: HostRef, timeouts?: Timeouts): Host {
    const host = this.#reach(ref);
    return timeouts ? host.within(limitsOf(timeouts)) : host;
  }

  #reach(ref: HostRef): Host {
    const resolved = this.resolve(ref);
    if (resolved.lost) {
      throw new Refused(
        `host "${ref.name}" is lost (its \`lost\` is true): it is not contacted, and nothing can be made, changed or removed there.\nPut what is on it elsewhere; or, when the host is back, remove \`lost\`.`,
      );
    }
    const key = JSON.stringify(resolved);
    const open = this.#open.get(ref.name);
    if (open?.key === key) return open.host;
    const isFirst = this.#open.size === 0;
    open?.host.endAhead();
    const host = new Host(resolved);
    this.#open.set(ref.name, { host, key });
    if (isFirst) {
      host.open();
      this.#openAhead();
    }
    return host;
  }

  #openAhead(): void {
    const names = Object.keys(this.#configured);
    if (names.length > CONNECTED_AHEAD) return;
    for (const name of names)
      if (!this.isLost({ name }) && !this.#open.has(name)) this.#reach({ name }).openAhead();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ host }) => host.close()));
    this.#open.clear();
  }
}

const configuredSchema = z.record(z.string(), z.strictObject(hostRefSchema.omit({ name: true }).shape));

/** The value of `mooring:hosts`: host name to the fields of a host. */
export function parseConfiguredHosts(json: string): Record<string, Partial<HostRef>> {
  const value = parseJson(json);
  const parsed = configuredSchema.safeParse(value);
  if (parsed.success) return parsed.data as Record<string, Partial<HostRef>>;
  const [issue] = parsed.error.issues;
  if (!issue || issue.path.length === 0) {
    throw new Error(
      `configuration mooring:hosts is not an object of hosts; set it with: pulumi config set --path 'mooring:hosts["NAME"].connection.host' ADDRESS`,
    );
  }
  const { property, reason } = failure("hosts", configuredSchema, value, issue);
  throw new Error(`configuration mooring:${property}: ${reason}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
