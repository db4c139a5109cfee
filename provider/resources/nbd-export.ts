import { credentialsFact } from "../facts/credentials.js";
import { ourFilesFact } from "../facts/our-files.js";
import { type Unit, unitsFact } from "../facts/units.js";
import { Refused } from "../host/errors.js";
import { remove, type Step } from "../host/steps.js";
import { write } from "../host/writing.js";
import { besideNamesakes } from "../inputs/beside.js";
import { checkWithoutTls, type NbdExportInputs, nbdExportInputs } from "../nbd/export-inputs.js";
import {
  describeServer,
  type Endpoint,
  endpointIn,
  epochIn,
  exportSocket,
  exportSocketText,
  exportUnit,
  exportUnitText,
  portIn,
  portOfSocket,
  writeSocket,
} from "../nbd/export-units.js";
import { reservePort } from "../nbd/ports.js";
import {
  isKeyed,
  removeAllowList,
  removeCredential,
  setEpoch,
  startServing,
  stopServing,
} from "../nbd/serving.js";
import { othersOwn, ownerIn, requireOurs } from "../ownership.js";
import type { Resource } from "../resource.js";
import { enableUnits, refreshUnits, removeUnits, stopUnit, unitFile } from "../systemd.js";
import {
  compareRecord,
  describeOwner,
  readVolumeRecord,
  type VolumeRecord,
  volumeEnvironmentFile,
} from "../volume-record.js";

export interface ObservedNbdExport {
  readonly record: VolumeRecord | undefined;
  /** The service's unit. */
  readonly file: string | undefined;
  /** The socket's unit. */
  readonly socketFile: string | undefined;
  readonly unit: Unit | undefined;
  readonly socket: Unit | undefined;
  readonly port: number | undefined;
  /** That is served. */
  readonly epoch: number | undefined;
  readonly endpoint: Endpoint | undefined;
  /** What its holder is served with is there. */
  readonly keyed?: boolean;
}

export const nbdExport: Resource<NbdExportInputs, ObservedNbdExport> = {
  kind: "NbdExport",
  inputs: nbdExportInputs,
  identity: ["name"],
  id: ({ name }) => name,
  lock: ({ name }) => `volume-${name}`,
  needs: () => [{ command: "qemu-nbd", package: "qemu-utils" }],
  check: checkWithoutTls,
  beside(inputs, others) {
    const taken = others.find(({ address, port }) => port === inputs.port && address === inputs.address);
    if (inputs.port === undefined || !taken) return besideNamesakes(inputs, others);
    return [
      {
        property: "port",
        reason: `${inputs.port} is also that of ${describeOwner(taken.owner)} on this host`,
      },
    ];
  },
  async observe(host, { name }) {
    const [files, units, credentials] = await Promise.all([
      host.fact(ourFilesFact),
      host.fact(unitsFact),
      host.fact(credentialsFact),
    ]);
    const [unit, socket] = [exportUnit(name), exportSocket(name)];
    const [file, socketFile] = [files.get(unitFile(unit)), files.get(unitFile(socket))];
    const record = readVolumeRecord(files, name, host.name);
    if (file === undefined && socketFile === undefined && !record) return undefined;
    const environment = files.get(volumeEnvironmentFile(name));
    return {
      record,
      file,
      socketFile,
      unit: units.get(unit),
      socket: units.get(socket),
      port: portIn(environment),
      epoch: epochIn(environment),
      endpoint: endpointIn(file, socketFile, environment),
      keyed: isKeyed(credentials, name, record?.holder?.credential),
    };
  },
  plan(wanted, observed, identity) {
    return wanted ? planWanted(wanted, observed, identity) : planGone(observed, identity);
  },
  leftAlone({ name, owner }, { file, socketFile }) {
    const text = file ?? socketFile;
    return text === undefined ? undefined : othersOwn(unitFile(exportUnit(name)), ownerIn(text), owner);
  },
  drift(inputs, observed) {
    const { endpoint, port } = observed;
    return {
      ...inputs,
      address: serves(observed) ? (endpoint?.address ?? "") : "",
      ...(inputs.port !== undefined && port !== undefined && { port }),
      ...(endpoint && { tls: endpoint.tls }),
      status: status(inputs, observed),
    };
  },
  outputs: (_inputs, observed) => ({ servedPort: observed.port }),
};

/**
 * While nobody holds the volume there is nothing to serve, and the socket waits for its condition. Nor is there while
 * its holder was shut out, and the record does not say so yet, or where what it is served with is lost: then its
 * attachment goes on.
 */
function serves({ record, socket, epoch, keyed }: ObservedNbdExport): boolean {
  const isHeld = record?.holder !== undefined && record.epoch === epoch && keyed;
  return socket?.enabled === true && (!isHeld || socket.active === "active");
}

