import type { Row } from "./rows.js";

const KNOWN_EXPORT =
  "known are host, adopt, timeouts, name, path, access, clients, anyClient, mode, user, group, fsid, onDelete";

export const bad: Row[] = [
  ["Qcow2Template", { fstype: "ext4" }, 'fstype: unknown property "fstype"; did you mean "fsType"?'],
  ["Qcow2Template", { fs_type: "ext4" }, 'fs_type: unknown property "fs_type"; did you mean "fsType"?'],
  [
    "LinkedClone",
    { fsType: "ext4" },
    'fsType: unknown property "fsType"; known are host, adopt, timeouts, name, template, size, mmp, onDelete',
  ],
  ["NfsExport", { onDeleted: "trash" }, 'onDeleted: unknown property "onDeleted"; did you mean "onDelete"?'],
  ["NfsExport", { on_delete: "trash" }, 'on_delete: unknown property "on_delete"; did you mean "onDelete"?'],
  ["NfsExport", { client: ["a"] }, 'client: unknown property "client"; did you mean "clients"?'],
  ["NfsExport", { zebra: 1 }, `zebra: unknown property "zebra"; ${KNOWN_EXPORT}`],
  ["NfsExport", { stauts: 1 }, `stauts: unknown property "stauts"; ${KNOWN_EXPORT}`],
  [
    "NfsMount",
    { stat: 1 },
    'stat: unknown property "stat"; known are host, adopt, timeouts, name, source, path, options, storage, address',
  ],
  [
    "NbdExport",
    { ownr: 1 },
    'ownr: unknown property "ownr"; known are host, adopt, timeouts, name, address, port, tls',
  ],
  ["NfsExport", { "a b\n": 1 }, `"a b\\n": unknown property "a b\\n"; ${KNOWN_EXPORT}`],
  [
    "NfsExport",
    {
      yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy: 1,
    },
    `yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy: unknown property "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…", 500 characters; ${KNOWN_EXPORT}`,
  ],
  ["DockerContainer", { env: { A: "hush" } }, 'env: unknown property "env"; did you mean "environment"?'],
  [
    "DockerContainer",
    { cmd: ["a"] },
    'cmd: unknown property "cmd"; known are host, adopt, timeouts, name, image, imageId, command, entrypoint, environment, ports, volumes, user, networkMode, memory, cpus, labels, healthCheck, stopGrace, restart, waitTimeout',
  ],
  [
    "DockerContainer",
    { restartPolicy: "no" },
    'restartPolicy: unknown property "restartPolicy"; did you mean "restart"?',
  ],
  [
    "DockerContainer",
    { network_mode: "host" },
    'network_mode: unknown property "network_mode"; did you mean "networkMode"?',
  ],
  [
    "DockerContainer",
    { stop_grace_period: "30s" },
    'stop_grace_period: unknown property "stop_grace_period"; did you mean "stopGrace"?',
  ],
  ["DockerContainer", { volume: [] }, 'volume: unknown property "volume"; did you mean "volumes"?'],
  [
    "DockerContainer",
    { healthcheck: {} },
    'healthcheck: unknown property "healthcheck"; did you mean "healthCheck"?',
  ],
  [
    "DockerContainer",
    { mem_limit: "1g" },
    'mem_limit: unknown property "mem_limit"; known are host, adopt, timeouts, name, image, imageId, command, entrypoint, environment, ports, volumes, user, networkMode, memory, cpus, labels, healthCheck, stopGrace, restart, waitTimeout',
  ],
  [
    "DockerImage",
    { image_archive: "/srv/m.tar" },
    'image_archive: unknown property "image_archive"; did you mean "archive"?',
  ],
  [
    "DockerImage",
    { name: "mariadb" },
    'name: unknown property "name"; known are host, adopt, timeouts, image, archive, registryAuth, keepOnDelete',
  ],
  ["NbdExport", { prot: 1 }, 'prot: unknown property "prot"; did you mean "port"?'],
  [
    "NbdExport",
    { x: 1 },
    'x: unknown property "x"; known are host, adopt, timeouts, name, address, port, tls',
  ],
  ["NbdAttachment", { mountPath: "/mnt/a" }, 'mountPath: unknown property "mountPath"; did you mean "path"?'],
  [
    "NfsExport",
    { name: "A", path: "a", mode: "x", nmae: 1 },
    'nmae: unknown property "nmae"; did you mean "name"?',
    'name: 1 to 63 lower-case letters, digits and hyphens, not starting or ending with a hyphen (got "A")',
    'path: an absolute path of letters, digits and . _ @ + - / (got "a")',
    'mode: octal permissions as a string, such as "0755" (got "x")',
  ],
];
