import { randomBytes } from "node:crypto";
import { attachedFact } from "../facts/attached.js";
import { credentialsFact } from "../facts/credentials.js";
import { mountsFact } from "../facts/mounts.js";
import { type Files, ourFilesFact } from "../facts/our-files.js";
import { readSessions, type Session } from "../facts/sessions.js";
import { unitsFact } from "../facts/units.js";
import type { Host } from "../host/host.js";
import { lookAtPath, lookAtPlace, type Misplaced } from "../mount-point.js";
import { ownerIn } from "../ownership.js";
import type { Reach, Taking } from "../resource.js";
import { unitFile } from "../systemd.js";
import { mountUnit } from "../unit-name.js";
import {
  type Holder,
  holderElsewhere,
  readVolumeRecord,
  type VolumeRecord,
  volumeEnvironmentFile,
} from "../volume-record.js";
import {
  attachmentKeyFile,
  attachScriptFile,
  attachScriptText,
  attachUnit,
  attachUnitText,
  mountUnitText,
  specOf,
} from "./attachment-files.js";
import type { NbdAttachmentInputs } from "./attachment-inputs.js";
import { type Endpoint, endpointIn, epochIn, exportSocket, exportUnit } from "./export-units.js";
import { allowListFile, hasAddress, isKeyed } from "./serving.js";

export interface ObservedAttachment {
  /** On the storage host. */
  readonly record: VolumeRecord | undefined;
  /** Where the volume is served. */
  readonly endpoint: Endpoint | undefined;
  /** The epoch that is served there. */
  readonly servedEpoch: number | undefined;
  /** The allow-list there has an address. */
  readonly allowed: boolean;
  /** The key there is its holder's, or there is none without TLS; and the condition of its units. */
  readonly keyed: boolean;
  /** Of another node that this very attachment is recorded for. */
  readonly sessions?: readonly Session[];
  /** SHA-256 of the key file on the node. */
  readonly credential: string | undefined;
  /** For the next epoch, if there will be one. */
  readonly nextKey: string;
  /** On the node: attached, mounted, writable and enabled; or something of it is there; or nothing. */
  readonly state: "live" | "broken" | "absent";
  /** Script and units are what today's inputs and the current epoch make. */
  readonly written: boolean;
  readonly fileOwner: string | undefined;
  /** Of the mount's unit, which is named after the path, and not after the volume. */
  readonly mountOwner?: string | undefined;
  /** A unit or script of that name without an owner record. */
  readonly foreignFile: string | undefined;
  /** What is mounted at the path when there are no units of ours for it. */
  readonly foreignMount: string | undefined;
  /** Where nothing is mounted: why nothing can be. */
  readonly misplaced?: Misplaced | undefined;
  /** The file system had an error, and takes no more writes. */
  readonly failed?: boolean;
  readonly options: readonly string[] | undefined;
  readonly device: string | undefined;
  /** Bytes of the device. */
  readonly bytes?: number | undefined;
  /** The file system has not grown to the device yet. */
  readonly hasRoom?: boolean | undefined;
}

export async function observeAttachment(
  node: Host,
  inputs: NbdAttachmentInputs,
  reach: Reach,
  isNew = false,
): Promise<ObservedAttachment | undefined> {
  const { name, path, storage } = inputs;
  const [storageFiles, keys, files, credentials, units, mounts, attached, looked] = await Promise.all([
    reach(storage).fact(ourFilesFact),
    reach(storage).fact(credentialsFact),
    node.fact(ourFilesFact),
    node.fact(credentialsFact),
    node.fact(unitsFact),
    node.fact(mountsFact),
    node.fact(attachedFact),
    isNew ? lookAtPath(node, path) : undefined,
  ]);
  const record = readVolumeRecord(storageFiles, name, storage.name);
  const { endpoint, servedEpoch } = servedIn(storageFiles, name);
  const attach = attachUnit(name);
  const mount = mountUnit(path);
  const paths = [attachScriptFile(name), unitFile(attach), unitFile(mount)];
  const texts = paths.map((file) => files.get(file));
  const mounted = mounts.findLast((entry) => entry.target === path);
  const device = attached.get(name);
  const there = texts.some((text) => text !== undefined) || device !== undefined;
  if (!there && !mounted && !record) return undefined;
  const misplaced = await lookAtPlace(node, path, files, mounts, looked);
  const running = [attach, mount].every(
    (unit) => units.get(unit)?.active === "active" && units.get(unit)?.enabled,
  );
  const isReadOnly = mounted?.options.includes("ro") === true;
  const failed = device !== undefined && device.errors > 0;
  const asWanted =
    mounted?.source === device?.device &&
    mounted !== undefined &&
    isReadOnly === inputs.options.includes("ro");
  const spec = record && endpoint && specOf(inputs, record, endpoint, record.epoch);
  const expected = spec && [attachScriptText(spec), attachUnitText(spec), mountUnitText(spec)];
  return {
    record,
    endpoint,
    servedEpoch,
    allowed: hasAddress(storageFiles.get(allowListFile(name))),
    keyed: isKeyed(keys, name, record?.holder?.credential),
    credential: credentials.get(attachmentKeyFile(name)),
    nextKey: randomBytes(32).toString("hex"),
    state: running && device && asWanted && !failed ? "live" : there ? "broken" : "absent",
    failed: failed || (isReadOnly && !inputs.options.includes("ro")),
    written: expected?.every((text, index) => text === texts[index]) ?? false,
    fileOwner: texts.map((text) => text && ownerIn(text)).find((owner) => owner !== undefined),
    mountOwner: ownerIn(texts[2] ?? ""),
    foreignFile: paths.find((file) => files.has(file) && ownerIn(files.get(file) ?? "") === undefined),
    foreignMount: there ? undefined : mounted?.source,
    misplaced,
    options: texts[2]
      ?.match(/^Options=(.*)$/m)?.[1]
      ?.split(",")
      .filter((option) => option !== "_netdev" && option !== "nofail"),
    device: device?.device,
    bytes: device?.bytes,
    hasRoom: device?.hasRoom,
  };
}

/** The sessions of the node that this very attachment is recorded for, unless they do not matter. */
export async function observeRival(
  observed: ObservedAttachment,
  { wanted, identity, reach, isForced }: Taking<NbdAttachmentInputs>,
): Promise<ObservedAttachment> {
  const { record, endpoint } = observed;
  const rival = holderElsewhere(record?.holder, wanted, identity) ?? namesake(observed, wanted, identity);
  if (!rival || !endpoint || isForced(rival.node)) return observed;
  return { ...observed, sessions: await readSessions(reach(wanted.storage), endpoint.port) };
}

/** The holder has this node's name, and this node has nothing of it: it may be another machine, that has it still. */
function namesake(
  { record, state }: ObservedAttachment,
  wanted: NbdAttachmentInputs,
  identity: NbdAttachmentInputs,
): Holder | undefined {
  const holder = record?.holder;
  const mine = holder?.owner === wanted.owner || holder?.owner === identity.owner;
  return mine && state === "absent" && holder.node === wanted.host.name ? holder : undefined;
}

/** What the storage host's files say of how the volume is served. */
export function servedIn(
  files: Files,
  name: string,
): { endpoint: Endpoint | undefined; servedEpoch: number | undefined } {
  const environment = files.get(volumeEnvironmentFile(name));
  const [unit, socket] = [files.get(unitFile(exportUnit(name))), files.get(unitFile(exportSocket(name)))];
  return { endpoint: endpointIn(unit, socket, environment), servedEpoch: epochIn(environment) };
}
