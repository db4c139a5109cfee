/** What pyinfra and Ansible read on this machine: hosts, volumes, and the files that they copy. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DH_PARAMETERS } from "../../../provider/nbd/dh-params.js";
import { keyText } from "../../../provider/nbd/serving.js";
import { TINY, TINY_ARCHIVE } from "../../faults/suite/writer.js";
import { type HostName, hostNames } from "../../lab/index.js";
import { SOURCES } from "../sources.js";
import { needsDevices, type VolumeOperation, type VolumeWork, volumesOf, WAIT_FOREVER } from "../works.js";
import type { Task } from "./contestant.js";
import { cloneScript } from "./script-stages.js";
import { type WiredVolume, wired } from "./wiring.js";

/** What a host's tasks know, by the names that they use. */
export interface HostData {
  readonly present: boolean;
  readonly volumes: readonly WiredVolume[];
  readonly exportsFolder: string;
  readonly attachmentsFolder: string;
  readonly exportUnit: string;
  readonly attachUnit: string;
  readonly cloneScript: string;
  readonly containerImage: string;
  readonly containerArchive: string;
  readonly containerCommand: string;
}

/** Of the hosts that have something to do. */
export type Control = Partial<Record<HostName, HostData>>;

/** Writes what is copied to the hosts, once. */
export function writeFiles({ work, count, folder }: Task): void {
  mkdirSync(place(folder, "."), { recursive: true });
  if (!needsDevices(work)) return;
  writeFileSync(place(folder, "make-clone"), cloneScript(), { mode: 0o600 });
  for (const { name, node, key, port, device } of wiredVolumes(work, count, false)) {
    const served = { "keys.psk": keyText(key), "dh-params.pem": DH_PARAMETERS, env: `PORT=${port}\n` };
    writeAll(join(place(folder, "exports"), name), served);
    const env = `DEVICE=/dev/nbd${device}\nPORT=${port}\n`;
    writeAll(join(place(folder, "attachments"), node, name), { "keys.psk": keyText(key), env });
  }
}

export function controlFor(
  { work, count, folder }: Task,
  operation: VolumeOperation,
  changed: boolean,
): Control {
  const volumes = wiredVolumes(work, count, changed);
  const of = (host: HostName): HostData => ({
    present: operation !== "destroy",
    volumes: volumes.filter(({ node }) => host === "storage" || host === node),
    exportsFolder: place(folder, "exports"),
    attachmentsFolder: join(place(folder, "attachments"), host),
    exportUnit: join(SOURCES, "units", "bench-export@.service"),
    attachUnit: join(SOURCES, "units", "bench-attach@.service"),
    cloneScript: place(folder, "make-clone"),
    containerImage: TINY,
    containerArchive: TINY_ARCHIVE,
    containerCommand: `sh -c "${WAIT_FOREVER.at(-1)?.replaceAll("$", "\\$")}"`,
  });
  const all = hostNames.map((host) => [host, of(host)] as const);
  return Object.fromEntries(all.filter(([, data]) => data.volumes.length > 0));
}

function wiredVolumes(work: VolumeWork, count: number, changed: boolean): WiredVolume[] {
  return wired(volumesOf(work, count, changed), "tools");
}

function place(folder: string, name: string): string {
  return join(folder, "control", name);
}

function writeAll(folder: string, files: Record<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
}
