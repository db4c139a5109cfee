import { type Row, UNKNOWN } from "./rows.js";

export const bad: Row[] = [
  [
    "NfsExport",
    { name: UNKNOWN, path: "a" },
    'path: an absolute path of letters, digits and . _ @ + - / (got "a")',
  ],
  [
    "NfsExport",
    { clients: [UNKNOWN, "10.0.0.0/33"] },
    'clients[1]: a network\'s prefix is at most 32 bits (got "10.0.0.0/33")',
  ],
  [
    "NfsExport",
    { clients: [{ address: UNKNOWN, options: ["rw", "ro"] }] },
    "clients[0].options: has both rw and ro; leave one out",
  ],
  [
    "NfsExport",
    { clients: ["*"], name: UNKNOWN },
    'clients: "*" lets every host in; set anyClient: true if that is meant, or name a network',
  ],
  [
    "NfsExport",
    { host: { name: "a", connection: { host: UNKNOWN, port: 70000 } } },
    "host.connection.port: a port, 1 to 65535 (got 70000)",
  ],
  [
    "NfsExport",
    { host: { name: "a", connection: { host: UNKNOWN, prot: 1 } } },
    'host.connection.prot: unknown property "prot"; did you mean "port"?',
  ],
  [
    "DockerContainer",
    { imageId: UNKNOWN, ports: [{ internal: 80, external: 80 }], networkMode: "host" },
    'ports: networkMode "host" publishes no ports: leave ports or networkMode out',
  ],
  [
    "DockerContainer",
    { ports: [{ internal: UNKNOWN, external: 70000 }] },
    "ports[0].external: a port, 1 to 65535 (got 70000)",
  ],
  ["DockerContainer", { environment: { A: UNKNOWN, B: 5150 } }, "environment.B: a string (got a number)"],
  [
    "DockerContainer",
    { volumes: [{ source: UNKNOWN, target: "/" }] },
    'volumes[0].target: a path below "/": a volume can\'t be the container\'s root (got "/")',
  ],
  ["Qcow2Template", { size: UNKNOWN, fsType: "ntfs" }, 'fsType: "ext4" or "xfs" (got "ntfs")'],
  ["Qcow2Template", { name: UNKNOWN, size: "8MiB" }, 'size: at least 16MiB for ext4 (got "8MiB")'],
];

export const good: Row[] = [
  ["NfsExport", { clients: ["*"], anyClient: UNKNOWN }],
  [
    "DockerContainer",
    {
      volumes: [
        { source: UNKNOWN, target: "/data" },
        { source: UNKNOWN, target: "/data" },
      ],
    },
  ],
  ["NfsMount", { options: ["soft", UNKNOWN] }],
];
