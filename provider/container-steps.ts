import type { DockerContainerInputs } from "./container-inputs.js";
import { bindSource, containerOptions, stopSeconds } from "./container-spec.js";
import type { Volume } from "./container-volumes.js";
import { sh } from "./host/sh.js";
import { engine, run, type Step } from "./host/steps.js";
import { millisecondsOf } from "./schemas.js";

/** The steps of a container itself; its unit's are in container-unit.ts. */

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
  const { source } = volume;
  const path = bindSource(volume);
  return run(
    `make ${path}`,
    sh`mountpoint -q ${source} || { echo ${`nothing is mounted at ${source}`} >&2; exit 1; }
[ -d ${path} ] || (umask 022; mkdir -p ${path}; sync ${path})
[ "$(readlink -f ${path})" = ${path} ] || { echo "a link stands in its way" >&2; exit 1; }`,
  );
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
