import { dirname } from "node:path";
import { Refused } from "../host/errors.js";
import { on, type Step } from "../host/steps.js";
import { besideMounts, besideNamesakes, MOUNTS } from "../inputs/beside.js";
import type { HostRef } from "../inputs/host-ref.js";
import { bytesOf } from "../inputs/schemas.js";
import { refuseMisplaced } from "../mount-point.js";
import { attachmentKeyFile, attachScriptFile, attachUnit } from "../nbd/attachment-files.js";
import { growFileSystem } from "../nbd/attachment-growth.js";
import {
  attachmentFence,
  giveBack,
  refuseLive,
  refuseNamesake,
  take,
  undoTake,
} from "../nbd/attachment-holding.js";
import { attachmentInputs, type NbdAttachmentInputs } from "../nbd/attachment-inputs.js";
import { type ObservedAttachment, observeAttachment, observeRival } from "../nbd/attachment-observing.js";
import {
  cutOffOnNode,
  releaseOnNode,
  removeFromNode,
  startOnNode,
  writeOnNode,
} from "../nbd/attachment-steps.js";
import { letAddressIn, startServing } from "../nbd/serving.js";
import { compareOwner, othersOwn, requireOurs } from "../ownership.js";
import { POOL } from "../pool.js";
import type { Resource } from "../resource.js";
import { unitFile } from "../systemd.js";
import { mountUnit } from "../unit-name.js";
import { checkMounted } from "../unmounted.js";
import { compareRecord, describeHolder, holderElsewhere, strandedElsewhere } from "../volume-record.js";

export const nbdAttachment: Resource<NbdAttachmentInputs, ObservedAttachment> = {
  kind: "NbdAttachment",
  inputs: attachmentInputs,
  identity: ["name", "path"],
  movable: true,
  id: ({ name }) => name,
  lock: ({ name }) => `volume-${name}`,
  needs: ({ client }) => [
    client === "qemu-nbd"
      ? { command: "qemu-nbd", package: "qemu-utils" }
      : { command: "nbd-client", package: "nbd-client" },
    { module: "nbd", devices: 16 },
  ],
  among: MOUNTS,
  beside: (inputs, others) => [
    // Mounts over NFS have no client.
    ...besideNamesakes(
      inputs,
      others.filter(({ client }) => client !== undefined),
    ),
    ...besideMounts(inputs, others),
  ],
  observe: observeAttachment,
  observeRival,
  plan(wanted, observed, identity) {
    return wanted ? planWanted(wanted, observed, identity) : planGone(observed, identity);
  },
  fence: attachmentFence,
  remains: ({ name, path }) =>
    `${unitFile(attachUnit(name))}, ${unitFile(mountUnit(path))}, ${attachScriptFile(name)}, ${dirname(attachmentKeyFile(name))}, and the mount point`,
  stranded: (inputs, { record }) => strandedElsewhere(inputs.name, record, inputs),
  leftAlone: ({ name, owner }, { fileOwner }) => othersOwn(`attachment ${name}`, fileOwner, owner),
  drift(inputs, observed) {
    const { options } = observed;
    return { ...inputs, ...(options && { options: [...options] }), status: status(observed) };
  },
  outputs: (_inputs, observed) => ({ device: observed.device, epoch: observed.record?.epoch }),
};

/** In plain words; "attached" when all is as it should be. */
function status(observed: ObservedAttachment): string {
  const { state, written, device, failed, hasRoom } = observed;
  if (failed)
    return "takes no writes after an error: the storage host was away for longer than reconnectDelay";
  const { record, servedEpoch, allowed, keyed } = observed;
  if (record && (servedEpoch !== record.epoch || (record.holder && !(allowed && keyed))))
    return "not held: the storage host does not let this node in";
  if (state === "live" && written && hasKey(observed))
    return hasRoom ? "attached, with a file system that has not grown to its disk" : "attached";
  if (state === "live") return "attached by changed files";
  return device === undefined ? "detached" : "attached, but not mounted as wanted";
}

