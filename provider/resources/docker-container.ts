import { dockerNeeds } from "../container/docker-needs.js";
import { differences, portsIn } from "../container/found.js";
import { type ImageRecord, recordsOf, removeImage } from "../container/image-records.js";
import {
  checkContainer,
  containerInputs,
  type DockerContainerInputs,
  hasPorts,
} from "../container/inputs.js";
import { besidePorts, type Port } from "../container/ports.js";
import { type Bindings, bindSource, OWNER_LABEL } from "../container/spec.js";
import {
  checkDirectory,
  checkImage,
  checkPorts,
  createContainer,
  makeDirectory,
  removeContainer,
  waitReady,
} from "../container/steps.js";
import {
  containerUnit,
  enableUnit,
  startUnit,
  stopUnit,
  unitInputs,
  unitText,
  wantedBy,
  writeUnit,
} from "../container/unit.js";
import type { Volume } from "../container/volumes.js";
import { unlessWithoutDocker } from "../container/without-docker.js";
import { ourFilesFact } from "../facts/our-files.js";
import { type Unit, unitsFact } from "../facts/units.js";
import type { ContainerInfo } from "../host/docker.js";
import { Refused } from "../host/errors.js";
import type { Host } from "../host/host.js";
import type { Step } from "../host/steps.js";
import { besideNamesakes } from "../inputs/beside.js";
import { othersOwn, ownerIn, requireOurs } from "../ownership.js";
import type { CommonInputs, Resource } from "../resource.js";
import { disableUnits, forgetGone, readLinks, refreshUnits, removeUnits, unitFile } from "../systemd.js";

export interface ObservedDockerContainer {
  readonly container: ContainerInfo | undefined;
  /** Where there is none of that name: this resource's, which somebody renamed. */
  readonly renamed?: string | undefined;
  readonly file: string | undefined;
  readonly unit: Unit | undefined;
  /** Of the container's image, when its resources are gone and this container is the last that uses it. */
  readonly leftImage: readonly ImageRecord[];
}

export const dockerContainer: Resource<DockerContainerInputs, ObservedDockerContainer> = {
  kind: "DockerContainer",
  inputs: containerInputs,
  identity: ["name"],
  movable: true,
  remains: ({ name }) => `container ${name}, and ${unitFile(containerUnit(name))}`,
  id: ({ name }) => name,
  lock: ({ name }) => `container-${name}`,
  needs: () => dockerNeeds,
  check: checkContainer,
  beside: (inputs, others) => [...besideNamesakes(inputs, others), ...besidePorts(inputs, others)],
  async observe(host, inputs) {
    const { name } = inputs;
    const [{ container, renamed }, files, units] = await Promise.all([
      unlessWithoutDocker(host, findContainer(host, inputs)).then((found = {}) => found),
      host.fact(ourFilesFact),
      host.fact(unitsFact),
    ]);
    const file = files.get(unitFile(containerUnit(name)));
    if (!container && !renamed && file === undefined) return undefined;
    const records = container ? recordsOf(files, container.Config.Image, host.name) : [];
    const leftImage = await lastUse(host, inputs, container, records);
    return { container, renamed, file, unit: units.get(containerUnit(name)), leftImage };
  },
  warnings: warnOfOwnVolumes,
  ofMove: describeOtherImage,
  plan(wanted, observed, identity) {
    return wanted ? planWanted(wanted, observed, identity) : planGone(observed, identity);
  },
  leftAlone({ name, owner }, { container, file }) {
    const theirs = container && container.Config.Labels?.[OWNER_LABEL] !== owner;
    if (theirs) return othersOwn(`container ${name}`, container.Config.Labels?.[OWNER_LABEL], owner);
    return file === undefined ? undefined : othersOwn(unitFile(containerUnit(name)), ownerIn(file), owner);
  },
  drift(inputs, observed) {
    const { container, file } = observed;
    return {
      ...inputs,
      ...(container && differences(inputs, container)),
      ...(file !== undefined && file !== unitText(inputs) && unitInputs(file)),
      status: status(inputs, observed),
    };
  },
};

