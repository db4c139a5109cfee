import { nfsExport } from "../../../../provider/resources/nfs-export.js";
import { nfsMount } from "../../../../provider/resources/nfs-mount.js";
import { inputsOf } from "../plans.js";

/** A directory with one writer: what it can be found as, and the mount that is to have it. */
const EXPORT = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NfsExport::a";
export const MOUNT = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NfsMount::a";
export const OTHER = MOUNT.replace("dev::shop", "prod::shop");
export const HEAD = `# Made by Mooring; changes by hand are drift.\n# Owner: ${EXPORT}\n`;

export const exported = inputsOf(nfsExport, { owner: EXPORT, name: "a", path: "/srv/a", access: "single" });
export const wanted = inputsOf(nfsMount, {
  host: { name: "node-01" },
  owner: MOUNT,
  name: "a",
  path: "/mnt/a",
  source: "10.77.0.11:/srv/a",
  storage: { name: "storage" },
  address: "10.77.0.12",
});
export const free = {
  owner: EXPORT,
  kind: "nfs",
  path: "/srv/a",
  fsid: "7c506078-9f26-5d74-8879-0cb5097563a3",
  epoch: 2,
} as const;
export const held = { ...free, holder: { owner: MOUNT, node: "node-01", address: "10.77.0.12" } };
export const theirs = { ...free, holder: { owner: OTHER, node: "node-02", address: "10.77.0.13" } };
export const directory = { mode: "0755", user: "root", uid: "0", group: "root", gid: "0", empty: false };
export const nothing = { file: undefined, unit: undefined, mount: undefined };
