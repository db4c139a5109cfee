import test from "ava";
import type { AnyResource } from "../../../provider/resource.js";
import { checked } from "../provider/checking.js";
import * as besideUnknown from "./beside-unknown.js";
import * as connections from "./connections.js";
import * as containerPorts from "./container-ports.js";
import * as containerSettings from "./container-settings.js";
import * as containerVolumes from "./container-volumes.js";
import * as dockerImages from "./docker-images.js";
import * as hosts from "./hosts.js";
import * as keys from "./keys.js";
import { host, kinds } from "./kinds.js";
import * as names from "./names.js";
import * as nbd from "./nbd.js";
import * as nfsExports from "./nfs-exports.js";
import * as nfsMounts from "./nfs-mounts.js";
import * as paths from "./paths.js";
import type { Row } from "./rows.js";
import * as sizesAndDurations from "./sizes-and-durations.js";
import * as templates from "./templates.js";
import * as unknownProperties from "./unknown-properties.js";
import * as wrongTypes from "./wrong-types.js";

const groups: Record<string, { bad: readonly Row[]; good?: readonly Row[] }> = {
  "inputs beside values that preview does not know": besideUnknown,
  connections: connections,
  "ports of a container": containerPorts,
  "settings of a container": containerSettings,
  "volumes of a container": containerVolumes,
  "Docker images": dockerImages,
  hosts: hosts,
  "keys of a connection": keys,
  names: names,
  "NBD exports and attachments": nbd,
  "NFS exports": nfsExports,
  "NFS mounts": nfsMounts,
  paths: paths,
  "sizes and durations": sizesAndDurations,
  "images and file systems": templates,
  "unknown properties": unknownProperties,
  "wrong types and nulls": wrongTypes,
};

/** The secrets of the good inputs and of the rows. */
const SECRET = /hush|5150/;

for (const [title, { bad, good = [] }] of Object.entries(groups)) {
  for (const [what, rows] of Object.entries({ bad, good })) {
    if (rows.length === 0) continue;
    test(`${what} ${title} are ${what === "bad" ? "refused" : "let through"}`, (t) => {
      for (const [kind, change, ...failures] of rows) {
        t.is(failures.length > 0, rows === bad);
        const { resource, inputs } = kinds[kind];
        const said = checked(resource as AnyResource, { host, ...inputs, ...change }).failures;
        t.deepEqual(said, failures, `${kind} ${JSON.stringify(change)}`);
        t.notRegex(said.join(), SECRET);
      }
    });
  }
}
