import { isDeepStrictEqual } from "node:util";
import type { ContainerInfo } from "../host/docker.js";
import { duration, formatSize } from "../inputs/schemas.js";
import { type DockerContainerInputs, type HealthCheck, NANO_CPUS } from "./inputs.js";
import { type Port, portKey } from "./ports.js";
import { type Bindings, bindSource, type EngineHealthCheck, NANOSECONDS, SET_LABEL } from "./spec.js";
import type { Volume } from "./volumes.js";

/** The inputs that a container is made from: another value is another container. */
const SPEC = [
  "image",
  "imageId",
  "command",
  "entrypoint",
  "environment",
  "ports",
  "volumes",
  "user",
  "networkMode",
  "memory",
  "cpus",
  "labels",
  "healthCheck",
] as const;

type Spec = Pick<DockerContainerInputs, (typeof SPEC)[number]>;

/** The inputs that the container differs from, as they are on the host. */
export function differences(inputs: DockerContainerInputs, info: ContainerInfo): Partial<Spec> {
  const found = specIn(info, inputs);
  const differing = SPEC.filter(
    (key) =>
      (key !== "imageId" || inputs.imageId) && !isDeepStrictEqual(orNone(inputs[key]), orNone(found[key])),
  );
  return Object.fromEntries(differing.map((key) => [key, found[key]]));
}

/** An empty list or map and none are the same. */
function orNone(value: unknown): unknown {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0 ? undefined : value;
}

/** The inverse of {@link containerOptions}, from what the Engine says of a container. */
function specIn(info: ContainerInfo, inputs: DockerContainerInputs): Spec {
  const { Config: config, HostConfig: hostConfig } = info;
  const labels = config.Labels ?? {};
  const names = parseNames(labels[SET_LABEL]);
  const has = (name: string): boolean => names.includes(name);
  const environment = (config.Env ?? []).map((entry): [string, string] => {
    const end = entry.indexOf("=");
    return [entry.slice(0, end), entry.slice(end + 1)];
  });
  return {
    image: config.Image,
    imageId: info.Image,
    command: has("command") ? (config.Cmd ?? undefined) : undefined,
    entrypoint: has("entrypoint") ? entrypointIn(config.Entrypoint) : undefined,
    environment: Object.fromEntries(environment.filter(([name]) => has(`environment.${name}`))),
    ports: portsIn(hostConfig.PortBindings as Bindings | null),
    volumes: volumesIn(info, inputs),
    user: has("user") ? config.User : undefined,
    networkMode: hostConfig.NetworkMode === "default" ? "bridge" : (hostConfig.NetworkMode ?? ""),
    memory: hostConfig.Memory ? formatSize(hostConfig.Memory) : undefined,
    cpus: hostConfig.NanoCpus ? hostConfig.NanoCpus / NANO_CPUS : undefined,
    labels: Object.fromEntries(Object.entries(labels).filter(([name]) => has(`labels.${name}`))),
    healthCheck: has("healthCheck") ? healthCheckIn(config.Healthcheck) : undefined,
  };
}

/** One empty word takes away the image's own, and the Engine keeps it as none. */
function entrypointIn(found: string | string[] | null | undefined): string[] {
  const words = [found ?? []].flat();
  return words.length > 0 ? words : [""];
}

function parseNames(text: string | undefined): string[] {
  try {
    return JSON.parse(text ?? "[]") as string[];
  } catch {
    return [];
  }
}

export function portsIn(bindings: Bindings | null | undefined): Port[] {
  const ports = Object.entries(bindings ?? {}).flatMap(([name, places]) => {
    const [internal, protocol] = name.split("/");
    return (places ?? []).map(({ HostIp, HostPort }) => ({
      internal: Number(internal),
      external: Number(HostPort),
      ...(HostIp && { ip: HostIp }),
      protocol: protocol as Port["protocol"],
    }));
  });
  return ports.sort((a, b) => (portKey(a) < portKey(b) ? -1 : 1));
}

/** A bind has one path: where the mount ends in it is known from the inputs alone. */
function volumesIn(
  { HostConfig: { Mounts } }: ContainerInfo,
  { volumes = [] }: DockerContainerInputs,
): Volume[] {
  const found = (Mounts ?? []).map(({ Source = "", Target: target, ReadOnly: readOnly = false }): Volume => {
    const same = volumes.find((volume) => volume.target === target && bindSource(volume) === Source);
    const end = Source.lastIndexOf("/");
    const place = same ?? { source: Source.slice(0, end), subdirectory: Source.slice(end + 1) };
    return { source: place.source, target, subdirectory: place.subdirectory, readOnly };
  });
  return found.sort((a, b) => (a.target < b.target ? -1 : 1));
}

function healthCheckIn(found: EngineHealthCheck | undefined): HealthCheck {
  const { Test = [], Interval = 0, Timeout = 0, StartPeriod = 0, Retries = 0 } = found ?? {};
  const time = (nanoseconds: number): string => duration.parse(`${Math.round(nanoseconds / NANOSECONDS)}ms`);
  return {
    command: Test.slice(1),
    interval: time(Interval),
    timeout: time(Timeout),
    retries: Retries,
    startPeriod: time(StartPeriod),
  };
}
