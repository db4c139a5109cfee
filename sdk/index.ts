export { type AttachArgs, DataVolume, type DataVolumeArgs } from "./components/data-volume.js";
export {
  type ContainerSettings,
  StatefulContainer,
  type StatefulContainerArgs,
} from "./components/stateful-container.js";
export {
  DockerContainer,
  type DockerContainerArgs,
  type HealthCheckArgs,
  type PortArgs,
  type VolumeArgs,
} from "./docker-container.js";
export { DockerImage, type DockerImageArgs, type RegistryAuthArgs } from "./docker-image.js";
export { type ConnectionArgs, type EndpointArgs, Host, type HostArgs } from "./host.js";
export { LinkedClone, type LinkedCloneArgs } from "./linked-clone.js";
export { NbdAttachment, type NbdAttachmentArgs } from "./nbd-attachment.js";
export { NbdExport, type NbdExportArgs } from "./nbd-export.js";
export { type NfsClientArgs, NfsExport, type NfsExportArgs } from "./nfs-export.js";
export { NfsMount, type NfsMountArgs } from "./nfs-mount.js";
export { Qcow2Template, type Qcow2TemplateArgs, type TemplateImageArgs } from "./qcow2-template.js";
export type { CommonArgs, TimeoutsArgs } from "./resource.js";