function planWanted(
  wanted: NbdAttachmentInputs,
  observed: ObservedAttachment | undefined,
  identity: NbdAttachmentInputs,
): Step[] {
  const { name, storage } = wanted;
  const { record, endpoint } = observed ?? {};
  if (!observed || !record || !endpoint) {
    throw new Refused(
      `volume "${name}" is not exported by storage host "${storage.name}": make a LinkedClone and an NbdExport of that name first. Nothing was changed.`,
    );
  }
  if (observed.foreignMount)
    requireOurs(`a mount of ${observed.foreignMount} at ${wanted.path}`, undefined, wanted, identity);
  if (observed.foreignFile) requireOurs(observed.foreignFile, undefined, wanted, identity);
  if (observed.fileOwner !== undefined)
    requireOurs(`attachment ${name}`, observed.fileOwner, wanted, identity);
  if (observed.mountOwner !== undefined)
    requireOurs(unitFile(mountUnit(wanted.path)), observed.mountOwner, wanted, identity);
  refuseMisplaced(wanted.path, wanted.host.name, observed.misplaced);
  const { holder } = record;
  const mine = holder !== undefined && (holder.owner === wanted.owner || holder.owner === identity.owner);
  if (holder && !mine) {
    throw new Refused(
      `${describeHolder(name, holder, record.epoch)}. One volume has one writer: detach it there first. Nothing was changed.`,
    );
  }
  if (wanted.client === "nbd-client" && endpoint.tls) {
    throw new Refused(
      `volume "${name}" is exported with TLS, and nbd-client can't use its pre-shared keys: take client "qemu-nbd", or set tls: false on the NbdExport where the network is private. Nothing was changed.`,
    );
  }
  const elsewhere = holderElsewhere(holder, wanted, identity);
  if (elsewhere) refuseLive(name, elsewhere.node, observed.sessions ?? []);
  else if (mine && observed.state === "absent")
    refuseNamesake(name, wanted.host.name, observed.sessions ?? []);
  const here = mine && !elsewhere && holder.owner === wanted.owner && isServed(wanted, observed);
  const grown = observed.hasRoom ? [growFileSystem(name, wanted.path, record.fsType)] : [];
  const isKept = here && observed.state === "live" && observed.written && largeEnough(wanted, observed);
  const released =
    isKept || observed.state === "absent" ? [] : releasing(wanted, observed, mine && !elsewhere);
  const before = mine && !elsewhere ? letInAgain(name, storage, observed) : [];
  if (isKept) return [...before, ...grown];
  if (here) {
    return [
      ...before,
      ...released,
      ...on(storage, [startServing(name)]),
      ...compareOwners(wanted, identity),
      ...writeOnNode(wanted, record, endpoint, record.epoch),
      ...startOnNode(wanted, record.fsType),
    ];
  }
  const { nextKey } = observed;
  return [
    ...before,
    ...released,
    ...on(storage, take(wanted, record, endpoint, nextKey, elsewhere !== undefined)),
    ...compareOwners(wanted, identity),
    ...writeOnNode(wanted, record, endpoint, record.epoch + 1, endpoint.tls ? nextKey : undefined),
    ...startOnNode(wanted, record.fsType),
  ];
}

/** What it has from an epoch that is over leads nowhere: what waits for it is not waited for. */
function releasing(
  wanted: NbdAttachmentInputs,
  { record, servedEpoch }: ObservedAttachment,
  isHolder: boolean,
): Step[] {
  const isOver = servedEpoch !== undefined && servedEpoch !== record?.epoch;
  return [...(!isHolder || isOver ? [cutOffOnNode(wanted)] : []), ...releaseOnNode(wanted)];
}

/**
 * The holder's address is gone from the allow-list. Without its way in its node could not even write down what it has:
 * before anything else it is let in again.
 */
function letInAgain(name: string, storage: HostRef, observed: ObservedAttachment): Step[] {
  const { record, endpoint, servedEpoch, allowed } = observed;
  const address = record?.holder?.address;
  if (!record || !endpoint || servedEpoch !== record.epoch || allowed || !address) return [];
  return on(storage, [compareRecord(name, record), letAddressIn(name, address)]);
}

/** Of the two files whose names others may have, too: one is of the volume's name, one of the path. */
function compareOwners(wanted: NbdAttachmentInputs, identity: NbdAttachmentInputs): Step[] {
  const files = [attachScriptFile(wanted.name), unitFile(mountUnit(wanted.path))];
  return files.flatMap((file) => compareOwner(file, wanted, identity, false));
}

/** The storage host serves what the record says, and to this node alone. */
function isServed({ address }: NbdAttachmentInputs, observed: ObservedAttachment): boolean {
  const { record, servedEpoch, keyed } = observed;
  return servedEpoch === record?.epoch && record?.holder?.address === address && keyed && hasKey(observed);
}

function hasKey({ record, endpoint, credential }: ObservedAttachment): boolean {
  return endpoint?.tls === true
    ? credential !== undefined && credential === record?.holder?.credential
    : true;
}

/** A disk that grew is seen when it is attached anew. */
function largeEnough({ size }: NbdAttachmentInputs, { bytes = 0 }: ObservedAttachment): boolean {
  return size === undefined || bytes >= bytesOf(size);
}

function planGone(observed: ObservedAttachment | undefined, identity: NbdAttachmentInputs): Step[] {
  if (!observed) return [];
  const { record, endpoint } = observed;
  const steps: Step[] = [];
  const { fileOwner, mountOwner, foreignFile, foreignMount, state } = observed;
  if (fileOwner === identity.owner && mountOwner !== undefined && mountOwner !== identity.owner) {
    throw new Refused(
      `${unitFile(mountUnit(identity.path))} on host "${identity.host.name}" belongs to ${mountOwner}, and what it mounts too; it was left alone. Remove that first. Nothing was changed.`,
    );
  }
  const holds = record?.holder?.owner === identity.owner && record.holder.node === identity.host.name;
  if (
    fileOwner === identity.owner ||
    (fileOwner === undefined && state !== "absent" && !foreignFile && !foreignMount)
  ) {
    const leadsNowhere = record !== undefined && !holds && state !== "absent";
    steps.push(
      // Without its disk nobody could be told that it is given back.
      ...(record ? [] : on(identity.storage, [checkMounted(POOL)])),
      ...(holds && state !== "absent" ? letInAgain(identity.name, identity.storage, observed) : []),
      ...(leadsNowhere ? [cutOffOnNode(identity)] : []),
      ...releaseOnNode(identity),
      ...removeFromNode(identity),
    );
  }
  if (record && holds) {
    steps.push(...on(identity.storage, giveBack(identity.name, record, endpoint)));
  } else if (record && endpoint && !record.holder && observed.servedEpoch !== record.epoch) {
    steps.push(...on(identity.storage, undoTake(identity.name, record, endpoint)));
  }
  return steps;
}
