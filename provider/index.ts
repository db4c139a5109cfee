import { endWithEngine } from "./lifecycle/engine-watch.js";
import { lifecycle } from "./lifecycle.js";
import { dockerContainer } from "./resources/docker-container.js";
import { dockerImage } from "./resources/docker-image.js";
import { linkedClone } from "./resources/linked-clone.js";
import { nbdAttachment } from "./resources/nbd-attachment.js";
import { nbdExport } from "./resources/nbd-export.js";
import { nfsExport } from "./resources/nfs-export.js";
import { nfsMount } from "./resources/nfs-mount.js";
import { qcow2Template } from "./resources/qcow2-template.js";

/** The kinds that a state's provider text names. A wire format: a name here is never changed. */
export const NfsExport = lifecycle(nfsExport);
export const NfsMount = lifecycle(nfsMount);
export const Qcow2Template = lifecycle(qcow2Template);
export const LinkedClone = lifecycle(linkedClone);
export const NbdExport = lifecycle(nbdExport);
export const NbdAttachment = lifecycle(nbdAttachment);
export const DockerImage = lifecycle(dockerImage);
export const DockerContainer = lifecycle(dockerContainer);

endWithEngine();
