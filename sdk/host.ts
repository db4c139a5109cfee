import * as pulumi from "@pulumi/pulumi";
import { shown } from "../provider/inputs/shown.js";
import { requireArgs } from "./arguments.js";

/** How one SSH server is reached. A superset of `@pulumi/command`'s `remote.ProxyConnectionArgs`. */
export interface EndpointArgs {
  /** Address or name of the SSH server. */
  host: pulumi.Input<string>;
  /** @default 22 */
  port?: pulumi.Input<number>;
  /** @default "root" */
  user?: pulumi.Input<string>;
  /** Password of the user. */
  password?: pulumi.Input<string>;
  /** Text of a private key, OpenSSH or PEM. */
  privateKey?: pulumi.Input<string>;
  /** Passphrase of an encrypted private key. */
  privateKeyPassword?: pulumi.Input<string>;
  /** Path of a private key on the machine that runs Pulumi; `~/` is its home. Mooring's own addition. */
  privateKeyFile?: pulumi.Input<string>;
  /**
   * Socket of an SSH agent.
   *
   * @default the environment's SSH_AUTH_SOCK
   */
  agentSocketPath?: pulumi.Input<string>;
  /** The host's public key, as `ssh-keyscan` prints it: `"ssh-ed25519 AAAA…"`. Any other key is refused. */
  hostKey?: pulumi.Input<string>;
  /**
   * A known_hosts file that holds the host's key. Used when `hostKey` is not given. Mooring's own addition.
   *
   * @default "~/.ssh/known_hosts"
   */
  knownHostsFile?: pulumi.Input<string>;
  /**
   * Accept any host key: whoever is in between can read and change everything. Mooring's own addition.
   *
   * @default false
   */
  insecureIgnoreHostKey?: pulumi.Input<boolean>;
  /**
   * How often a connection is tried.
   *
   * @default 10
   */
  dialErrorLimit?: pulumi.Input<number>;
  /**
   * Seconds that one try may take.
   *
   * @default 15
   */
  perDialTimeout?: pulumi.Input<number>;
}

/** How a host is reached: `@pulumi/command`'s `remote.ConnectionArgs` fits as it is. */
export interface ConnectionArgs extends EndpointArgs {
  /** A bastion that the connection goes through. */
  proxy?: pulumi.Input<EndpointArgs>;
  /**
   * The user is not root: run everything through `sudo -n`, which must ask for no password. Mooring's own addition.
   *
   * @default false
   */
  sudo?: pulumi.Input<boolean>;
}

/** Arguments of a {@link Host}. */
export interface HostArgs {
  /** How to reach it over SSH. Only a way: changing it changes nothing on the host. */
  connection: pulumi.Input<ConnectionArgs>;
  /**
   * Its address on the storage network, between the hosts: what a storage host binds its exports to.
   *
   * @default the connection's host
   */
  address?: pulumi.Input<string>;
  /**
   * Install what a role of the host needs (packages, kernel modules, services) when it is missing. Without it, what is
   * missing is an error that names it.
   *
   * @default false
   */
  install?: pulumi.Input<boolean>;
  /**
   * The host is dead, or to be treated so: nothing contacts it. What another `host` takes from it is fenced on the
   * storage host, so that it can't write any more, and the rest of it is removed by the next `up` after its return,
   * when this is no longer set. Refused while the storage host still has a live session with it.
   *
   * @default false
   */
  lost?: boolean;
  /**
   * `"force"`: fence a lost host also while the storage host still hears from it. What it was writing at that moment
   * may be incomplete, as after a power cut.
   *
   * @default none: a live session is refused
   */
  fence?: "force";
}

/** Typed by the compiler: all that there are. */
const ARGUMENTS: Record<keyof HostArgs, true> = {
  connection: true,
  address: true,
  install: true,
  lost: true,
  fence: true,
};

interface LostHost {
  readonly name: string;
  readonly lost: true;
  readonly fence?: "force";
}

/** By stack, since one process may run the programs of several: host name to what is said of it. */
const lostByStack = new Map<string, Map<string, LostHost>>();

function lostOfThisStack(): Map<string, LostHost> {
  const stack = `${pulumi.getProject()}/${pulumi.getStack()}`;
  const known = lostByStack.get(stack) ?? new Map<string, LostHost>();
  lostByStack.set(stack, known);
  return known;
}

/** @internal The program's lost hosts: every resource tells of them, since none needs to be on one any more. */
export function lostHosts(): Promise<LostHost[] | undefined> {
  const lost = lostOfThisStack();
  // A host may be declared after a resource.
  return new Promise((resolve) =>
    setImmediate(() => resolve(lost.size > 0 ? [...lost.values()] : undefined)),
  );
}

