/** What Mooring decides by itself and others have to be told: ports, devices, and a key for each block volume. */
import { createHash } from "node:crypto";
import type { Volume } from "../works.js";

export interface WiredVolume extends Volume {
  readonly port: number;
  /** On its node. */
  readonly device: number;
  /** For TLS, 256 bits in hexadecimal. */
  readonly key: string;
}

const FIRST_PORT = 10809;

export function wired(volumes: readonly Volume[], seed: string): WiredVolume[] {
  const devices = new Map<string, number>();
  return volumes.map((volume, index) => {
    const device = devices.get(volume.node) ?? 0;
    devices.set(volume.node, device + 1);
    const key = createHash("sha256").update(`${seed} ${volume.name}`).digest("hex");
    return { ...volume, port: FIRST_PORT + index, device, key };
  });
}
