import { type Sh, sh } from "../host/sh.js";
import { engine, run, runFor, type Step } from "../host/steps.js";
import { millisecondsOf } from "../inputs/schemas.js";
import type { DockerContainerInputs } from "./inputs.js";
import type { Port } from "./ports.js";
import { bindSource, containerOptions, OWNER_LABEL, stopSeconds } from "./spec.js";
import type { Volume } from "./volumes.js";

/** The steps of a container itself; its unit's are in unit.ts. */

export function checkImage({ image, imageId, volumes = [] }: DockerContainerInputs): Step {
  return engine(`check that image ${image} is there`, {
    call: "check-image",
    image,
    targets: volumes.map(({ target }) => target),
    ...(imageId && { imageId }),
  });
}

/** Inside the mounted file system alone: the bare mount point below it stays empty. */
export function makeDirectory(volume: Volume): Step {
  const path = bindSource(volume);
  return run(`make ${path}`, inMount(volume, sh`(umask 022; mkdir -p ${path}; sync ${path})`));
}

/** Where the container that is made anew has its data: it is never made in its place, as {@link makeDirectory} would. */
export function checkDirectory(volume: Volume): Step {
  const path = bindSource(volume);
  const problem = `${path} is not there any more, and the container that is to be made anew has its data in it: a new, empty one is never made in its place. If the disk of the storage host is not mounted, mount it. For an empty one make that directory on this node`;
  return run(`look for ${path}`, inMount(volume, sh`{ echo ${problem} >&2; exit 1; }`));
}

function inMount(volume: Volume, unlessThere: Sh): Sh {
  const { source } = volume;
  const path = bindSource(volume);
  return sh`mountpoint -q ${source} || { echo ${`nothing is mounted at ${source}`} >&2; exit 1; }
[ -d ${path} ] || ${unlessThere}
[ "$(readlink -f ${path})" = ${path} ] || { echo "a link stands in its way" >&2; exit 1; }`;
}

/**
 * Of protocols, ports and addresses, those that something on the node listens on, and where. What has `*` listens in
 * both families; who has 0.0.0.0 or [::] alone may leave the other to somebody else.
 */
const findListeners = `$1 == "want" { protocol[++n] = $2; port[n] = $3; ip[n] = $4; next }
{
  at = match($5, /:[0-9]+$/)
  address = substr($5, 1, at - 1)
  sub(/%.*/, "", address)
  for (i = 1; i <= n; i++)
    if ($1 == protocol[i] && substr($5, at + 1) == port[i] && (ip[i] == "*" || address == "*" || address == (ip[i] ~ /:/ ? "[::]" : "0.0.0.0") || address == ip[i] || address == "[" ip[i] "]"))
      print port[i] "/" protocol[i], $5
}`;

/**
 * The Engine looks only when the container starts, and the one before it is gone then. Another container of ours may be
 * about to give up its port.
 */
export function checkPorts(ports: readonly Port[]): Step[] {
  if (ports.length === 0) return [];
  const wanted = ports.flatMap(({ protocol, external, ip = "*" }) => [
    protocol,
    String(external),
    /^(0\.0\.0\.0|::)$/.test(ip) ? "*" : ip,
  ]);
  const listeners = sh`! command -v ss > /dev/null || {
  while [ $# != 0 ]; do echo "want $1 $2 $3"; shift 3; done
  ss -Hlntu
} | awk ${findListeners} | while read -r port at; do
  [ -z "$(docker ps -q --filter "publish=$port" --filter label=${OWNER_LABEL})" ] || continue
  echo "port $port of this node is taken: something listens on $at" >&2
  exit 1
done`;
  const named = ports.map(({ external, protocol }) => `${external}/${protocol}`).join(", ");
  return [runFor(`check that nothing has port ${named}`, wanted, listeners)];
}

export function createContainer(wanted: DockerContainerInputs): Step {
  const { name, imageId } = wanted;
  const options = containerOptions(wanted);
  return {
    ...engine(`make container ${name}`, {
      call: "create-container",
      name,
      options,
      ...(imageId && { imageId }),
    }),
    ...(wanted.environment && { secret: true }),
  };
}

export function removeContainer(inputs: DockerContainerInputs): Step {
  const { name } = inputs;
  return engine(`remove container ${name}`, {
    call: "remove-container",
    name,
    graceSeconds: stopSeconds(inputs),
  });
}

export function waitReady({ name, waitTimeout, environment = {} }: DockerContainerInputs): Step {
  const secrets = Object.values(environment);
  return {
    ...engine(`wait until container ${name} is ready`, {
      call: "wait-ready",
      name,
      timeoutMs: millisecondsOf(waitTimeout),
      ...(secrets.length > 0 && { secrets }),
    }),
    ...(secrets.length > 0 && { secret: true }),
  };
}
