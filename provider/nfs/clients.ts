import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { optionList } from "../inputs/options.js";
import { noObject } from "../inputs/schemas.js";
import type { CheckFailure } from "../resource.js";

/** Sorted, as they stand in a file. */
export const DEFAULT_OPTIONS = ["no_root_squash", "no_subtree_check", "rw", "sync"];

const LOOKS = 'an address, a network such as "10.77.0.0/24", a host name, or "*"';

const withOptions = z.strictObject(
  {
    address: z.string(LOOKS).superRefine((text, context) => {
      const message = addressProblem(text);
      if (message) context.addIssue({ code: "custom", message });
    }),
    options: optionList(DEFAULT_OPTIONS, noFsid),
  },
  noObject("an address, or an address with options"),
);

const client = z.preprocess((value) => (typeof value === "string" ? { address: value } : value), withOptions);

/** Who may mount an export: each once, sorted. */
export const nfsClients = z
  .array(client, { error: 'a list, such as ["10.77.0.0/24"]' })
  .min(1, "at least one client")
  .superRefine((clients, context) => {
    const addresses = clients.map(({ address }) => address);
    for (const [index, address] of addresses.entries())
      if (addresses.indexOf(address) < index)
        context.addIssue({ code: "custom", path: [index, "address"], message: "each client once" });
  })
  .transform((clients) => [...clients].sort((a, b) => (a.address < b.address ? -1 : 1)));

type NfsClient = z.infer<typeof nfsClients>[number];

function addressProblem(text: string): string | undefined {
  if (/^[^()\s]+\(.*\)$/.test(text))
    return 'an address alone; options go beside it: { address: "10.77.0.0/24", options: ["ro"] }';
  if (!/^[A-Za-z0-9.:@*?][A-Za-z0-9.:@*?_-]*(\/\d{1,3})?$/.test(text)) return LOOKS;
  const [network = "", bits = "0"] = text.split("/");
  if (network.includes(":") && !isIPv6(network)) return `${LOOKS}; this is not an IPv6 address`;
  if (/^[\d.]+$/.test(network) && !isIPv4(network)) return `${LOOKS}; this is not an IPv4 address`;
  const most = isIPv6(network) ? 128 : 32;
  return Number(bits) > most ? `a network's prefix is at most ${most} bits` : undefined;
}

function noFsid(options: readonly string[]): string | undefined {
  const fsid = options.find((option) => option.startsWith("fsid="));
  return fsid && `has ${fsid}; set the export's fsid instead: it is the same for all clients`;
}

/** They are sorted by now: an index would not be the program's. */
export function refuseAnyClient({ address }: NfsClient): CheckFailure[] {
  if (!/^[*?.]+$|\/0+$/.test(address)) return [];
  return [
    {
      property: "clients",
      reason: `"${address}" lets every host in; set anyClient: true if that is meant, or name a network`,
    },
  ];
}
