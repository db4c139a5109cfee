import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { hostKey, isEncrypted, keyFile, privateKey } from "./host-keys.js";
import { noObject, port } from "./schemas.js";

/** An address or a name, as `getaddrinfo` takes it. */
const hostAddress = z.string("an address or a host name").superRefine((text, context) => {
  const message = addressProblem(text);
  if (message) context.addIssue({ code: "custom", message });
});

function addressProblem(text: string): string | undefined {
  const looks = "an address or a host name";
  if (/^[a-z0-9+.-]+:\/\//i.test(text)) return `${looks}, not a URL`;
  if (/^[^\s@]+@\S+$/.test(text)) return `${looks} alone; the user goes into user`;
  if (/^([^:[\]]+|\[.+\]):\d+$/.test(text)) return `${looks} alone; the port goes into port`;
  if (/^\[.+\]$/.test(text)) return `${looks}; an IPv6 address without brackets`;
  if (!/^[A-Za-z0-9:_][A-Za-z0-9.:_%-]*$/.test(text))
    return `${looks} of letters, digits, dots and hyphens, not starting with a hyphen`;
  if (/^[\d.]+$/.test(text) && !isIPv4(text))
    return `${looks}; an IPv4 address is four numbers from 0 to 255`;
  if (text.includes(":") && !isIPv6(text)) return `${looks}; an IPv6 address is like "fd00::11"`;
  return text.length > 253 ? `${looks} of at most 253 characters` : undefined;
}

const USER = "a user's name, not empty and without blanks";

const user = z.string(USER).regex(/^[^\s\p{Cc}]+$/u, USER);

const tries = "a whole number of tries; -1 is no limit";
const seconds = "a number of seconds, 0 (no limit) to 86400";

/** How a host is reached: `@pulumi/command`'s connection, and what Mooring adds to it. */
const endpoint = {
  host: hostAddress,
  port: port.optional(),
  user: user.optional(),
  password: z.string().optional(),
  privateKey: privateKey.optional(),
  privateKeyPassword: z.string().optional(),
  privateKeyFile: keyFile.optional(),
  agentSocketPath: z.string().optional(),
  hostKey: hostKey.optional(),
  knownHostsFile: z.string().min(1, "the path of a known_hosts file").optional(),
  insecureIgnoreHostKey: z.boolean().optional(),
  dialErrorLimit: z.number(tries).int(tries).min(-1, tries).optional(),
  perDialTimeout: z.number(seconds).min(0, seconds).max(86_400, seconds).optional(),
};

const endpointSchema = z.strictObject(endpoint).superRefine(requirePassphrase);

export const connectionSchema = z
  .strictObject({ ...endpoint, sudo: z.boolean().optional(), proxy: endpointSchema.optional() })
  .superRefine(requirePassphrase);

function requirePassphrase(
  {
    privateKey,
    privateKeyPassword,
  }: { privateKey?: string | undefined; privateKeyPassword?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (privateKey && privateKeyPassword === undefined && isEncrypted(privateKey))
    context.addIssue({
      code: "custom",
      path: ["privateKeyPassword"],
      message: "is required: the private key is encrypted",
    });
}

export type Connection = z.infer<typeof connectionSchema>;
export type Endpoint = Omit<Connection, "proxy" | "sudo">;

const HOST_NAME =
  "1 to 63 lower-case letters, digits, dots and hyphens, not starting or ending with a dot or hyphen";

/** A host as it stands in a resource's inputs: its name, and the rest unless the stack's configuration has it. */
export const hostRefSchema = z.strictObject(
  {
    name: z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, HOST_NAME),
    connection: connectionSchema.optional(),
    address: hostAddress.optional(),
    install: z.boolean().optional(),
    lost: z.boolean().optional(),
    fence: z.literal("force", '"force"').optional(),
  },
  noObject("a Host"),
);

export type HostRef = z.infer<typeof hostRefSchema>;

/** What the program says of lost hosts. It comes with every resource: none needs to be on such a host any more. */
export const lostHostsSchema = z
  .array(hostRefSchema.pick({ name: true, lost: true, fence: true }))
  .optional();

export type LostHosts = z.infer<typeof lostHostsSchema>;