function planWanted(
  wanted: NbdExportInputs,
  observed: ObservedNbdExport | undefined,
  identity: NbdExportInputs,
): Step[] {
  const { name } = wanted;
  const [unit, socket] = [exportUnit(name), exportSocket(name)];
  if (!observed?.record) {
    throw new Refused(
      `there is no volume "${name}" on host "${wanted.host.name}" to export: make a LinkedClone of that name first. Nothing was changed.`,
    );
  }
  const { record, file, socketFile, port, unit: unitState, socket: socketState } = observed;
  const written = isWritten(wanted, observed);
  if (file !== undefined) requireOurs(unitFile(unit), ownerIn(file), wanted, identity);
  if (socketFile !== undefined) requireOurs(unitFile(socket), ownerIn(socketFile), wanted, identity);
  // Its port is in the socket's unit too, where the file that reserves it was lost.
  const known = port ?? portOfSocket(socketFile);
  const placed = known !== undefined && (wanted.port === undefined || wanted.port === known);
  refuseWhileHeld(wanted, record, known);
  if (written && serves(observed)) return [];
  // Of what was never there nothing runs; and without a holder nothing would start.
  const isNew = file === undefined && socketFile === undefined && !observed.unit && !observed.socket;
  // systemd starts no socket beside a server that runs already.
  const isAlone = unitState?.active === "active" && socketState?.active !== "active";
  return [
    compareRecord(name, record),
    // Before its files are: cut off anywhere behind, the next look sees that it is not served.
    ...(isNew || (written && !isAlone) ? [] : [stopServing(name)]),
    // First what says whose it is: cut off anywhere behind, a delete finds the rest.
    ...(written ? [] : [write(unitFile(unit), exportUnitText(wanted))]),
    ...(placed ? [] : [reservePort(name, wanted.port, record.epoch)]),
    ...(placed && port === undefined ? [setEpoch(name, { port: known }, record.epoch)] : []),
    ...(written ? [] : [writeSocket(wanted)]),
    ...(written ? [] : [refreshUnits(unit)]),
    enableUnits(socket),
    ...(isNew && !record.holder ? [] : [startServing(name)]),
  ];
}

/** In plain words; "served" when its files are as they should be. */
function status(inputs: NbdExportInputs, observed: ObservedNbdExport): string {
  if (isWritten(inputs, observed)) return "served";
  return observed.endpoint ? "served by changed files" : "not served: its units or its port are gone";
}

/** The units are what today's inputs make, and systemd has read them. */
function isWritten(
  wanted: NbdExportInputs,
  { file, socketFile, unit, socket, port }: ObservedNbdExport,
): boolean {
  return (
    port !== undefined &&
    (wanted.port === undefined || wanted.port === port) &&
    file === exportUnitText(wanted) &&
    socketFile === exportSocketText({ ...wanted, port }) &&
    unit?.needsReload === false &&
    socket?.needsReload === false
  );
}

/** A node finds the volume where it was told to: elsewhere it would not, and its writers would get errors. */
function refuseWhileHeld(
  { name, address, port, tls, host }: NbdExportInputs,
  { holder, epoch }: VolumeRecord,
  reserved: number | undefined,
): void {
  if (!holder?.server || reserved === undefined) return;
  const server = describeServer({ address, port: port ?? reserved, tls });
  if (server === holder.server) return;
  throw new Refused(
    `export "${name}" on host "${host.name}" can't change from ${holder.server} to ${server} while node "${holder.node}" has it attached (${describeOwner(holder.owner)}, epoch ${epoch}): detach it first. Nothing was changed.`,
  );
}

function planGone(observed: ObservedNbdExport | undefined, { name, owner, host }: NbdExportInputs): Step[] {
  const text = observed?.file ?? observed?.socketFile;
  if (text === undefined || ownerIn(text) !== owner) return [];
  const holder = observed?.record?.holder;
  if (holder) {
    throw new Refused(
      `export "${name}" on host "${host.name}" is in use: node "${holder.node}" has it attached by ${describeOwner(holder.owner)}, epoch ${observed?.record?.epoch}. Detach it first. Nothing was changed.`,
    );
  }
  const [unit, socket] = [exportUnit(name), exportSocket(name)];
  // Last what says whose it is: cut off anywhere before, the next delete goes on.
  return [
    ...(observed?.record ? [compareRecord(name, observed.record)] : []),
    stopUnit(socket, 60),
    stopUnit(unit, 60),
    removeCredential(name),
    removeAllowList(name),
    remove(volumeEnvironmentFile(name)),
    removeUnits(socket, unit),
  ];
}
