import { nbdAttachment } from "../../../../provider/resources/nbd-attachment.js";
import { inputsOf } from "../plans.js";

/** What an attachment can be found as. */
export const OWNER = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NbdAttachment::yundream";
export const OTHER = "urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:NbdAttachment::yundream";

export const wanted = inputsOf(nbdAttachment, {
  host: { name: "node-01" },
  owner: OWNER,
  name: "yundream",
  path: "/mnt/mooring/yundream",
  storage: { name: "storage" },
  address: "10.77.0.12",
});

/** The key of the epoch that is held, as its file's SHA-256, and one for the next epoch. */
export const CREDENTIAL = "7ad4269deff078e1a679e7cac1a69b8ae745eae77583c52fbfdc35a27fcb6814";
export const NEXT_KEY = "7f".repeat(32);

export const record = {
  owner: "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream",
  template: "base",
  fsType: "ext4" as const,
  fsUuid: "d15c02ab-c949-4451-a9b8-cef990c39494",
  partitioned: false,
  epoch: 3,
};
export const mine = {
  ...record,
  holder: {
    owner: OWNER,
    node: "node-01",
    address: "10.77.0.12",
    server: "10.77.0.11:10809 with TLS",
    credential: CREDENTIAL,
  },
};
export const free = {
  record,
  endpoint: { address: "10.77.0.11", port: 10_809, tls: true },
  servedEpoch: 3,
  allowed: false,
  keyed: true,
  credential: undefined,
  nextKey: NEXT_KEY,
  state: "absent" as const,
  written: false,
  fileOwner: undefined,
  foreignFile: undefined,
  foreignMount: undefined,
  options: undefined,
  device: undefined,
};
export const live = {
  ...free,
  record: mine,
  allowed: true,
  state: "live" as const,
  written: true,
  fileOwner: OWNER,
  credential: CREDENTIAL,
  options: ["noatime", "nodev", "nosuid"],
  device: "/dev/nbd0",
};
export const broken = { ...live, state: "broken" as const, device: undefined };
export const held = (owner: string, node: string) => ({
  ...free,
  record: { ...record, holder: { owner, node } },
});
