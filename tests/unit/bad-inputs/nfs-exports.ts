import type { Row } from "./rows.js";

const ANY = "lets every host in; set anyClient: true if that is meant, or name a network";
const CLIENT = 'an address, a network such as "10.77.0.0/24", a host name, or "*"';
const OPTION = "one option of letters, digits and _ = : . @ / + -";
const MODE = 'octal permissions as a string, such as "0755"';
const USER = 'a user\'s or group\'s name or number as a string, such as "www-data" or "33"';

const SHARED = 'belongs to access "shared"; with "single" the node that the volume is attached to is let in';

export const bad: Row[] = [
  ["NfsExport", { clients: undefined }, "clients: is required"],
  ["NfsExport", { access: "one" }, 'access: "single" or "shared" (got "one")'],
  ["NfsExport", { access: "single" }, `clients: ${SHARED}`, `anyClient: ${SHARED}`],
  ["NfsExport", { clients: [] }, "clients: at least one client (got an empty list)"],
  [
    "NfsExport",
    { clients: "10.77.0.0/24" },
    'clients: a list, such as ["10.77.0.0/24"] (got "10.77.0.0/24")',
  ],
  ["NfsExport", { clients: {} }, 'clients: a list, such as ["10.77.0.0/24"] (got an object)'],
  [
    "NfsExport",
    { clients: null },
    'clients: a list, such as ["10.77.0.0/24"] (got null; leave it out instead)',
  ],
  ["NfsExport", { clients: [5] }, "clients[0]: an address, or an address with options (got 5)"],
  ["NfsExport", { clients: [null] }, "clients[0]: an address, or an address with options (got null)"],
  ["NfsExport", { clients: [{}] }, "clients[0].address: is required"],
  ["NfsExport", { clients: ["*"] }, `clients: "*" ${ANY}`],
  ["NfsExport", { clients: ["0.0.0.0/0"] }, `clients: "0.0.0.0/0" ${ANY}`],
  ["NfsExport", { clients: ["::/0"] }, `clients: "::/0" ${ANY}`],
  [
    "NfsExport",
    { clients: ["10.0.0.0/33"] },
    'clients[0]: a network\'s prefix is at most 32 bits (got "10.0.0.0/33")',
  ],
  [
    "NfsExport",
    { clients: ["fd00::/129"] },
    'clients[0]: a network\'s prefix is at most 128 bits (got "fd00::/129")',
  ],
  [
    "NfsExport",
    { clients: ["300.1.1.1"] },
    `clients[0]: ${CLIENT}; this is not an IPv4 address (got "300.1.1.1")`,
  ],
  [
    "NfsExport",
    { clients: ["10.77.0/24"] },
    `clients[0]: ${CLIENT}; this is not an IPv4 address (got "10.77.0/24")`,
  ],
  [
    "NfsExport",
    { clients: ["fd00:::1"] },
    `clients[0]: ${CLIENT}; this is not an IPv6 address (got "fd00:::1")`,
  ],
  [
    "NfsExport",
    { clients: ["10.0.0.0/255.255.255.0"] },
    `clients[0]: ${CLIENT} (got "10.0.0.0/255.255.255.0")`,
  ],
  [
    "NfsExport",
    { clients: ["10.77.0.0/24(rw)"] },
    'clients[0]: an address alone; options go beside it: { address: "10.77.0.0/24", options: ["ro"] } (got "10.77.0.0/24(rw)")',
  ],
  [
    "NfsExport",
    { clients: ["10.77.0.12(rw,no_root_squash)"] },
    'clients[0]: an address alone; options go beside it: { address: "10.77.0.0/24", options: ["ro"] } (got "10.77.0.12(rw,no_root_squash)")',
  ],
  ["NfsExport", { clients: ["a b"] }, `clients[0]: ${CLIENT} (got "a b")`],
  ["NfsExport", { clients: [""] }, `clients[0]: ${CLIENT} (got "")`],
  ["NfsExport", { clients: ["-o"] }, `clients[0]: ${CLIENT} (got "-o")`],
  ["NfsExport", { clients: ["a\n"] }, `clients[0]: ${CLIENT} (got "a\\n")`],
  ["NfsExport", { clients: ["10.0.0.1", "10.0.0.1"] }, 'clients[1]: each client once (got "10.0.0.1")'],
  [
    "NfsExport",
    { clients: ["b", { address: "10.0.0.1" }, "10.0.0.1"] },
    'clients[2]: each client once (got "10.0.0.1")',
  ],
  [
    "NfsExport",
    { clients: [{ address: "a", option: ["rw"] }] },
    'clients[0].option: unknown property "option"; did you mean "options"?',
  ],
  ["NfsExport", { clients: [{ address: 5 }] }, `clients[0].address: ${CLIENT} (got 5)`],
  [
    "NfsExport",
    { clients: [{ address: "a", options: "rw,sync" }] },
    'clients[0].options: a list of options, such as ["ro"] (got "rw,sync")',
  ],
  [
    "NfsExport",
    { clients: [{ address: "a", options: ["rw,sync"] }] },
    `clients[0].options[0]: ${OPTION} (got "rw,sync")`,
  ],
  [
    "NfsExport",
    { clients: [{ address: "a", options: ["rw\n"] }] },
    `clients[0].options[0]: ${OPTION} (got "rw\\n")`,
  ],
  ["NfsExport", { clients: [{ address: "a", options: [""] }] }, `clients[0].options[0]: ${OPTION} (got "")`],
  [
    "NfsExport",
    { clients: [{ address: "a", options: ["rw", "ro"] }] },
    "clients[0].options: has both rw and ro; leave one out",
  ],
  [
    "NfsExport",
    { clients: [{ address: "a", options: ["sync", "async"] }] },
    "clients[0].options: has both sync and async; leave one out",
  ],
  [
    "NfsExport",
    { clients: [{ address: "a", options: ["root_squash", "no_root_squash"] }] },
    "clients[0].options: has both root_squash and no_root_squash; leave one out",
  ],
  [
    "NfsExport",
    { clients: [{ address: "a", options: ["fsid=0"] }] },
    "clients[0].options: has fsid=0; set the export's fsid instead: it is the same for all clients",
  ],
  [
    "NfsExport",
    { clients: [{ address: "a", options: ["fsid=1", "fsid=2"] }] },
    "clients[0].options: has both fsid=1 and fsid=2; leave one out",
    "clients[0].options: has fsid=1; set the export's fsid instead: it is the same for all clients",
  ],
  [
    "NfsExport",
    { clients: [{ address: "a", options: ["anonuid=1", "anonuid=2"] }] },
    "clients[0].options: has both anonuid=1 and anonuid=2; leave one out",
  ],
  [
    "NfsExport",
    { clients: [{ address: "a", options: ["a(b)"] }] },
    `clients[0].options[0]: ${OPTION} (got "a(b)")`,
  ],
  ["NfsExport", { clients: [{ address: "a", options: [5] }] }, `clients[0].options[0]: ${OPTION} (got 5)`],
  ["NfsExport", { anyClient: "yes" }, 'anyClient: true or false (got "yes")'],
  [
    "NfsExport",
    { clients: ["*"], anyClient: "true" },
    'anyClient: true or false (got "true"; without quotes)',
  ],
  ["NfsExport", { mode: 755 }, `mode: ${MODE} (got 755)`],
  ["NfsExport", { mode: "999" }, `mode: ${MODE} (got "999")`],
  ["NfsExport", { mode: "75" }, `mode: ${MODE} (got "75")`],
  ["NfsExport", { mode: "rwx" }, `mode: ${MODE} (got "rwx")`],
  ["NfsExport", { mode: "0o755" }, `mode: ${MODE} (got "0o755")`],
  ["NfsExport", { mode: "" }, `mode: ${MODE} (got "")`],
  ["NfsExport", { user: 33 }, `user: ${USER} (got 33)`],
  ["NfsExport", { user: "Root" }, `user: ${USER} (got "Root")`],
  ["NfsExport", { user: "a:b" }, `user: ${USER} (got "a:b")`],
  ["NfsExport", { user: "" }, `user: ${USER} (got "")`],
  ["NfsExport", { user: "a b" }, `user: ${USER} (got "a b")`],
  ["NfsExport", { group: -1 }, `group: ${USER} (got -1)`],
  ["NfsExport", { fsid: "0" }, 'fsid: a UUID (got "0")'],
  ["NfsExport", { fsid: 7 }, "fsid: a UUID (got 7)"],
];

export const good: Row[] = [
  ["NfsExport", { clients: ["*"], anyClient: true }],
  ["NfsExport", { access: "single", clients: undefined, anyClient: undefined }],
  ["NfsExport", { clients: ["*.example.org", "@group", "fd00::/64", "Node-1", "10.0.0.1/32"] }],
  ["NfsExport", { clients: [{ address: "a", options: [] }] }],
  [
    "NfsExport",
    { clients: [{ address: "a", options: ["rw", "rw", "sec=krb5:krb5i", "no_root_squash", "insecure"] }] },
  ],
  ["NfsExport", { mode: "1777", user: "_apt", group: "0" }],
  ["NfsExport", { fsid: "FFFFFFFF-0000-0000-0000-000000000000" }],
];
