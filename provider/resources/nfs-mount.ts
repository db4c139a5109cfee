import { type Mount, mountsFact } from "../facts/mounts.js";
import { ourFilesFact } from "../facts/our-files.js";
import { staleMountsFact } from "../facts/stale-mounts.js";
import { type Unit, unitsFact } from "../facts/units.js";
import { Refused } from "../host/errors.js";
import { sh } from "../host/sh.js";
import { on, run, type Step } from "../host/steps.js";
import { write } from "../host/writing.js";
import { besideMounts, MOUNTS } from "../inputs/beside.js";

import {
  lookAtPath,
  lookAtPlace,
  type Misplaced,
  makeMountPoint,
  refuseMisplaced,
  removeMountPoint,
} from "../mount-point.js";
import { type Holding, observeHolding, observeRivalClients } from "../nfs/holder-observing.js";
import { giveDirectoryBack, nfsFence, refuseLiveClient, serveHolder, takeDirectory } from "../nfs/holding.js";
import { type NfsMountInputs, nfsMountInputs } from "../nfs/mount-inputs.js";

import { compareOwner, header, othersOwn, ownerIn, requireOurs } from "../ownership.js";
import type { Resource } from "../resource.js";
import { enableUnits, removeUnits, startUnits, stopUnit, unitFile } from "../systemd.js";
import { refuseHeld } from "../unheld.js";
import { mountUnit } from "../unit-name.js";
import { compareRecord, describeHolder, holderElsewhere, strandedElsewhere } from "../volume-record.js";

export interface ObservedNfsMount extends Holding {
  readonly file: string | undefined;
  readonly unit: Unit | undefined;
  /** What is mounted at the path now. */
  readonly mount: Mount | undefined;
  /** What was mounted is gone from the storage host. */
  readonly stale?: boolean;
  /** Where nothing is mounted: why nothing can be. */
  readonly misplaced?: Misplaced | undefined;
}

export const nfsMount: Resource<NfsMountInputs, ObservedNfsMount> = {
  kind: "NfsMount",
  inputs: nfsMountInputs,
  identity: ["name", "path"],
  movable: true,
  id: ({ name }) => name,
  lock: ({ name, storage }) => (storage ? `volume-${name}` : `mount-${name}`),
  needs: () => [{ command: "mount.nfs4", package: "nfs-common" }],
  among: MOUNTS,
  beside: besideMounts,
  check({ storage, address }, unjudged) {
    if (
      (storage === undefined) === (address === undefined) ||
      unjudged.has("storage") ||
      unjudged.has("address")
    )
      return [];
    return storage
      ? [
          {
            property: "address",
            reason: "is required with storage: the node's address on the storage network",
          },
        ]
      : [{ property: "storage", reason: "is required with address: the storage host" }];
  },
  async observe(host, inputs, reach, isNew) {
    const { path, storage } = inputs;
    const [held, files, units, mounts, stale, looked] = await Promise.all([
      storage ? observeHolding(reach(storage), inputs) : undefined,
      host.fact(ourFilesFact),
      host.fact(unitsFact),
      host.fact(mountsFact),
      host.fact(staleMountsFact),
      isNew ? lookAtPath(host, path) : undefined,
    ]);
    const file = files.get(unitFile(mountUnit(path)));
    const mount = mounts.findLast((entry) => entry.target === path);
    const misplaced = await lookAtPlace(host, path, files, mounts, looked);
    if (file === undefined && !mount && !held?.record && !misplaced) return undefined;
    return { file, unit: units.get(mountUnit(path)), mount, stale: stale.has(path), misplaced, ...held };
  },
  observeRival: observeRivalClients,
  plan(wanted, observed, identity) {
    return wanted ? planWanted(wanted, observed, identity) : planGone(observed, identity);
  },
  fence: nfsFence,
  remains: ({ path }) => `${unitFile(mountUnit(path))}, and the mount point`,
  stranded: (inputs, { record }) =>
    inputs.storage ? strandedElsewhere(inputs.name, record, inputs) : undefined,
  leftAlone: ({ path, owner }, { file }) =>
    file === undefined ? undefined : othersOwn(unitFile(mountUnit(path)), ownerIn(file), owner),
  drift(inputs, observed) {
    const { file, unit, mount, stale } = observed;
    if (inputs.storage && !(isHeldBy(inputs, observed) && observed.served))
      return { ...inputs, status: "not held: the storage host does not let this node in" };
    const lives = mount?.source === inputs.source && unit?.active === "active" && unit.enabled;
    if (lives && file === unitText(inputs))
      return stale ? { ...inputs, status: "stale file handle" } : inputs;
    const source = mount?.source ?? "";
    const options = file === unitText(inputs) ? inputs.options : optionsIn(file);
    // Of a unit that was changed, or written by another version, the rest may be what differs.
    const isSame = source === inputs.source && options.join() === inputs.options.join();
    return { ...inputs, source, options, ...(lives && isSame && { status: "mounted by a changed unit" }) };
  },
  outputs: ({ storage }, { record }) => (storage ? { epoch: record?.epoch } : {}),
};

/** The record names this mount, on this node and at this address. */
function isHeldBy({ owner, host, address }: NfsMountInputs, { record }: ObservedNfsMount): boolean {
  const { holder } = record ?? {};
  return holder?.owner === owner && holder.node === host.name && holder.address === address;
}

