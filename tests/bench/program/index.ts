/** The Pulumi program of all works. */
import * as pulumi from "@pulumi/pulumi";
import * as mooring from "../../../sdk/index.js";
import { TINY, TINY_ARCHIVE } from "../../faults/suite/writer.js";
import { partsOf, TEMPLATE_MIB, type Volume, volumesOf, WAIT_FOREVER } from "../works.js";
import type { Spec } from "./spec.js";

const { work, count, changed, engineAlone } = new pulumi.Config().requireObject<Spec>("spec");

/** About as long as Mooring's own, and of no effect: what is left is what the engine takes. */
const NO_PROVIDER =
  'exports.handler=()=>({create:async i=>({id:"none",outs:i}),update:async(_,__,n)=>({outs:n})})';

if (engineAlone) {
  pulumi.runtime.registerStackTransformation(({ props, opts }) =>
    "__provider" in props ? { props: { ...props, __provider: NO_PROVIDER }, opts } : undefined,
  );
}

const parts = new Set(partsOf[work]);
const host = mooring.Host.fromConfig("storage");
const onDelete = "destroy";

const template = parts.has("clones")
  ? new mooring.Qcow2Template("base", { host, size: `${TEMPLATE_MIB}MiB`, fsType: "ext4", onDelete })
  : undefined;
const image = parts.has("containers")
  ? new mooring.DockerImage("tiny", {
      host: mooring.Host.fromConfig("node-01"),
      image: TINY,
      archive: TINY_ARCHIVE,
    })
  : undefined;

for (const volume of volumesOf(work, count, changed)) {
  if (parts.has("nfs-exports")) directory(volume);
  if (template) disk(volume, template);
}

function directory({ name, node, client, memoryMiB }: Volume): void {
  const { source } = new mooring.NfsExport(name, { host, clients: [client], onDelete });
  if (!parts.has("nfs-mounts")) return;
  const on = mooring.Host.fromConfig(node);
  const { path } = new mooring.NfsMount(name, { host: on, source });
  if (!image) return;
  new mooring.DockerContainer(name, {
    host: on,
    image,
    command: WAIT_FOREVER,
    memory: `${memoryMiB}MiB`,
    volumes: [{ source: path, target: "/data" }],
    stopGrace: "5s",
  });
}

function disk({ name, node, sizeMiB }: Volume, base: mooring.Qcow2Template): void {
  const size = `${sizeMiB}MiB`;
  const clone = new mooring.LinkedClone(name, { host, template: base, size, onDelete });
  if (!parts.has("attachments")) return;
  const served = new mooring.NbdExport(name, { host, name: clone.name });
  const on = mooring.Host.fromConfig(node);
  new mooring.NbdAttachment(name, { host: on, storage: host, name: served.name, size });
}
