/** Commands on the lab's hosts, for tests that look for themselves or break something by hand. */
import type { HostName } from "./hosts";
import { endpoint, isOn } from "./hosts-running";
import { labKeys } from "./keys";
import { checkName, recordOfLab } from "./lab";
import type { LabRecord } from "./record";
import { type Outcome, Remote, type RemoteOptions } from "./remote";

export interface SshOptions extends RemoteOptions {
  /** Reject when the exit code is not 0: the default. */
  check?: boolean;
}

const CONNECT_MS = 60_000;

interface Kept {
  /** Process and port it leads to: a host that was restored is another one. */
  to: string;
  remote: Promise<Remote>;
}

const connections = new Map<HostName, Kept>();

/** Runs `script` with `sh` as root on the host. */
export async function ssh(name: HostName, script: string, options: SshOptions = {}): Promise<Outcome> {
  const remote = await connection(name);
  const outcome = await remote.run(script, options);
  if (outcome.code !== 0 && options.check !== false) {
    const said = (outcome.stderr || outcome.stdout).trimEnd();
    throw new Error(`${name}: exit code ${outcome.code} of\n${script}\nIt said:\n${said}`);
  }
  return outcome;
}

/** For the commands to come: a connection costs an emulated host most of a second. */
export function keepConnection(record: LabRecord, name: HostName, remote: Remote): void {
  connections.set(name, { to: whereTo(record, name), remote: Promise.resolve(remote) });
}

function whereTo(record: LabRecord, name: HostName): string {
  const { process, port } = record.hosts[name];
  return JSON.stringify([process, port]);
}

async function connection(name: HostName): Promise<Remote> {
  checkName(name);
  const record = recordOfLab();
  if (!isOn(record, name)) throw new Error(`${name} is off. To start it: npm run lab -- power-on ${name}`);
  const to = whereTo(record, name);
  const kept = connections.get(name);
  if (kept?.to === to) {
    const remote = await kept.remote.catch(() => undefined);
    if (remote?.usable) return remote;
  }
  // Another call may have connected while we looked.
  const current = connections.get(name);
  if (current && current !== kept && current.to === to) return current.remote;
  const remote = labKeys().then((keys) => Remote.connect(endpoint(record, name, keys), CONNECT_MS));
  connections.set(name, { to, remote });
  return remote;
}
