import type { ContainerOptions } from "../host/docker.js";
import { bytesOf, millisecondsOf } from "../inputs/schemas.js";
import { type DockerContainerInputs, type HealthCheck, LABEL, NANO_CPUS } from "./inputs.js";
import type { Port } from "./ports.js";
import type { Volume } from "./volumes.js";

/** The owner record: the URN of the resource. */
export const OWNER_LABEL = `${LABEL}owner`;
/** What the program set of that which an image can set too: the rest is the image's, and no drift. */
export const SET_LABEL = `${LABEL}set`;

export const NANOSECONDS = 1e6;

/** The directory on the node that a volume binds. */
export function bindSource({ source, subdirectory }: Volume): string {
  return `${source}/${subdirectory}`;
}

/** What the Engine is told. */
export function containerOptions(inputs: DockerContainerInputs): ContainerOptions {
  const {
    command,
    entrypoint,
    environment,
    user,
    healthCheck,
    ports = [],
    volumes = [],
    memory,
    cpus,
  } = inputs;
  return {
    Image: inputs.image,
    ...(command && { Cmd: command }),
    ...(entrypoint && { Entrypoint: entrypoint }),
    ...(environment && { Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`) }),
    ...(user && { User: user }),
    ...(healthCheck && { Healthcheck: engineHealthCheck(healthCheck) }),
    ...(ports.length > 0 && { ExposedPorts: Object.fromEntries(ports.map((port) => [portName(port), {}])) }),
    // For a stop by hand, and when the Engine ends; the unit gives its own.
    StopTimeout: stopSeconds(inputs),
    Labels: { ...inputs.labels, [OWNER_LABEL]: inputs.owner, [SET_LABEL]: JSON.stringify(namesSet(inputs)) },
    HostConfig: {
      NetworkMode: inputs.networkMode,
      // The unit starts it, and only when its volumes are mounted.
      RestartPolicy: { Name: "no" },
      // `Mounts` and not `Binds`: those make a missing source, on the node's own disk.
      ...(volumes.length > 0 && {
        Mounts: volumes.map((volume) => ({
          Type: "bind" as const,
          Source: bindSource(volume),
          Target: volume.target,
          ReadOnly: volume.readOnly,
        })),
      }),
      ...(ports.length > 0 && { PortBindings: portBindings(ports) }),
      ...(memory && { Memory: bytesOf(memory) }),
      ...(cpus && { NanoCpus: Math.round(cpus * NANO_CPUS) }),
    },
  };
}

/** Whole seconds, as Docker counts them. */
export function stopSeconds({ stopGrace }: Pick<DockerContainerInputs, "stopGrace">): number {
  return Math.ceil(millisecondsOf(stopGrace) / 1000);
}

function namesSet({
  command,
  entrypoint,
  user,
  healthCheck,
  environment = {},
  labels = {},
}: DockerContainerInputs): string[] {
  return [
    ...(command ? ["command"] : []),
    ...(entrypoint ? ["entrypoint"] : []),
    ...(user ? ["user"] : []),
    ...(healthCheck ? ["healthCheck"] : []),
    ...Object.keys(environment).map((name) => `environment.${name}`),
    ...Object.keys(labels).map((name) => `labels.${name}`),
  ];
}

export type Bindings = Record<string, { HostIp?: string; HostPort?: string }[] | null>;

function portBindings(ports: readonly Port[]): Bindings {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const here = bindings[portName(port)] ?? [];
    bindings[portName(port)] = [...here, { HostIp: port.ip ?? "", HostPort: String(port.external) }];
  }
  return bindings;
}

function portName({ internal, protocol }: Port): string {
  return `${internal}/${protocol}`;
}

export type EngineHealthCheck = NonNullable<ContainerOptions["Healthcheck"]>;

function engineHealthCheck({
  command,
  interval,
  timeout,
  startPeriod,
  retries,
}: HealthCheck): EngineHealthCheck {
  return {
    Test: ["CMD", ...command],
    Interval: millisecondsOf(interval) * NANOSECONDS,
    Timeout: millisecondsOf(timeout) * NANOSECONDS,
    StartPeriod: millisecondsOf(startPeriod) * NANOSECONDS,
    Retries: retries,
  };
}
