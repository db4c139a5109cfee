import { newKey } from "../unit/provider/host/ssh-server.js";
import type { SimulatedHost } from "./fleet.js";

export interface Listening {
  /** Of each host, in the fleet's order. */
  readonly ports: readonly number[];
  readonly hostKey: string;
}

/** The value of `mooring:hosts`. One try for each host: how long that may take is what a dead host costs. */
export function configurationOf(
  hosts: readonly SimulatedHost[],
  { ports, hostKey }: Listening,
  dialSeconds: number,
): string {
  const { private: privateKey } = newKey();
  const connection = {
    host: "127.0.0.1",
    hostKey,
    privateKey,
    dialErrorLimit: 1,
    perDialTimeout: dialSeconds,
  };
  return JSON.stringify(
    Object.fromEntries(
      hosts.map(({ name }, index) => [name, { connection: { ...connection, port: ports[index] } }]),
    ),
  );
}
