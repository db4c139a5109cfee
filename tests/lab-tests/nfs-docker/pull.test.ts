import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { TINY, TINY_ARCHIVE } from "../docker.js";
import { footprint, footprintSince, QUIET_HOSTS } from "../footprint.js";
import { labHosts, makeStack, ssh } from "../harness.js";

const IMAGE = "127.0.0.1:5000/team/tiny:1";

/** The distribution's own registry on the node, with one image in it; Docker speaks plain HTTP with loopback alone. */
const START_REGISTRY = `set -e
apt-get update -q >/dev/null 2>&1
DEBIAN_FRONTEND=noninteractive apt-get install -y -q docker-registry >/dev/null 2>&1
systemctl stop docker-registry
mkdir -p /run/registry-test
printf 'version: 0.1\\nstorage: {filesystem: {rootdirectory: /run/registry-test/data}}\\nhttp: {addr: 127.0.0.1:5000}\\n' > /run/registry-test/config.yml
systemd-run -q --unit=registry-test docker-registry serve /run/registry-test/config.yml
docker load -q -i ${TINY_ARCHIVE} >/dev/null
docker tag ${TINY} ${IMAGE}
for try in $(seq 30); do docker push -q ${IMAGE} >/dev/null 2>&1 && break; sleep 1; done
docker image inspect -f '{{index .RepoDigests 0}}' ${IMAGE}
docker rmi ${IMAGE} ${TINY} >/dev/null`;

const STOP_REGISTRY = `systemctl stop registry-test
apt-get purge -y -q docker-registry >/dev/null 2>&1
rm -rf /run/registry-test`;

function program(image: string) {
  return async () => {
    const host = mooring.Host.fromConfig("node-01");
    const { imageId, digest } = new mooring.DockerImage("pulled", { host, image });
    return { imageId, digest };
  };
}

test.serial("an image is pulled from a registry, its digest recorded, and removed again", async (t) => {
  await labHosts();
  const before = await footprint(["team/tiny", "mooring-lab/tiny:1"], QUIET_HOSTS);
  const pushed = await ssh("node-01", START_REGISTRY);
  t.teardown(() => ssh("node-01", STOP_REGISTRY));
  const digest = pushed.split("@")[1];
  t.regex(digest ?? "", /^sha256:[0-9a-f]{64}$/);

  const stack = await makeStack(t, { program: program(IMAGE) });
  await stack.up();
  const outputs = await stack.outputs();
  t.is(outputs.digest, digest);
  t.is(outputs.imageId, await ssh("node-01", `docker image inspect -f '{{.Id}}' ${IMAGE}`));
  t.deepEqual((await stack.up({ refresh: true })).operations, {});

  t.log("a tag that is not there");
  stack.program = program("127.0.0.1:5000/team/tiny:none");
  t.regex(await stack.failedUp(), /manifest.*unknown|not found/);

  t.log("pinned by digest");
  stack.program = program(`127.0.0.1:5000/team/tiny@${digest}`);
  await stack.up();
  t.is((await stack.outputs()).imageId, outputs.imageId);
  await stack.destroy();
  await ssh("node-01", STOP_REGISTRY);
  t.deepEqual(await footprintSince(before), []);
});
