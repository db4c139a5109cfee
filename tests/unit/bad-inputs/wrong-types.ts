import type { Row } from "./rows.js";

export const bad: Row[] = [
  ["NfsExport", { adopt: "true" }, 'adopt: true or false (got "true"; without quotes)'],
  ["NfsExport", { adopt: 1 }, "adopt: true or false (got 1)"],
  ["NfsExport", { adopt: null }, "adopt: true or false (got null; leave it out instead)"],
  [
    "NfsExport",
    { user: null },
    'user: a user\'s or group\'s name or number as a string, such as "www-data" or "33" (got null; leave it out instead)',
  ],
  ["NfsExport", { fsid: null }, "fsid: a UUID (got null; leave it out instead)"],
  [
    "LinkedClone",
    { onDelete: null },
    'onDelete: "trash", "retain" or "destroy" (got null; leave it out instead)',
  ],
  [
    "DockerContainer",
    { healthCheck: null, ports: null, volumes: null, cpus: null, user: null },
    "ports: a list, such as [{ internal: 80, external: 8080 }] (got null; leave it out instead)",
    'volumes: a list, such as [{ source: "/mnt/mooring/shop", target: "/data" }] (got null; leave it out instead)',
    'user: a user or user:group as a string, such as "999:999" (got null; leave it out instead)',
    "cpus: a number of CPUs, at least 0.01 (got null; leave it out instead)",
    'healthCheck: a health check, such as { command: ["mysqladmin", "ping"] } (got null; leave it out instead)',
  ],
];

export const good: Row[] = [["NfsMount", { options: undefined, adopt: undefined }]];
