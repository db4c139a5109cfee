/** The lab as a program sees it. */
import { type HostName, hostNames, hostPlans, onAll } from "./hosts";
import { type HostState, stateOf } from "./hosts-running";
import { type LabKeys, labKeys } from "./keys";
import { type LabRecord, readRecord } from "./record";

export interface LabHost {
  name: HostName;
  /** In the shape of `@pulumi/command`'s ConnectionArgs. The user `mooring`, with sudo, has the same key. */
  connection: { host: string; port: number; user: string; privateKey: string; hostKey: string };
  /** On the network between the hosts. */
  address: string;
  state: HostState;
  /** Its cable to that network is pulled. */
  cut: boolean;
}

export interface Lab {
  hosts: Record<HostName, LabHost>;
}

/** `undefined` when there is no lab: never brought up, or taken down. */
export async function status(): Promise<Lab | undefined> {
  const record = readRecord();
  return record && labOf(record, await labKeys());
}

export async function labOf(record: LabRecord, keys: LabKeys): Promise<Lab> {
  return {
    hosts: await onAll(async (name) => ({
      name,
      connection: {
        host: "127.0.0.1",
        port: record.hosts[name].port,
        user: "root",
        privateKey: keys.privateKey,
        hostKey: keys.hosts[name].hostKey,
      },
      address: hostPlans[name].address,
      state: await stateOf(record, name),
      cut: record.hosts[name].cut,
    })),
  };
}

export function recordOfLab(): LabRecord {
  const record = readRecord();
  if (!record) throw new Error("The lab is not up. To start it: npm run lab -- up");
  return record;
}

/** Names that are no host's would otherwise show as a missing property. */
export function checkName(name: string): asserts name is HostName {
  if ((hostNames as readonly string[]).includes(name)) return;
  throw new Error(`The lab has no host "${name}", only ${hostNames.join(", ")}.`);
}
