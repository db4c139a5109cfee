import type { Row } from "./rows.js";

const LISTEN = "an IP address of the storage host: where its connection has a name, set the Host's address";
const EVERYWHERE =
  "an address of the storage network alone: this one would serve the volume on every network of the host";
const PORT = "a port, 1 to 65535";

const PUBLIC = (address: string) =>
  `false on ${address}, which is not a private address: whoever is in between could read and change the data`;
const NODE = "the node's IP address on the storage network, or its network: set the Host's address";

export const bad: Row[] = [
  ["NbdExport", { address: undefined }, "address: is required"],
  ["NbdExport", { address: "" }, `address: ${LISTEN} (got "")`],
  ["NbdExport", { address: "0.0.0.0" }, `address: ${EVERYWHERE} (got "0.0.0.0")`],
  ["NbdExport", { address: "::" }, `address: ${EVERYWHERE} (got "::")`],
  ["NbdExport", { address: "0:0::0" }, `address: ${EVERYWHERE} (got "0:0::0")`],
  ["NbdExport", { address: "::ffff:0.0.0.0" }, `address: ${EVERYWHERE} (got "::ffff:0.0.0.0")`],
  ["NbdExport", { address: "storage.example.org" }, `address: ${LISTEN} (got "storage.example.org")`],
  ["NbdExport", { address: "10.0.0.1; id" }, `address: ${LISTEN} (got "10.0.0.1; id")`],
  ["NbdExport", { address: "999.1.1.1" }, `address: ${LISTEN} (got "999.1.1.1")`],
  ["NbdExport", { address: "10.0.0.1:10809" }, `address: ${LISTEN} (got "10.0.0.1:10809")`],
  ["NbdExport", { address: "[fd00::1]" }, `address: ${LISTEN} (got "[fd00::1]")`],
  ["NbdExport", { address: "10.77.0.0/24" }, `address: ${LISTEN} (got "10.77.0.0/24")`],
  ["NbdExport", { address: null }, `address: ${LISTEN} (got null)`],
  ["NbdExport", { address: 5 }, `address: ${LISTEN} (got 5)`],
  ["NbdExport", { port: 0 }, `port: ${PORT} (got 0)`],
  ["NbdExport", { port: -1 }, `port: ${PORT} (got -1)`],
  ["NbdExport", { port: 70000 }, `port: ${PORT} (got 70000)`],
  ["NbdExport", { port: 1.5 }, `port: ${PORT} (got 1.5)`],
  ["NbdExport", { port: "22x" }, `port: ${PORT} (got "22x")`],
  ["NbdExport", { port: "10809" }, `port: ${PORT} (got "10809"; without quotes)`],
  ["NbdExport", { port: null }, `port: ${PORT} (got null; leave it out instead)`],
  ["NbdExport", { tls: "false" }, 'tls: true or false (got "false"; without quotes)'],
  ["NbdExport", { tls: null }, "tls: true or false (got null; leave it out instead)"],
  ["NbdAttachment", { address: undefined }, "address: is required"],
  ["NbdAttachment", { address: "" }, `address: ${NODE} (got "")`],
  ["NbdAttachment", { address: "node-01.example.org" }, `address: ${NODE} (got "node-01.example.org")`],
  ["NbdAttachment", { address: "10.77.0.300" }, `address: ${NODE} (got "10.77.0.300")`],
  ["NbdAttachment", { address: "10.77.0.0/33" }, `address: ${NODE} (got "10.77.0.0/33")`],
  ["NbdAttachment", { address: "10.77.0.12; id" }, `address: ${NODE} (got "10.77.0.12; id")`],
  ["NbdAttachment", { address: "::" }, `address: ${NODE}; this is every address (got "::")`],
  ["NbdAttachment", { address: "0.0.0.0/0" }, `address: ${NODE}; this is every address (got "0.0.0.0/0")`],
  ["NbdExport", { address: "192.0.2.1", tls: false }, `tls: ${PUBLIC("192.0.2.1")}`],
  ["NbdExport", { address: "172.32.0.1", tls: false }, `tls: ${PUBLIC("172.32.0.1")}`],
  ["NbdExport", { address: "100.128.0.1", tls: false }, `tls: ${PUBLIC("100.128.0.1")}`],
  ["NbdExport", { address: "2001:db8::1", tls: false }, `tls: ${PUBLIC("2001:db8::1")}`],
  ["NbdAttachment", { client: "nbd" }, 'client: "qemu-nbd" or "nbd-client" (got "nbd")'],
  ["NbdAttachment", { client: null }, 'client: "qemu-nbd" or "nbd-client" (got null; leave it out instead)'],
  ["NbdAttachment", { storage: undefined }, "storage: is required"],
  ["NbdAttachment", { storage: {} }, "storage.name: is required"],
  ["NbdAttachment", { options: ["rw", "ro"] }, "options: has both rw and ro; leave one out"],
  [
    "NbdAttachment",
    { options: ["a b"] },
    'options[0]: one option of letters, digits and _ = : . @ / + - (got "a b")',
  ],
  ["NbdAttachment", { options: "noatime" }, 'options: a list of options, such as ["ro"] (got "noatime")'],
];

export const good: Row[] = [
  ["NbdAttachment", { address: "10.77.0.0/24" }],
  ["NbdAttachment", { address: "fd00::/64" }],
  ["NbdAttachment", { address: "fd00::12" }],
  ["NbdExport", { address: "fd00::1", port: 65535 }],
  ["NbdExport", { address: "127.0.0.1", port: undefined }],
  ["NbdExport", { address: "127.0.0.1", tls: false }],
  ["NbdExport", { address: "10.77.0.11", tls: false }],
  ["NbdExport", { address: "172.31.0.1", tls: false }],
  ["NbdExport", { address: "100.64.0.1", tls: false }],
  ["NbdExport", { address: "fd00::1", tls: false }],
  ["NbdExport", { address: "fe80::1", tls: false }],
  ["NbdExport", { address: "192.0.2.1", tls: true }],
  ["NbdAttachment", { address: "10.77.0.0/24" }],
  ["NbdAttachment", { address: "fd00::c" }],
  ["NbdAttachment", { address: "fd00::/64" }],
  ["NbdAttachment", { client: "nbd-client", options: [] }],
  ["NbdAttachment", { options: ["discard", "noatime", "discard"] }],
];