function planWanted(
  wanted: DockerContainerInputs,
  observed: ObservedDockerContainer | undefined,
  identity: DockerContainerInputs,
): Step[] {
  const { name } = wanted;
  const { container, renamed, file, unit, leftImage = [] } = observed ?? {};
  if (renamed !== undefined) refuseRenamed(wanted, renamed);
  const path = unitFile(containerUnit(name));
  if (file !== undefined) requireOurs(path, ownerIn(file), wanted, identity);
  if (container) requireOurs(`container "${name}"`, container.Config.Labels?.[OWNER_LABEL], wanted, identity);
  const kept = container !== undefined && fits(wanted, container);
  const text = unitText(wanted);
  const written = file === text;
  const enabled = unit?.enabled && file !== undefined && wantedBy(file) === wantedBy(text);
  const steps: Step[] = [];
  if (!kept) {
    // What can't be made leaves the one that runs as it is.
    if (container) steps.push(checkImage(wanted), ...checkPorts(newPorts(wanted, container)));
    for (const volume of wanted.volumes ?? [])
      steps.push(isBound(volume, container) ? checkDirectory(volume) : makeDirectory(volume));
    if (file !== undefined) steps.push(stopUnit(identity));
    if (container) steps.push(removeContainer(identity));
    steps.push(createContainer(wanted));
  }
  if (!written) steps.push(writeUnit(wanted));
  if (!enabled) steps.push(enableUnit(name));
  if (!written || unit?.needsReload) steps.push(refreshUnits(containerUnit(name)));
  if (!kept || !lives(container, unit)) steps.push(startUnit(wanted), waitReady(wanted));
  // Reading everything takes seconds on a slow host, which the container needs to become ready.
  if (!enabled || unit?.unreadLinks) steps.push(readLinks);
  if (!kept && container?.Config.Image !== wanted.image) steps.push(...cleared(leftImage));
  return steps;
}

function planGone(observed: ObservedDockerContainer | undefined, identity: DockerContainerInputs): Step[] {
  const { container, renamed, file, leftImage = [] } = observed ?? {};
  if (renamed !== undefined) refuseRenamed(identity, renamed);
  const containerIsOurs = container?.Config.Labels?.[OWNER_LABEL] === identity.owner;
  const unitIsOurs = file === undefined ? containerIsOurs : ownerIn(file) === identity.owner;
  return [
    ...(unitIsOurs ? [stopUnit(identity)] : []),
    ...(containerIsOurs ? [removeContainer(identity), ...cleared(leftImage)] : []),
    ...(unitIsOurs ? forgetUnit(identity.name) : []),
  ];
}

/** What the container that is there does not publish itself. */
function newPorts({ ports = [] }: DockerContainerInputs, { HostConfig }: ContainerInfo): Port[] {
  // It listens on the node itself.
  if (!hasPorts(HostConfig.NetworkMode)) return [];
  const own = portsIn(HostConfig.PortBindings as Bindings | null);
  return ports.filter(
    ({ external, protocol }) => !own.some((port) => port.external === external && port.protocol === protocol),
  );
}

function isBound(volume: Volume, container: ContainerInfo | undefined): boolean {
  return (container?.HostConfig.Mounts ?? []).some(({ Source }) => Source === bindSource(volume));
}

/** Docker, when it is started again, would still want it, without its file too, and with it the mount that it is bound to. */
function forgetUnit(name: string): Step[] {
  const unit = containerUnit(name);
  return [disableUnits(unit), readLinks, forgetGone, removeUnits(unit)];
}

/** The container is the one that is wanted; whether it runs is another question. */
function fits(wanted: DockerContainerInputs, container: ContainerInfo): boolean {
  return (
    container.Config.Labels?.[OWNER_LABEL] === wanted.owner &&
    !startedByDocker(container) &&
    Object.keys(differences(wanted, container)).length === 0
  );
}

