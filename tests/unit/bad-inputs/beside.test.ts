import test from "ava";
import { checkInputs } from "../../../provider/lifecycle/checking.js";
import { Hosts } from "../../../provider/lifecycle/hosts.js";
import type { AnyResource } from "../../../provider/resource.js";
import { host, type Kind, kinds } from "./kinds.js";
import { UNKNOWN } from "./rows.js";

/** A resource that the program says: its kind, its resource's name, and what is changed of its kind's good inputs. */
type Said = readonly [kind: Kind, resource: string, change: Record<string, unknown>];

/** What one program says, one after the other, and all that is said of the last. */
type Row = readonly [said: readonly Said[], ...failures: string[]];

function failuresOf(said: readonly Said[]): string[] {
  const hosts = new Hosts();
  const all = said.map(([kind, name, change]) => {
    const resource: AnyResource = kinds[kind].resource;
    const owner = `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:${kind}::${name}`;
    const { failures } = checkInputs(resource, { ...kinds[kind].inputs, host, owner, ...change }, hosts);
    return failures.map(({ property, reason }) => `${property}: ${reason}`);
  });
  const last = all.pop() ?? [];
  if (all.flat().length > 0) throw new Error(`what comes before is good: ${all.flat()}`);
  return last;
}

const nfs = (resource: string, path: string, more: object = {}): Said => [
  "NfsMount",
  resource,
  { path, ...more },
];
const nbd = (resource: string, path: string, more: object = {}): Said => [
  "NbdAttachment",
  resource,
  { name: resource, path, ...more },
];
const elsewhere = { host: { ...host, name: "node-02" } };

const OF_A = 'the mount of "a" of stack shop/dev';
const SAME = `path: /mnt/a is the place of ${OF_A}: give each its own`;
const INSIDE = `path: /mnt/a/b is inside ${OF_A} at /mnt/a, among its data. Choose a path outside of it`;
const ABOVE = `path: /mnt/a would hide ${OF_A} at /mnt/a/b. Choose another path`;
const namesake = (name: string, owner: string) =>
  `name: "${name}" is also the name of "${owner}" of stack shop/dev on this host: give each its own`;

const badMounts: Row[] = [nfs, nbd].flatMap((first) =>
  [nfs, nbd].flatMap((second): Row[] => [
    [[first("a", "/mnt/a"), second("b", "/mnt/a")], SAME],
    [[first("a", "/mnt/a"), second("b", "/mnt//a/")], SAME],
    [[first("a", "/mnt/a"), second("b", "/mnt/a/b")], INSIDE],
    [[first("a", "/mnt/a/b"), second("b", "/mnt/a")], ABOVE],
  ]),
);
badMounts.push(
  // One is enough.
  [[nfs("a", "/mnt/a/b"), nbd("c", "/mnt/a/c"), nfs("b", "/mnt/a")], ABOVE],
  [[nfs("a", "/mnt/b"), nbd("a", "/mnt/a"), nfs("b", "/mnt/a")], SAME],
  [[nbd("a", "/mnt/a"), nbd("b", "/mnt/b", { name: "a" })], namesake("a", "a")],
  [[nbd("a", "/mnt/a"), nbd("b", "/mnt/a", { name: "a" })], namesake("a", "a"), SAME],
  [
    [
      nbd("a", "/mnt/a", { storage: host }),
      nbd("b", "/mnt/b", { name: "a", storage: { name: "storage-2" } }),
    ],
    namesake("a", "a"),
  ],
);

const goodMounts: Row[] = [nfs, nbd].flatMap((first) =>
  [nfs, nbd].flatMap((second): Row[] => [
    [[first("a", "/mnt/a"), second("b", "/mnt/b")]],
    [[first("a", "/mnt/a"), second("b", "/mnt/a-b")]],
    [[first("a", "/mnt/ab"), second("b", "/mnt/a")]],
    [[first("a", "/mnt/a"), second("b", "/mnt/a", elsewhere)]],
    [[first("a", "/mnt/a/b", elsewhere), second("b", "/mnt/a")]],
    // What is not known yet, and what is no path, is compared with nothing, and nothing with it.
    [[first("a", "/mnt/a"), second("b", UNKNOWN)]],
    [[first("a", UNKNOWN), second("b", "/mnt/a")]],
  ]),
);
goodMounts.push(
  [[nfs("a", "/mnt/a"), nfs("a", "/mnt/a")]],
  [[nbd("a", "/mnt/a"), nbd("a", "/mnt/a")]],
  // What it said before is no longer so.
  [
    [
      nfs("a", "/mnt/a"),
      nfs("a", "/mnt/a/b"),
      nbd("b", "/mnt/a-b"),
      nbd("b", "/mnt/a-c"),
      nfs("c", "/mnt/a-b"),
    ],
  ],
  [[nfs("a", "/mnt/a"), nfs("a", "/mnt/c"), nfs("b", "/mnt/a/b")]],
  [[nbd("a", "/mnt/a"), nbd("b", "/mnt/b", { name: "a", ...elsewhere })]],
  // An NFS mount's units and files have no volume's name.
  [[nbd("a", "/mnt/a"), nfs("b", "/mnt/b", { name: "a" })]],
  [[nfs("b", "/mnt/b", { name: "a" }), nbd("a", "/mnt/a")]],
  [[nfs("a", "/mnt/a", { name: "x" }), nfs("b", "/mnt/b", { name: "x" })]],
);

