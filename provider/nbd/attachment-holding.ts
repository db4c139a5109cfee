import { createHash } from "node:crypto";
import { ourFilesFact } from "../facts/our-files.js";
import { isLive, readSessions, type Session } from "../facts/sessions.js";
import { Refused } from "../host/errors.js";
import { waitUntil } from "../host/patience.js";
import { type Sh, sh } from "../host/sh.js";
import { alone, run, type Step } from "../host/steps.js";
import { refuseLiveNode } from "../live-node.js";
import { cloneFile } from "../pool.js";
import type { Fence } from "../resource.js";
import { unitFile } from "../systemd.js";
import { compareRecord, readVolumeRecord, type VolumeRecord, writeRecord } from "../volume-record.js";
import type { NbdAttachmentInputs } from "./attachment-inputs.js";
import { servedIn } from "./attachment-observing.js";
import { describeServer, type Endpoint, exportSocket, portOfSocket } from "./export-units.js";
import { firstPartition, withLocalDevice } from "./local-device.js";
import {
  keyText,
  letIn,
  letNobodyIn,
  removeCredential,
  setEpoch,
  startServing,
  stopServing,
} from "./serving.js";

/** Who holds a volume: the steps on the storage host. Each counts the epoch up. */

/** From now on this attachment alone gets the volume. `fence`: whoever had it was not asked. */
export function take(
  { name, owner, host, address }: NbdAttachmentInputs,
  record: VolumeRecord,
  endpoint: Endpoint,
  key: string,
  fence: boolean,
): Step[] {
  const next: VolumeRecord = {
    ...record,
    epoch: record.epoch + 1,
    holder: {
      owner,
      node: host.name,
      address,
      server: describeServer(endpoint),
      ...(endpoint.tls && { credential: credentialOf(key) }),
    },
  };
  return [
    compareRecord(name, record, next),
    stopServing(name),
    ...shutOut(name, endpoint, next.epoch),
    ...(fence ? proveFenced(name, record) : []),
    // The record comes last: with it, all that it says is there, and only the start may be missing.
    ...letIn(name, endpoint, address, key),
    writeRecord(name, next),
    startServing(name),
  ];
}

/**
 * From now on nobody gets the volume. The record says so last: until then the holder is who gives it back. Without an
 * `endpoint` files of the export are lost: what runs still is stopped, and without the credential nothing starts.
 */
export function giveBack(
  name: string,
  record: VolumeRecord,
  endpoint: Endpoint | undefined,
  fence = false,
): Step[] {
  const { holder: _, ...rest } = record;
  const next: VolumeRecord = { ...rest, epoch: record.epoch + 1 };
  return [
    compareRecord(name, record, next),
    stopServing(name),
    ...(endpoint ? shutOut(name, endpoint, next.epoch) : [removeCredential(name)]),
    ...(fence ? proveFenced(name, record) : []),
    ...(endpoint ? [letNobodyIn(name)] : []),
    writeRecord(name, next),
  ];
}

/** What a take that was cut off before the record has left: nobody holds the volume, and that stays so. */
export function undoTake(name: string, record: VolumeRecord, endpoint: Endpoint): Step[] {
  return [
    compareRecord(name, record),
    stopServing(name),
    removeCredential(name),
    letNobodyIn(name),
    setEpoch(name, endpoint, record.epoch),
  ];
}

/**
 * Cut off from here on, nobody is served, also not after a boot; and what is served has another epoch than the record,
 * which is how the next look knows.
 */
function shutOut(name: string, endpoint: Endpoint, epoch: number): Step[] {
  return [setEpoch(name, endpoint, epoch), removeCredential(name)];
}

/** SHA-256 of the key file: tells, without the key, whether a node has it. */
export function credentialOf(key: string): string {
  return createHash("sha256").update(keyText(key)).digest("hex");
}

