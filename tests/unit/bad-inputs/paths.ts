import { fromImage, type Row } from "./rows.js";

const PATH = "an absolute path of letters, digits and . _ @ + - /";
const SYSTEM = 'a path outside the system\'s own directories, such as "/srv/NAME" or "/mnt/NAME"';
const OURS = "a path outside /var/lib/mooring, which is Mooring's own";

export const bad: Row[] = [
  ["NfsExport", { path: "" }, `path: ${PATH} (got "")`],
  ["NfsExport", { path: "yundream" }, `path: ${PATH} (got "yundream")`],
  ["NfsExport", { path: "./a" }, `path: ${PATH} (got "./a")`],
  ["NfsExport", { path: "~/a" }, `path: ${PATH} (got "~/a")`],
  ["NfsExport", { path: "/" }, `path: ${SYSTEM} (got "/")`],
  ["NfsExport", { path: "//" }, `path: ${SYSTEM} (got "//")`],
  ["NfsExport", { path: "/etc" }, `path: ${SYSTEM} (got "/etc")`],
  ["NfsExport", { path: "/etc/x" }, `path: ${SYSTEM} (got "/etc/x")`],
  ["NfsExport", { path: "/var/lib" }, `path: ${SYSTEM} (got "/var/lib")`],
  ["NfsExport", { path: "/srv" }, `path: ${SYSTEM} (got "/srv")`],
  ["NfsExport", { path: "/srv/../etc" }, 'path: a path without "." and ".." in it (got "/srv/../etc")'],
  ["NfsExport", { path: "/srv/." }, 'path: a path without "." and ".." in it (got "/srv/.")'],
  ["NfsExport", { path: "/srv/a\nb" }, `path: ${PATH} (got "/srv/a\\nb")`],
  ["NfsExport", { path: "/srv/a b" }, `path: ${PATH} (got "/srv/a b")`],
  ["NfsExport", { path: "/srv/$(id)" }, `path: ${PATH} (got "/srv/$(id)")`],
  ["NfsExport", { path: "/srv/ä" }, `path: ${PATH} (got "/srv/ä")`],
  ["NfsExport", { path: "/var/lib/mooring" }, `path: ${OURS} (got "/var/lib/mooring")`],
  ["NfsExport", { path: "/var/lib/mooring/clones" }, `path: ${OURS} (got "/var/lib/mooring/clones")`],
  ["NfsExport", { path: "/var/lib/docker" }, `path: ${SYSTEM} (got "/var/lib/docker")`],
  ["NfsExport", { path: "C:\\data" }, `path: ${PATH} (got "C:\\\\data")`],
  ["NfsExport", { path: null }, `path: ${PATH} (got null)`],
  ["NfsExport", { path: 5 }, `path: ${PATH} (got 5)`],
  [
    "NfsExport",
    { path: `/srv/${"x".repeat(256)}` },
    'path: a path of at most 1024 characters, 255 between two slashes (got "/srv/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…", 261 characters)',
  ],
  [
    "NfsExport",
    { path: `/srv/${"x".repeat(248)}` },
    'path: a shorter path: systemd names a unit after it (got "/srv/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…", 253 characters)',
  ],
  ["NfsMount", { path: "mnt/a" }, `path: ${PATH} (got "mnt/a")`],
  ["NfsMount", { path: "/mnt" }, `path: ${SYSTEM} (got "/mnt")`],
  ["NfsMount", { path: "/var/lib/mooring/x" }, `path: ${OURS} (got "/var/lib/mooring/x")`],
  ["NbdAttachment", { path: "/" }, `path: ${SYSTEM} (got "/")`],
  [
    "NbdAttachment",
    { path: `/mnt/${"-".repeat(70)}` },
    'path: a shorter path: systemd names a unit after it (got "/mnt/----------------------------------------------------------------------")',
  ],
  ["DockerImage", { archive: "m.tar", registryAuth: undefined }, `archive: ${PATH} (got "m.tar")`],
  [
    "Qcow2Template",
    fromImage({ path: "a.qcow2", sha256: "ab".repeat(32) }),
    `image.path: ${PATH} (got "a.qcow2")`,
  ],
  [
    "DockerContainer",
    { volumes: [{ source: "data", target: "/data" }] },
    `volumes[0].source: ${PATH} (got "data")`,
  ],
  [
    "DockerContainer",
    { volumes: [{ source: "/etc", target: "/data" }] },
    `volumes[0].source: ${SYSTEM} (got "/etc")`,
  ],
];

export const good: Row[] = [
  ["NfsExport", { path: "//srv///a//" }],
  ["NfsExport", { path: "/srv/.a..b@+_-" }],
  ["NfsExport", { path: "/etcetera" }],
  ["NfsMount", { path: "/data" }],
  ["NfsMount", { path: "/home/me/data" }],
  ["DockerContainer", { volumes: [{ source: "/var/lib/docker-data", target: "/data" }] }],
];
