import { HostUnreachable } from "../host/errors.js";
import type { Host } from "../host/host.js";
import { sh } from "../host/sh.js";

/**
 * What the host's Docker Engine answers; `undefined` where Docker is not there at all, no command, socket or containers: on
 * a host that was installed anew there is nothing of ours, and it must not hold up what is to be made or removed.
 */
export async function unlessWithoutDocker<T>(host: Host, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HostUnreachable && (await isWithoutDocker(host))) return undefined;
    throw error;
  }
}

function isWithoutDocker(host: Host): Promise<boolean> {
  return host
    .look(
      "looking for Docker",
      sh`command -v docker > /dev/null || [ -e /var/lib/docker/containers ] || [ -e /etc/docker/daemon.json ] || [ -S /var/run/docker.sock ] || echo none`,
    )
    .then(
      (said) => said.trim() === "none",
      () => false,
    );
}
