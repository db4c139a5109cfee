import type { Row } from "./rows.js";

const SOURCE = 'an export, such as "10.77.0.11:/srv/mooring/yundream"';
const SOFT = "without ro can corrupt data silently (nfs(5)); use hard, the default, or ro";
const ALONE = "the node's IP address on the storage network";
const NETWORK = `${ALONE}, alone: over NFS a network would let in each of its nodes, also one that was fenced`;
const OPTION = "one option of letters, digits and _ = : . @ / + -";

export const bad: Row[] = [
  ["NfsMount", { source: undefined }, "source: is required"],
  ["NfsMount", { source: "" }, `source: ${SOURCE} (got "")`],
  ["NfsMount", { source: "/srv/a" }, `source: ${SOURCE} (got "/srv/a")`],
  ["NfsMount", { source: ":/srv/a" }, `source: ${SOURCE} (got ":/srv/a")`],
  ["NfsMount", { source: "h:srv" }, `source: ${SOURCE} (got "h:srv")`],
  ["NfsMount", { source: "h:/a b" }, `source: ${SOURCE} (got "h:/a b")`],
  ["NfsMount", { source: "h:/a\n" }, `source: ${SOURCE} (got "h:/a\\n")`],
  [
    "NfsMount",
    { source: "h:/a/../b" },
    'source: a source without "." and ".." in its path (got "h:/a/../b")',
  ],
  [
    "NfsMount",
    { source: "fd00::11:/srv/a" },
    'source: a source; an IPv6 address is in brackets: "[fd00::11]:/srv/mooring/yundream" (got "fd00::11:/srv/a")',
  ],
  ["NfsMount", { source: "http://h/a" }, `source: ${SOURCE}, not a URL (got "http://h/a")`],
  ["NfsMount", { source: 5 }, `source: ${SOURCE} (got 5)`],
  ["NfsMount", { options: "soft" }, 'options: a list of options, such as ["ro"] (got "soft")'],
  ["NfsMount", { options: ["soft"] }, `options: soft ${SOFT}`],
  ["NfsMount", { options: ["soft", "rw"] }, `options: soft ${SOFT}`],
  ["NfsMount", { options: ["softerr"] }, `options: softerr ${SOFT}`],
  ["NfsMount", { options: ["rw", "ro"] }, "options: has both rw and ro; leave one out"],
  ["NfsMount", { options: ["hard", "soft", "ro"] }, "options: has both hard and soft; leave one out"],
  ["NfsMount", { options: ["vers=3"] }, "options: vers=3: it is mounted as NFS 4; use vers=4.2, 4.1 or 4"],
  [
    "NfsMount",
    { options: ["vers=4.1", "vers=4.2"] },
    "options: has both vers=4.1 and vers=4.2; leave one out",
  ],
  ["NfsMount", { options: ["a,b"] }, `options[0]: ${OPTION} (got "a,b")`],
  ["NfsMount", { options: ["rw\n"] }, `options[0]: ${OPTION} (got "rw\\n")`],
  ["NfsMount", { options: ["$(id)"] }, `options[0]: ${OPTION} (got "$(id)")`],
  ["NfsMount", { options: [null] }, `options[0]: ${OPTION} (got null)`],
  [
    "NfsMount",
    { options: null },
    'options: a list of options, such as ["ro"] (got null; leave it out instead)',
  ],
  [
    "NfsMount",
    { storage: { name: "storage" } },
    "address: is required with storage: the node's address on the storage network",
  ],
  ["NfsMount", { address: "10.77.0.12" }, "storage: is required with address: the storage host"],
  ...(
    [
      ["node-01", `${ALONE}: set the Host's address`],
      ["", `${ALONE}: set the Host's address`],
      ["10.77.0.300", `${ALONE}: set the Host's address`],
      ["10.77.0.12; id", `${ALONE}: set the Host's address`],
      ["10.77.0.0/24", NETWORK],
      ["10.77.0.12/32", NETWORK],
      ["fd00::/64", NETWORK],
      ["0.0.0.0/0", NETWORK],
      ["0.0.0.0", `${ALONE}; this is every address`],
      ["::", `${ALONE}; this is every address`],
      ["::ffff:0.0.0.0", `${ALONE}; this is every address`],
    ] as const
  ).map(
    ([address, reason]): Row => [
      "NfsMount",
      { storage: { name: "storage" }, address },
      `address: ${reason} (got "${address}")`,
    ],
  ),
  [
    "NfsMount",
    { storage: { name: "storage" }, address: 5 },
    `address: ${ALONE}: set the Host's address (got 5)`,
  ],
];

export const good: Row[] = [
  ["NfsMount", { storage: { name: "storage" }, address: "10.77.0.12" }],
  ["NfsMount", { storage: { name: "storage" }, address: "fd00::12" }],
  ["NfsMount", { source: "[fd00::11]:/" }],
  ["NfsMount", { source: "node-01.example.org://srv//A_b/" }],
  ["NfsMount", { options: ["soft", "ro"] }],
  ["NfsMount", { options: [] }],
  ["NfsMount", { options: ["nfsvers=4.1", "rsize=1048576"] }],
];