function startedByDocker({ HostConfig }: ContainerInfo): boolean {
  return !["", "no"].includes(HostConfig.RestartPolicy?.Name ?? "");
}

function lives(container: ContainerInfo | undefined, unit: Unit | undefined): boolean {
  const state = container?.State;
  return state?.Status === "running" && state.Health?.Status !== "unhealthy" && unit?.active === "active";
}

/** In plain words; "running" when all is as it should be. */
function status(
  inputs: DockerContainerInputs,
  { container, renamed, file, unit }: ObservedDockerContainer,
): string {
  if (!container) return renamed === undefined ? "missing" : `renamed to ${renamed}`;
  const { State: state } = container;
  if (state.Status === "exited") return `exited with code ${state.ExitCode}`;
  if (state.Status !== "running") return state.Status;
  if (state.Health?.Status === "unhealthy") return "unhealthy";
  if (startedByDocker(container)) return "running under a restart policy of Docker's";
  if (file === undefined || unit?.active !== "active") return "running without its unit";
  if (!unit.enabled) return "running, but not at the next boot";
  if (file === unitText(inputs)) return "running";
  const shown = unitText({ ...inputs, ...unitInputs(file) });
  return file === shown ? "running" : "running under a changed unit";
}

/** The same reference, and yet another image: a database may start in another version on the data. */
function describeOtherImage(before: DockerContainerInputs, after: DockerContainerInputs): string | undefined {
  const { name, image, imageId } = after;
  if (before.image !== image || !before.imageId || !imageId || before.imageId === imageId) return undefined;
  return `container "${name}": ${image} is another image on host "${after.host.name}" (${imageId}) than on host "${before.host.name}", where it ran (${before.imageId}): each host has what the tag meant when it got there. For the same one everywhere, name it with its digest`;
}

/** What the image declares as a volume is on the node's own disk, unless one of the container's is mounted there. */
function warnOfOwnVolumes(
  { name, host, volumes = [] }: DockerContainerInputs,
  { container }: ObservedDockerContainer,
): { about: string; text: string }[] {
  if (volumes.length === 0) return [];
  return (container?.Mounts ?? [])
    .filter(({ Type }) => Type === "volume")
    .map(({ Destination: path }) => ({
      about: `container ${name} at ${path}`,
      text: `container "${name}" on host "${host.name}": its image declares a volume of its own at ${path} (VOLUME). What is written there is on this host alone: it is not on the data volume, and does not move. Should it, mount the data volume there`,
    }));
}

/** Two containers on the same data would destroy it; and one that goes on has its volume. */
function refuseRenamed({ name, host }: DockerContainerInputs, renamed: string): never {
  throw new Refused(
    `container "${name}" on host "${host.name}" was renamed to "${renamed}", and may be running under that name, on the same data. Nothing was changed.\nRename it back there: docker rename ${renamed} ${name}; or remove it: docker rm -f ${renamed}.`,
  );
}

function cleared(records: readonly ImageRecord[]): Step[] {
  const [record] = records;
  return record ? removeImage(record.image, records) : [];
}

async function findContainer(
  host: Host,
  { name, owner }: DockerContainerInputs,
): Promise<Pick<ObservedDockerContainer, "renamed"> & { container?: ContainerInfo }> {
  const container = await host.engine.container(name);
  if (container) return { container };
  const [renamed] = await host.engine.labelled(OWNER_LABEL, owner);
  return renamed === undefined ? {} : { renamed };
}

async function lastUse(
  host: Host,
  { name, imageOwner, abandoned }: DockerContainerInputs & Pick<CommonInputs, "abandoned">,
  container: ContainerInfo | undefined,
  records: readonly ImageRecord[],
): Promise<readonly ImageRecord[]> {
  // A lost host was not told that the image's resource went.
  const isLeft = ({ left, owner }: ImageRecord): boolean =>
    left || (abandoned && owner === imageOwner) || false;
  if (!container || records.length === 0 || !records.every(isLeft)) return [];
  const users = await host.engine.usersOf(container.Image);
  return users.every((user) => user === name) ? records : [];
}