function planWanted(
  wanted: NfsMountInputs,
  observed: ObservedNfsMount | undefined,
  identity: NfsMountInputs,
): Step[] {
  const { path, source } = wanted;
  const unit = mountUnit(path);
  const text = unitText(wanted);
  if (observed?.file !== undefined) requireOurs(unitFile(unit), ownerIn(observed.file), wanted, identity);
  else if (observed?.mount)
    requireOurs(`a mount of ${observed.mount.source} at ${path}`, undefined, wanted, identity);
  refuseMisplaced(path, wanted.host.name, observed?.misplaced);
  const written = observed?.file === text;
  const live =
    observed?.mount?.source === source && observed.unit?.active === "active" && observed.unit.enabled;
  const holding = hold(wanted, observed, identity);
  const keeps = !wanted.storage || (observed !== undefined && isHeldBy(wanted, observed));
  if (written && live && !observed.stale && keeps) return holding;
  // One that still tries does so with what its unit said before.
  const tries = !written && observed?.unit?.active === "activating";
  return [
    ...(observed?.mount || tries ? [stopUnit(unit, 120)] : []),
    ...holding,
    // First what says whose it is: cut off anywhere behind, a delete finds the rest.
    ...(written
      ? []
      : [
          ...compareOwner(
            unitFile(unit),
            wanted,
            identity,
            holding.length === 0 && !observed?.mount && !tries,
          ),
          write(unitFile(unit), text),
        ]),
    ...(observed?.mount ? [] : [makeMountPoint(path)]),
    enableUnits(unit),
    startUnits(60, unit),
  ];
}

/** Where one alone may have it: the steps on the storage host that make it this one. */
function hold(
  wanted: NfsMountInputs,
  observed: ObservedNfsMount | undefined,
  identity: NfsMountInputs,
): Step[] {
  const { name, storage, source } = wanted;
  if (!storage) return [];
  const { record, served, sessions = [], isForced } = observed ?? {};
  if (!observed || !record) {
    throw new Refused(
      `volume "${name}" is not exported by storage host "${storage.name}" to one node at a time: make an NfsExport of that name with access "single" first. Nothing was changed.`,
    );
  }
  if (!source.endsWith(`:${record.path}`)) {
    throw new Refused(
      `source: ${source} is not volume "${name}" of storage host "${storage.name}", which is ${record.path}. Nothing was changed.`,
    );
  }
  const { holder } = record;
  if (holder && holder.owner !== wanted.owner && holder.owner !== identity.owner) {
    throw new Refused(
      `${describeHolder(name, holder, record.epoch)}. One volume has one writer: detach it there first. Nothing was changed.`,
    );
  }
  if (isHeldBy(wanted, observed))
    return served ? [] : on(storage, [compareRecord(name, record), ...serveHolder(name, record)]);
  const elsewhere = holderElsewhere(holder, wanted, identity);
  if (elsewhere && !isForced) {
    refuseLiveClient(name, elsewhere.node, sessions);
    if (elsewhere.address === wanted.address) {
      throw new Refused(
        `address: node "${wanted.host.name}" comes from ${wanted.address}, as node "${elsewhere.node}" does, which has volume "${name}": over NFS nothing else tells them apart, and what shuts the one out would let it in again for the other. Give it an address of its own. Nothing was changed.\nIf the other can't come back, or both are one host, set fence: "force" beside lost.`,
      );
    }
  }
  return on(storage, takeDirectory(wanted, record, elsewhere ? sessions : undefined));
}

function planGone(observed: ObservedNfsMount | undefined, identity: NfsMountInputs): Step[] {
  const { name, path, source, host, owner, storage } = identity;
  const { file, mount, record } = observed ?? {};
  const unit = mountUnit(path);
  const steps: Step[] = [];
  const held = storage && record?.holder?.owner === owner && record.holder.node === host.name;
  if (file === undefined ? held && mount?.source === source : ownerIn(file) === owner) {
    steps.push(stopUnit(unit, 120), ...checkReleased(identity), removeMountPoint(path), removeUnits(unit));
  }
  if (held) steps.push(...on(storage, giveDirectoryBack(name, record)));
  return steps;
}

/** Of one that is alone, also in the name spaces of containers that were started by hand: they would go on writing. */
function checkReleased({ path, source, host, storage }: NfsMountInputs): Step[] {
  const unmounted = sh`if mountpoint -q ${path}; then echo "it still is" >&2; exit 1; fi`;
  const held = storage ? sh`\n${refuseHeld(sh`${` - nfs4 ${source} `}`)}` : sh``;
  return [run(`check that ${path} on ${host.name} is not mounted`, sh`${unmounted}${held}`)];
}

function unitText({ owner, name, source, path, options }: NfsMountInputs): string {
  // `nofail`: a storage host that is away does not hold up the node's boot; `retry` (minutes): the mount waits for it.
  const all = [...options, "_netdev", "nofail", "retry=10080"].join(",");
  // Of a node that is the storage host, too, the server stops last.
  return `${header(owner)}[Unit]
Description=Mooring: data volume ${name} over NFS
After=network-online.target nfs-server.service
Wants=network-online.target

[Mount]
What=${source}
Where=${path}
Type=nfs4
Options=${all}
TimeoutSec=infinity

[Install]
WantedBy=multi-user.target
`;
}

function optionsIn(file: string | undefined): string[] {
  const ours = ["_netdev", "nofail", "retry=10080"];
  const options = file?.match(/^Options=(.*)$/m)?.[1]?.split(",") ?? [];
  return options.filter((option) => !ours.includes(option));
}
