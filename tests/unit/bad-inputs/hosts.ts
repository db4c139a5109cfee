import { connection, type Row } from "./rows.js";

const ADDRESS = "an address or a host name of letters, digits, dots and hyphens, not starting with a hyphen";

export const bad: Row[] = [
  ["NfsExport", { host: undefined }, "host: is required"],
  ["NfsExport", { host: null }, "host: a Host (got null)"],
  ["NfsExport", { host: "storage" }, 'host: a Host (got "storage")'],
  [
    "NfsExport",
    { host: { name: "Storage" } },
    'host.name: 1 to 63 lower-case letters, digits, dots and hyphens, not starting or ending with a dot or hyphen (got "Storage")',
  ],
  [
    "NfsExport",
    { host: { name: "$(id)" } },
    'host.name: 1 to 63 lower-case letters, digits, dots and hyphens, not starting or ending with a dot or hyphen (got "$(id)")',
  ],
  ["NfsExport", { host: { name: "a", address: "" } }, `host.address: ${ADDRESS} (got "")`],
  [
    "NfsExport",
    { host: { name: "a", address: "10.77.0.300" } },
    'host.address: an address or a host name; an IPv4 address is four numbers from 0 to 255 (got "10.77.0.300")',
  ],
  [
    "NfsExport",
    { host: { name: "a", adress: "10.77.0.11" } },
    'host.adress: unknown property "adress"; did you mean "address"?',
  ],
  ["NfsExport", { host: { name: "a", lost: "yes" } }, 'host.lost: true or false (got "yes")'],
  ["NfsExport", { host: { name: "a", fence: true } }, 'host.fence: "force" (got true)'],
  [
    "NfsExport",
    { host: { name: "a", install: "true" } },
    'host.install: true or false (got "true"; without quotes)',
  ],
  [
    "NfsExport",
    { host: { name: "a", connection: "root:hush@h" } },
    "host.connection: an object (got a string)",
  ],
  ["NfsExport", { host: { name: "a", connection: null } }, "host.connection: an object (got null)"],
  ["NfsExport", { host: { name: "a", connection: {} } }, "host.connection.host: is required"],
  ["NbdAttachment", { storage: "storage" }, 'storage: a Host (got "storage")'],
  [
    "NbdAttachment",
    { storage: { name: "a", connection: { host: "h", port: "22x" } } },
    'storage.connection.port: a port, 1 to 65535 (got "22x")',
  ],
  ["NfsExport", connection({ host: "" }), `host.connection.host: ${ADDRESS} (got "")`],
  ["NfsExport", connection({ host: "a b" }), `host.connection.host: ${ADDRESS} (got "a b")`],
  ["NfsExport", connection({ host: " h" }), `host.connection.host: ${ADDRESS} (got " h")`],
  ["NfsExport", connection({ host: "h\n" }), `host.connection.host: ${ADDRESS} (got "h\\n")`],
  [
    "NfsExport",
    connection({ host: "-oProxyCommand=id" }),
    `host.connection.host: ${ADDRESS} (got "-oProxyCommand=id")`,
  ],
  ["NfsExport", connection({ host: "$(id)" }), `host.connection.host: ${ADDRESS} (got "$(id)")`],
  [
    "NfsExport",
    connection({ host: "root@h" }),
    'host.connection.host: an address or a host name alone; the user goes into user (got "root@h")',
  ],
  [
    "NfsExport",
    connection({ host: "root:hush@h" }),
    'host.connection.host: an address or a host name alone; the user goes into user (got "root:…@h")',
  ],
  [
    "NfsExport",
    connection({ host: "ssh://root:hush@h" }),
    'host.connection.host: an address or a host name, not a URL (got "ssh:…@h")',
  ],
  [
    "NfsExport",
    connection({ host: "10.0.0.1:2222" }),
    'host.connection.host: an address or a host name alone; the port goes into port (got "10.0.0.1:2222")',
  ],
  [
    "NfsExport",
    connection({ host: "h:22" }),
    'host.connection.host: an address or a host name alone; the port goes into port (got "h:22")',
  ],
  [
    "NfsExport",
    connection({ host: "[fd00::1]" }),
    'host.connection.host: an address or a host name; an IPv6 address without brackets (got "[fd00::1]")',
  ],
  [
    "NfsExport",
    connection({ host: "[fd00::1]:22" }),
    'host.connection.host: an address or a host name alone; the port goes into port (got "[fd00::1]:22")',
  ],
  [
    "NfsExport",
    connection({ host: "999.1.1.1" }),
    'host.connection.host: an address or a host name; an IPv4 address is four numbers from 0 to 255 (got "999.1.1.1")',
  ],
  [
    "NfsExport",
    connection({ host: "fd00:::1" }),
    'host.connection.host: an address or a host name; an IPv6 address is like "fd00::11" (got "fd00:::1")',
  ],
  [
    "NfsExport",
    connection({ host: "ä.example.org" }),
    `host.connection.host: ${ADDRESS} (got "ä.example.org")`,
  ],
  ["NfsExport", connection({ host: null }), "host.connection.host: an address or a host name (got null)"],
  ["NfsExport", connection({ host: 22 }), "host.connection.host: an address or a host name (got 22)"],
  [
    "NfsExport",
    connection({ host: "x".repeat(500) }),
    'host.connection.host: an address or a host name of at most 253 characters (got "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…", 500 characters)',
  ],
];

export const good: Row[] = [
  ["NfsExport", connection({ host: "h" })],
  ["NfsExport", connection({ host: "localhost" })],
  ["NfsExport", connection({ host: "a_b" })],
  ["NfsExport", connection({ host: "fd00::1" })],
  ["NfsExport", connection({ host: "fe80::1%eth0" })],
  ["NfsExport", connection({ host: "node-01.example.org" })],
  ["NfsExport", connection({ host: "192.0.2.1" })],
];
