import type { Row } from "./rows.js";

const SUBDIRECTORY = 'a relative path, such as "data"';

export const bad: Row[] = [
  [
    "DockerContainer",
    { volumes: "/mnt/a:/data" },
    'volumes: a list, such as [{ source: "/mnt/mooring/shop", target: "/data" }] (got "/mnt/a:/data")',
  ],
  [
    "DockerContainer",
    { volumes: ["/mnt/a:/data"] },
    'volumes[0]: a volume, such as { source: "/mnt/mooring/shop", target: "/data" } (got "/mnt/a:/data")',
  ],
  ["DockerContainer", { volumes: [{ source: "/mnt/a" }] }, "volumes[0].target: is required"],
  [
    "DockerContainer",
    { volumes: [{ source: "/mnt/a", target: "data" }] },
    'volumes[0].target: an absolute path inside the container (got "data")',
  ],
  [
    "DockerContainer",
    { volumes: [{ source: "/mnt/a", target: "/" }] },
    'volumes[0].target: a path below "/": a volume can\'t be the container\'s root (got "/")',
  ],
  [
    "DockerContainer",
    { volumes: [{ source: "/mnt/a", target: "//." }] },
    'volumes[0].target: a path below "/": a volume can\'t be the container\'s root (got "//.")',
  ],
  [
    "DockerContainer",
    { volumes: [{ source: "/mnt/a", target: "/data/../etc" }] },
    'volumes[0].target: a path without ".." (got "/data/../etc")',
  ],
  [
    "DockerContainer",
    { volumes: [{ source: "/mnt/a", target: "/a\nb" }] },
    'volumes[0].target: an absolute path inside the container (got "/a\\nb")',
  ],
  [
    "DockerContainer",
    { volumes: [{ source: "/mnt/a", target: "/proc/x" }] },
    'volumes[0].target: a path outside the container\'s /proc and /sys (got "/proc/x")',
  ],
  [
    "DockerContainer",
    {
      volumes: [
        { source: "/mnt/a", target: "/data" },
        { source: "/mnt/b", target: "/data/" },
      ],
    },
    'volumes[1].target: one volume at each target (got "/data/")',
  ],
  [
    "DockerContainer",
    { volumes: [{ source: "/mnt/a", target: "/data", subdirectory: "../b" }] },
    `volumes[0].subdirectory: ${SUBDIRECTORY} (got "../b")`,
  ],
  [
    "DockerContainer",
    { volumes: [{ source: "/mnt/a", target: "/data", subdirectory: "" }] },
    `volumes[0].subdirectory: ${SUBDIRECTORY} (got "")`,
  ],
  [
    "DockerContainer",
    { volumes: [{ source: "/mnt/a", target: "/data", subdirectory: "/data" }] },
    `volumes[0].subdirectory: ${SUBDIRECTORY} (got "/data")`,
  ],
  [
    "DockerContainer",
    { volumes: [{ source: "/mnt/a", target: "/data", mode: "ro" }] },
    'volumes[0].mode: unknown property "mode"; known are source, target, subdirectory, readOnly',
  ],
  [
    "DockerContainer",
    { volumes: [{ source: "/mnt/a", target: "/data", readonly: true }] },
    'volumes[0].readonly: unknown property "readonly"; did you mean "readOnly"?',
  ],
  [
    "DockerContainer",
    { volumes: [{ source: "/mnt/a", target: "/data", readOnly: "true" }] },
    'volumes[0].readOnly: true or false (got "true"; without quotes)',
  ],
];

export const good: Row[] = [
  [
    "DockerContainer",
    {
      volumes: [
        { source: "/mnt/a", target: "/Data ä" },
        { source: "/mnt/a", target: "/Data ä/b", subdirectory: "A/b.c" },
      ],
    },
  ],
];
