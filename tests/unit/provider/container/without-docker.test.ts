import test from "ava";
import { CommandFailed, DockerFailed, HostUnreachable } from "../../../../provider/host/errors.js";
import type { Host } from "../../../../provider/host/host.js";
import { dockerContainer } from "../../../../provider/resources/docker-container.js";
import { dockerImage } from "../../../../provider/resources/docker-image.js";
import { inputsOf } from "../plans.js";
import { plain } from "../resources/docker-container-cases.js";

const NOT_FOUND = new HostUnreachable("node-01", "reading container dk-one: sh: 1: docker: not found");

/** A node whose Engine does not answer, and what is said where Docker is looked for. */
function node(error: Error, said: string | Error) {
  const ask = () => Promise.reject(error);
  return {
    name: "node-01",
    engine: { container: ask, labelled: ask, image: ask },
    fact: async () => new Map(),
    look: async () => {
      if (said instanceof Error) throw said;
      return said;
    },
  } as unknown as Host;
}

const kinds = [
  ["container", (host: Host) => dockerContainer.observe(host, plain, () => host)],
  [
    "image",
    (host: Host) =>
      dockerImage.observe(host, inputsOf(dockerImage, { owner: "urn:x", image: "tiny:1" }), () => host),
  ],
] as const;

for (const [kind, observe] of kinds) {
  test(`on a host that was installed anew, without Docker, there is no ${kind}`, async (t) => {
    t.is(await observe(node(NOT_FOUND, "none\n")), undefined);
  });

  test(`where Docker may be there, and does not answer, no ${kind} is taken for absent`, async (t) => {
    const gone = new CommandFailed("node-01", "looking", "sh", 1, "");
    for (const said of ["", gone])
      t.is(await t.throwsAsync(async () => observe(node(NOT_FOUND, said))), NOT_FOUND);
    const refused = new DockerFailed("Docker answered 500");
    t.is(await t.throwsAsync(async () => observe(node(refused, "none\n"))), refused);
  });
}
