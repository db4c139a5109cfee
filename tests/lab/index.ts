/**
 * The test lab: three real hosts in QEMU, `storage`, `node-01` and `node-02`, on a private network of their own.
 * There is one lab per user, which programs that call `up` share. It runs until somebody calls `down`.
 */
export type { HostName } from "./hosts";
export { hostNames } from "./hosts";
export type { HostState } from "./hosts-running";
export { imageArchives } from "./image-archives";
export { type Lab, type LabHost, status } from "./lab";
export { cut, freeze, heal, powerOff, powerOn, thaw } from "./power";
export { type SshOptions, ssh } from "./shell";
export { down, downOnExit, reset, up } from "./up";
