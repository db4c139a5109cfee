import test from "ava";
import { conforms } from "./conformance.js";
import { dockerContainer, dockerImage } from "./docker.js";
import { linkedClone, nbdAttachment, nbdExport, qcow2Template } from "./nbd.js";
import { nfsExport, nfsMount } from "./nfs.js";

const kinds = [
  nfsExport,
  nfsMount,
  qcow2Template,
  linkedClone,
  nbdExport,
  nbdAttachment,
  dockerImage,
  dockerContainer,
];

for (const kind of kinds) conforms(test, kind);
