import test from "ava";
import { conforms } from "../conformance.js";
import { dockerContainer, dockerImage } from "../docker.js";
import { nfsExport, nfsMount } from "../nfs.js";

for (const kind of [nfsExport, nfsMount, dockerImage, dockerContainer]) conforms(test, kind);
