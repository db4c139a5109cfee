import test from "ava";
import { dockerContainer } from "../../../../provider/resources/docker-container.js";
import { dockerImage } from "../../../../provider/resources/docker-image.js";
import { linkedClone } from "../../../../provider/resources/linked-clone.js";
import { nbdAttachment } from "../../../../provider/resources/nbd-attachment.js";
import { nbdExport } from "../../../../provider/resources/nbd-export.js";
import { nfsExport } from "../../../../provider/resources/nfs-export.js";
import { nfsMount } from "../../../../provider/resources/nfs-mount.js";
import { qcow2Template } from "../../../../provider/resources/qcow2-template.js";
import { inputsOf } from "../plans.js";

const cases = [
  [nfsExport, { path: "/srv/a", clients: ["*"], anyClient: true }, ["clients", "onDelete"]],
  [nfsMount, { path: "/mnt/a", source: "10.0.0.1:/srv//a/" }, ["options", "source"]],
  [qcow2Template, { size: "1024MiB", fsType: "ext4" }, ["onDelete", "size"]],
  [linkedClone, { template: "base" }, ["mmp", "onDelete"]],
  [nbdExport, { address: "10.0.0.1" }, ["tls"]],
  [
    nbdAttachment,
    { path: "/mnt/a", storage: { name: "s" }, address: "10.0.0.2" },
    ["client", "options", "reconnectDelay", "status"],
  ],
  [dockerImage, { image: "mariadb" }, ["image", "status"]],
  [dockerContainer, { image: "mariadb", name: "ab" }, []],
] as const;

for (const [resource, news, filled] of cases) {
  test(`the inputs of ${resource.kind}, once canonical, stay as they are: a state shows no change by itself`, (t) => {
    const given = { name: "a", ...news } as Record<string, unknown>;
    if (!("name" in resource.inputs.shape)) delete given.name;
    const once = inputsOf(resource, given);
    t.deepEqual(inputsOf(resource, once), once);
    for (const property of filled) t.notDeepEqual(once[property], given[property], property);
  });
}