const container = (resource: string, name: string, more: object = {}): Said => [
  "DockerContainer",
  resource,
  { name, ports: undefined, ...more },
];
const published = (external: number, more: object = {}) => ({ ports: [{ internal: 80, external, ...more }] });
const template = (resource: string, name: string, size = "2GiB", more: object = {}): Said => [
  "Qcow2Template",
  resource,
  { name, size, ...more },
];
const clone = (resource: string, name: string, more: object = {}): Said => [
  "LinkedClone",
  resource,
  { name, ...more },
];
const served = (resource: string, name: string, port?: number, more: object = {}): Said => [
  "NbdExport",
  resource,
  { name, port, ...more },
];
const exported = (resource: string, name: string, more: object = {}): Said => [
  "NfsExport",
  resource,
  { name, path: `/srv/${resource}`, fsid: undefined, ...more },
];

const badOthers: Row[] = [
  ...[container, template, clone, served, exported].map((kind): Row => {
    return [[kind("a", "xx"), kind("b", "yy"), kind("c", "xx")], namesake("xx", "a")];
  }),
  [[clone("a", "xx"), clone("b", "xx", { template: "other" })], namesake("xx", "a")],
  [
    [template("a", "base", "4GiB"), clone("b", "xx", { size: "2GiB" })],
    "size: 2GiB is smaller than its template, 4GiB",
  ],
  [
    [template("a", "base", "1025MiB"), clone("b", "xx", { size: "1GiB" })],
    "size: 1GiB is smaller than its template, 1025MiB",
  ],
  [
    [served("a", "xx", 10_809), served("b", "yy", 10_809)],
    'port: 10809 is also that of "a" of stack shop/dev on this host',
  ],
  ...[{}, { ip: "10.77.0.12" }, { ip: "0.0.0.0" }].map(
    (more): Row => [
      [container("a", "xx", published(8080)), container("b", "yy", published(8080, more))],
      'ports: 8080/tcp of this node is also published by "a" of stack shop/dev: give each its own',
    ],
  ),
  [
    [exported("a", "xx", { path: "/srv/x" }), exported("b", "xx", { path: "/srv/x" })],
    'path: /srv/x, which is NfsExport "a" of stack shop/dev: one directory is one volume',
  ],
];

const goodOthers: Row[] = [
  ...[container, template, clone, served, exported].flatMap((kind): Row[] => [
    [[kind("a", "xx"), kind("b", "yy")]],
    [[kind("a", "xx"), kind("a", "xx")]],
    [[kind("a", "xx"), kind("a", "yy"), kind("b", "xx")]],
    [[kind("a", "xx"), kind("b", UNKNOWN), kind("c", UNKNOWN)]],
  ]),
  [[container("a", "xx"), container("b", "xx", elsewhere)]],
  ...[published(8081), published(8080, { protocol: "udp" }), { ...published(8080), ...elsewhere }].map(
    (more): Row => [[container("a", "xx", published(8080)), container("b", "yy", more)]],
  ),
  [
    [
      container("a", "xx", published(8080, { ip: "10.77.0.12" })),
      container("b", "yy", published(8080, { ip: "127.0.0.1" })),
    ],
  ],
  // All that is of one volume has its name, and its template may have it, too.
  [[template("a", "xx"), clone("b", "xx"), served("c", "xx"), nbd("xx", "/mnt/x"), container("e", "xx")]],
  [[clone("a", "xx", { template: "xx" }), template("b", "xx")]],
  [[template("a", "base", "4GiB"), clone("b", "xx", { size: "4GiB" })]],
  [[template("a", "other", "8GiB"), clone("b", "xx", { size: "4GiB" })]],
  [[template("a", "base", "8GiB", elsewhere), clone("b", "xx", { size: "4GiB" })]],
  [[template("a", "base", "8GiB"), clone("b", "xx", { size: undefined })]],
  // A clone of that name is no template.
  [[clone("a", "base", { size: "8GiB" }), clone("b", "xx", { size: "4GiB" })]],
  [[served("a", "xx"), served("b", "yy")]],
  [[served("a", "xx", 10_809), served("b", "yy", 10_810)]],
  [[served("a", "xx", 10_809), served("b", "yy", 10_809, { address: "10.78.0.11" })]],
  [[served("a", "xx", 10_809), served("b", "yy", 10_809, elsewhere)]],
];

for (const [title, rows] of Object.entries({
  "two mounts of one program at one place on a host, or one within the other, are refused, and so are two attachments of one name":
    badMounts,
  "two of another kind that have a name in common on a host, or a port, are refused, and a clone that is smaller than its template":
    badOthers,
  "mounts side by side, on two hosts, or asked for twice are let through": goodMounts,
  "what has names and ports of its own, or is of another kind, or on another host, is let through":
    goodOthers,
})) {
  test(title, (t) => {
    for (const [said, ...failures] of rows) {
      t.is(failures.length > 0, rows === badMounts || rows === badOthers);
      t.deepEqual(failuresOf(said), failures, JSON.stringify(said));
    }
  });
}
