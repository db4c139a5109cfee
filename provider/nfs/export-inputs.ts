import { createHash } from "node:crypto";
import { z } from "zod";
import { common } from "../inputs/common.js";
import { fileMode, onDelete, ownPath, userName, volumeName } from "../inputs/schemas.js";
import type { CheckFailure } from "../resource.js";
import { nfsClients, refuseAnyClient } from "./clients.js";

export const nfsExportInputs = z.object({
  ...common,
  name: volumeName,
  path: ownPath,
  access: z.enum(["single", "shared"], '"single" or "shared"').default("shared"),
  clients: nfsClients.optional(),
  anyClient: z.boolean().optional(),
  mode: fileMode.optional(),
  user: userName.optional(),
  group: userName.optional(),
  fsid: z.guid("a UUID").optional(),
  onDelete,
});

export type NfsExportInputs = z.infer<typeof nfsExportInputs>;

export function checkClients(
  { access = "shared", clients, anyClient }: Partial<NfsExportInputs>,
  unjudged: ReadonlySet<string>,
): CheckFailure[] {
  if (unjudged.has("access")) return [];
  if (access === "single") return onlyShared({ clients, anyClient });
  if (clients === undefined)
    return unjudged.has("clients") ? [] : [{ property: "clients", reason: "is required" }];
  return anyClient || unjudged.has("anyClient") ? [] : clients.flatMap(refuseAnyClient);
}

function onlyShared(given: { clients: unknown; anyClient: unknown }): CheckFailure[] {
  return Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([property]) => ({
      property,
      reason: 'belongs to access "shared"; with "single" the node that the volume is attached to is let in',
    }));
}

/** The same for as long as the directory is: a client's handles survive a reboot and a renumbered disk. */
export function fsidOf({ fsid, host, path }: Pick<NfsExportInputs, "fsid" | "host" | "path">): string {
  if (fsid !== undefined) return fsid;
  const hex = createHash("sha256").update(`${host.name}:${path}`).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
