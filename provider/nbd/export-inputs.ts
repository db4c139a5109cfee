import { z } from "zod";
import { common } from "../inputs/common.js";
import { port, volumeName } from "../inputs/schemas.js";
import type { CheckFailure } from "../resource.js";

export const nbdExportInputs = z.object({
  ...common,
  name: volumeName,
  address: z
    .union(
      [z.ipv4(), z.ipv6()],
      "an IP address of the storage host: where its connection has a name, set the Host's address",
    )
    .refine(
      (address) => !/^(::ffff:)?[0.:]+$/i.test(address),
      "an address of the storage network alone: this one would serve the volume on every network of the host",
    ),
  port: port.optional(),
  tls: z.boolean().default(true),
  /** Not for the program: what `read` finds instead is drift. */
  status: z.string().default("served"),
});

export type NbdExportInputs = z.infer<typeof nbdExportInputs>;

export function checkWithoutTls({ address, tls }: Partial<NbdExportInputs>): CheckFailure[] {
  if (tls !== false || address === undefined || isPrivate(address)) return [];
  return [
    {
      property: "tls",
      reason: `false on ${address}, which is not a private address: whoever is in between could read and change the data`,
    },
  ];
}

/** RFC 1918, RFC 6598, RFC 4193, link-local and loopback. */
function isPrivate(address: string): boolean {
  return (
    /^(10|127)\.|^192\.168\.|^169\.254\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(
      address,
    ) || /^(f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|::1$)/i.test(address)
  );
}
