import * as mooring from "../../sdk/index.js";
import type { Conformance } from "./conformance.js";

export const TINY = "mooring-lab/tiny:1";
export const TINY_ARCHIVE = "/srv/images/tiny.tar";
/** For tests that share the hosts with some that remove the other by hand. */
export const TINY_2 = "mooring-lab/tiny:2";
export const TINY_2_ARCHIVE = "/srv/images/tiny-2.tar";
/** Runs until it is asked to stop. */
export const FOREVER = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 60 & wait $!; done"];

const SECRET = "text-of-a-secret-variable";

export const dockerImage: Conformance = {
  kind: "DockerImage",
  name: "cimage",
  images: [TINY],
  host: "node-01",
  program() {
    const host = mooring.Host.fromConfig("node-01");
    new mooring.DockerImage("cimage", { host, image: TINY, archive: TINY_ARCHIVE });
  },
  works: `id=$(docker image inspect -f '{{.Id}}' ${TINY})
tar -xOf ${TINY_ARCHIVE} manifest.json | grep "\${id#sha256:}"`,
  drifts: [
    { what: "the image untagged", byHand: `docker rmi ${TINY}`, properties: ["status"] },
    {
      what: "its name given to another image",
      byHand: `tar -cT /dev/null | docker import - ${TINY}`,
      properties: ["status"],
      cleanUp: "docker image prune -f",
    },
  ],
};

const unit = "mooring-container-cbox.service";

export const dockerContainer: Conformance = {
  kind: "DockerContainer",
  name: "cbox",
  images: [TINY],
  host: "node-01",
  secrets: [SECRET],
  program(options) {
    const host = mooring.Host.fromConfig("node-01");
    const { image, imageId } = new mooring.DockerImage("cbox-image", {
      host,
      image: TINY,
      archive: TINY_ARCHIVE,
    });
    new mooring.DockerContainer("cbox", {
      ...{ host, image, imageId, command: FOREVER, memory: "64MiB", ...options },
      environment: { SECRET },
    });
  },
  works: `[ "$(docker inspect -f '{{.State.Running}} {{.HostConfig.Memory}}' cbox)" = "true 67108864" ]
systemctl is-active ${unit}
systemctl is-enabled ${unit}
docker exec cbox sh -c 'echo "$SECRET"' | grep -x ${SECRET}`,
  drifts: [
    { what: "stopped", byHand: `systemctl stop ${unit}`, properties: ["status"] },
    {
      what: "given more memory",
      byHand: "docker update --memory 96m --memory-swap 96m cbox",
      properties: ["memory"],
    },
  ],
  deleted: `systemctl disable -q --now ${unit}
docker rm -f cbox
rm /etc/systemd/system/${unit}
systemctl daemon-reload`,
  foreign: {
    byHand: `docker load -q -i ${TINY_ARCHIVE}\ndocker create --name cbox ${TINY}`,
    error: /container "cbox" on host "node-01" is in the way: it has no owner record/,
    shows: "docker inspect -f '{{.Id}} {{.State.Status}}' cbox",
    // An image that was there before is not ours to remove.
    cleanUp: `docker rmi ${TINY}`,
  },
};
