/** What a fleet consists of: pairs of a storage host, which exports directories over NFS, and a node, which mounts them. */
import { createHash } from "node:crypto";
import type { HostRef } from "../../provider/inputs/host-ref.js";

export interface Volume {
  readonly name: string;
  /** The directory on the storage host. */
  readonly path: string;
  readonly fsid: string;
  /** Where the node mounts it. */
  readonly mountPath: string;
  /** What the node mounts. */
  readonly source: string;
}

export type Health = "healthy" | "slow" | "dead";

export interface SimulatedHost {
  readonly name: string;
  readonly role: "storage" | "node";
  readonly health: Health;
  readonly volumes: readonly Volume[];
}

/** Inputs as a program gives them. */
export interface Declared {
  readonly kind: "NfsExport" | "NfsMount";
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** `unwell` says of hosts by their place in the fleet how they are. */
export function fleetOf(
  hosts: number,
  volumes: number,
  unwell: Readonly<Record<number, Health>> = {},
): SimulatedHost[] {
  return Array.from({ length: hosts }, (_, index) => {
    const pair = 1 + Math.floor(index / 2);
    const role = index % 2 === 0 ? "storage" : "node";
    return {
      name: `${role}-${pair}`,
      role,
      health: unwell[index] ?? "healthy",
      volumes: Array.from({ length: volumes }, (_, at) => volumeOf(pair, 1 + at)),
    };
  });
}

function volumeOf(pair: number, number: number): Volume {
  const name = `data-${pair}-${number}`;
  const path = `/srv/mooring/${name}`;
  const hex = createHash("sha256").update(name).digest("hex");
  return {
    name,
    path,
    fsid: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    mountPath: `/mnt/mooring/${name}`,
    source: `${storageAddress(pair)}:${path}`,
  };
}

function storageAddress(pair: number): string {
  return `10.${77 + Math.floor(pair / 250)}.${pair % 250}.11`;
}

export const CLIENTS = "10.77.0.0/24";

export function declaredOn({ role, name, volumes }: SimulatedHost): Declared[] {
  const host: HostRef = { name };
  return volumes.map((volume) =>
    role === "storage"
      ? declared("NfsExport", volume.name, {
          host,
          path: volume.path,
          clients: [CLIENTS],
          fsid: volume.fsid,
        })
      : declared("NfsMount", volume.name, { host, path: volume.mountPath, source: volume.source }),
  );
}

function declared(kind: Declared["kind"], name: string, inputs: Record<string, unknown>): Declared {
  return { kind, name, inputs: { ...inputs, name, owner: ownerOf(kind, name) } };
}

export function ownerOf(kind: Declared["kind"], name: string): string {
  return `urn:pulumi:prod::fleet::pulumi-nodejs:dynamic/mooring:${kind}::${name}`;
}
