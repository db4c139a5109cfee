import test from "ava";
import { conforms } from "../conformance.js";
import { linkedClone, nbdAttachment, nbdExport, qcow2Template } from "../nbd.js";

for (const kind of [qcow2Template, linkedClone, nbdExport, nbdAttachment]) conforms(test, kind);