/**
 * With the server stopped and the image's lock free nobody can write. Only then the image is looked over, and the
 * mark by which ext4 would wait for another node's mount is cleared (which replays the journal too).
 */
function proveFenced(name: string, { fsType, mmp, partitioned }: VolumeRecord): Step[] {
  const image = cloneFile(name);
  const clear = sh`${firstPartition(partitioned)}
said=$(tune2fs -f -E clear_mmp "$part" 2>&1) || { printf '%s\n' "$said" >&2; exit 1; }`;
  return alone(
    run(
      `wait until nothing writes to ${image}`,
      waitUntil(sh`said=$(qemu-img info -f qcow2 ${image} 2>&1)`, 20, sh`printf '%s\n' "$said"`),
    ),
    run(
      `check ${image}`,
      sh`said=$(qemu-img check -q -f qcow2 ${image} 2>&1) || {
  code=$?
  [ $code != 3 ] || { said=$(qemu-img check -q -r leaks -f qcow2 ${image} 2>&1) && code=0; }
  [ $code = 0 ] || { printf '%s\n' "$said" "The image is damaged: it was not attached anywhere. Copy it, then see qemu-img(1), check -r." >&2; exit 1; }
}`,
    ),
    ...(fsType === "ext4" && mmp
      ? [
          run(
            `clear the multi-mount protection of ${name}`,
            whereDevicesAre(withLocalDevice(sh`${image}`, clear)),
          ),
        ]
      : []),
  );
}

/** A storage host serves without the module, too: the mark stays there, and who mounts the volume waits. */
function whereDevicesAre(body: Sh): Sh {
  return sh`[ -e /sys/block/nbd0 ] || modprobe nbd 2>/dev/null || true
if [ -e /sys/block/nbd0 ]; then
${body}
fi`;
}

interface Fenceable {
  readonly record: VolumeRecord | undefined;
  readonly endpoint: Endpoint | undefined;
  readonly sessions: readonly Session[];
}

export const attachmentFence: Fence<NbdAttachmentInputs> = {
  whileTaking: true,
  host: ({ storage }) => storage,
  async observe(storage, { name, owner, host }, force): Promise<Fenceable> {
    const files = await storage.fact(ourFilesFact);
    const record = readVolumeRecord(files, name, storage.name);
    const { endpoint } = servedIn(files, name);
    // Where the file that reserves it was lost, a server may run all the same.
    const port = endpoint?.port ?? portOfSocket(files.get(unitFile(exportSocket(name))));
    const holds = record?.holder?.owner === owner && record.holder.node === host.name;
    return {
      record,
      endpoint,
      sessions: holds && port !== undefined && !force ? await readSessions(storage, port) : [],
    };
  },
  plan({ name, owner, host }, { record, endpoint, sessions }: Fenceable, force) {
    if (record?.holder?.owner !== owner || record.holder.node !== host.name) return [];
    if (!force) refuseLive(name, host.name, sessions);
    return giveBack(name, record, endpoint, true);
  },
};

export function refuseLive(name: string, node: string, sessions: readonly Session[]): void {
  refuseLiveNode(name, node, live(sessions));
}

/** Of a holder that has this node's name, while this node has nothing of the volume. */
export function refuseNamesake(name: string, node: string, sessions: readonly Session[]): void {
  const shown = live(sessions);
  if (shown.length === 0) return;
  throw new Refused(
    `volume "${name}": the storage host has a live session with node "${node}" (${shown.join("; ")}), and on the host that has this name now there is nothing of the volume: it seems to be another machine. Nothing was changed.\nGive this one a name of its own, and move the volume to it. If it is the same machine, end there what still uses the volume.`,
  );
}

function live(sessions: readonly Session[]): string[] {
  return sessions
    .filter(isLive)
    .map(
      ({ peer, silentMs, received }) =>
        `${peer}, heard of ${(silentMs / 1000).toFixed(1)} s ago, ${received} bytes received from it`,
    );
}