/**
 * A Linux host that is reached over SSH: a storage host, a container node, or both. Plain data, no resource. The
 * name is its identity.
 */
export class Host {
  /** Its address on the storage network. */
  readonly address: pulumi.Output<string>;
  private readonly args: HostArgs | undefined;

  constructor(
    /** The host's identity: what Mooring calls it in the state and in messages. */
    readonly name: string,
    args: HostArgs,
  ) {
    requireName(name);
    requireArgs(`Host "${name}"`, args, Object.keys(ARGUMENTS));
    if (args.connection === undefined)
      throw wrong(
        name,
        `connection is required; for a host of the stack's configuration use Host.fromConfig("${name}")`,
      );
    this.args = args;
    const { lost, fence } = args;
    if (![undefined, true, false].includes(lost))
      throw wrong(name, `lost: true or false (got ${shown(lost)})`);
    if (![undefined, "force"].includes(fence)) throw wrong(name, `fence: "force" (got ${shown(fence)})`);
    if (lost) lostOfThisStack().set(name, { name, lost, ...(fence === undefined ? {} : { fence }) });
    else lostOfThisStack().delete(name);
    this.address = pulumi
      .output(args.address ?? pulumi.output(args.connection).apply((connection) => connection?.host))
      .apply((address) => address);
  }

  /**
   * A host that the stack's configuration describes, under `mooring:hosts`, with the fields of {@link HostArgs}. Its
   * resources then have only its name in the state, and `up` uses today's credentials. Pulumi refreshes and destroys
   * with the configuration of the last `up`: after a change run a plain `up` first.
   */
  static fromConfig(name: string): Host {
    requireName(name);
    const hosts = configuredHosts();
    const entry = hosts[name];
    const address = entry?.address ?? (entry?.connection as ConnectionArgs | undefined)?.host;
    if (address === undefined) {
      const known = Object.keys(hosts).join(", ") || "none";
      const problem = entry
        ? "in the stack's configuration has neither address nor connection"
        : `is not in the stack's configuration (mooring:hosts has: ${known})`;
      throw new pulumi.RunError(
        `host "${name}" ${problem}. Add it with: pulumi config set --path 'mooring:hosts["${name}"].connection.host' ADDRESS`,
      );
    }
    return Object.assign(Object.create(Host.prototype), {
      name,
      args: undefined,
      address: pulumi.output(address),
    }) as Host;
  }

  /** @internal What goes into a resource's inputs. */
  toInput(): pulumi.Input<Record<string, unknown>> {
    if (!this.args) return { name: this.name };
    // A host that is lost is told of apart: it is no change of what is on it.
    const { connection, lost: _lost, fence: _fence, ...rest } = this.args;
    return { name: this.name, ...rest, connection: withSecrets(connection) };
  }
}

const SECRET = ["password", "privateKey", "privateKeyPassword"] as const;

/** Credentials are secret in the state whether or not the program said so; a connection that is an output is so whole. */
function withSecrets(connection: pulumi.Input<ConnectionArgs>): pulumi.Input<unknown> {
  if (pulumi.Output.isInstance(connection) || connection instanceof Promise) return pulumi.secret(connection);
  const { proxy, ...endpoint } = connection;
  if (proxy === undefined) return markSecrets(endpoint);
  const plain = !pulumi.Output.isInstance(proxy) && !(proxy instanceof Promise);
  return { ...markSecrets(endpoint), proxy: plain ? markSecrets(proxy) : pulumi.secret(proxy) };
}

function markSecrets(endpoint: object): Record<string, unknown> {
  const marked: Record<string, unknown> = { ...endpoint };
  for (const key of SECRET) if (marked[key] !== undefined) marked[key] = pulumi.secret(marked[key]);
  return marked;
}

/** Not by `getObject`, whose error shows the value: there are passwords in it. */
function configuredHosts(): Record<string, HostArgs> {
  const text = new pulumi.Config("mooring").get("hosts") ?? "{}";
  const message = `configuration mooring:hosts is not an object of hosts; set it with: pulumi config set --path 'mooring:hosts["NAME"].connection.host' ADDRESS`;
  let hosts: unknown;
  try {
    hosts = JSON.parse(text);
  } catch {
    throw new pulumi.RunError(message);
  }
  if (typeof hosts !== "object" || hosts === null || Array.isArray(hosts)) throw new pulumi.RunError(message);
  return hosts as Record<string, HostArgs>;
}

function wrong(name: string, problem: string): Error {
  return new pulumi.RunError(`Host "${name}": ${problem}`);
}

function requireName(name: unknown): void {
  if (typeof name !== "string" || !/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(name)) {
    throw new pulumi.RunError(
      `Host name ${shown(name)}: 1 to 63 lower-case letters, digits, dots and hyphens, not starting or ending with a dot or hyphen`,
    );
  }
}
