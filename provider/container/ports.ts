import { z } from "zod";
import { noObject, port } from "../inputs/schemas.js";
import type { CheckFailure } from "../resource.js";
import { describeOwner } from "../volume-record.js";

const portSchema = z.strictObject(
  {
    internal: port,
    external: port,
    ip: z.union([z.ipv4(), z.ipv6()], "an IP address of the node").optional(),
    protocol: z.enum(["tcp", "udp", "sctp"], '"tcp", "udp" or "sctp"').default("tcp"),
  },
  noObject("a port, such as { internal: 80, external: 8080 }"),
);

export type Port = z.infer<typeof portSchema>;

/** Published on the node, sorted. */
export const ports = z
  .array(portSchema, "a list, such as [{ internal: 80, external: 8080 }]")
  .superRefine(eachPortOnce)
  .transform((ports) => [...ports].sort((a, b) => (portKey(a) < portKey(b) ? -1 : 1)));

function eachPortOnce(ports: readonly Port[], context: z.RefinementCtx): void {
  for (const [index, port] of ports.entries())
    if (ports.slice(0, index).some((other) => collide(port, other))) {
      const message = `a port of the node that none of the others has, for ${port.protocol}`;
      context.addIssue({ code: "custom", path: [index, "external"], message });
    }
}

function collide(a: Port, b: Port): boolean {
  const everywhere = (ip: string | undefined): boolean => ip === undefined || ip === "0.0.0.0" || ip === "::";
  return (
    a.external === b.external &&
    a.protocol === b.protocol &&
    (a.ip === b.ip || everywhere(a.ip) || everywhere(b.ip))
  );
}

interface Publishing {
  readonly ports?: readonly Port[] | undefined;
  readonly owner: string;
}

/** Two containers of one node can't publish the same port. */
export function besidePorts({ ports = [] }: Publishing, others: readonly Publishing[]): CheckFailure[] {
  for (const port of ports) {
    const other = others.find((each) => each.ports?.some((theirs) => collide(port, theirs)));
    if (!other) continue;
    const reason = `${port.external}/${port.protocol} of this node is also published by ${describeOwner(other.owner)}: give each its own`;
    return [{ property: "ports", reason }];
  }
  return [];
}

export function portKey({ internal, external, protocol, ip }: Port): string {
  return [String(internal).padStart(5, "0"), String(external).padStart(5, "0"), protocol, ip ?? ""].join(" ");
}
