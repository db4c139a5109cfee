import { connection, type Row } from "./rows.js";

const PORT = "a port, 1 to 65535";

export const bad: Row[] = [
  ["NfsExport", connection({ port: 0 }), `host.connection.port: ${PORT} (got 0)`],
  ["NfsExport", connection({ port: 70000 }), `host.connection.port: ${PORT} (got 70000)`],
  ["NfsExport", connection({ port: -1 }), `host.connection.port: ${PORT} (got -1)`],
  ["NfsExport", connection({ port: 22.5 }), `host.connection.port: ${PORT} (got 22.5)`],
  ["NfsExport", connection({ port: "22" }), `host.connection.port: ${PORT} (got "22"; without quotes)`],
  ["NfsExport", connection({ port: "22x" }), `host.connection.port: ${PORT} (got "22x")`],
  ["NfsExport", connection({ port: null }), `host.connection.port: ${PORT} (got null)`],
  [
    "NfsExport",
    connection({ user: "" }),
    'host.connection.user: a user\'s name, not empty and without blanks (got "")',
  ],
  [
    "NfsExport",
    connection({ user: "a b" }),
    'host.connection.user: a user\'s name, not empty and without blanks (got "a b")',
  ],
  [
    "NfsExport",
    connection({ user: "a\n" }),
    'host.connection.user: a user\'s name, not empty and without blanks (got "a\\n")',
  ],
  [
    "NfsExport",
    connection({ user: 5 }),
    "host.connection.user: a user's name, not empty and without blanks (got 5)",
  ],
  [
    "NfsExport",
    connection({ sudo: "true" }),
    'host.connection.sudo: true or false (got "true"; without quotes)',
  ],
  [
    "NfsExport",
    connection({ dialErrorLimit: "3" }),
    'host.connection.dialErrorLimit: a whole number of tries; -1 is no limit (got "3"; without quotes)',
  ],
  [
    "NfsExport",
    connection({ dialErrorLimit: 1.5 }),
    "host.connection.dialErrorLimit: a whole number of tries; -1 is no limit (got 1.5)",
  ],
  [
    "NfsExport",
    connection({ perDialTimeout: -1 }),
    "host.connection.perDialTimeout: a number of seconds, 0 (no limit) to 86400 (got -1)",
  ],
  [
    "NfsExport",
    connection({ perDialTimeout: "15s" }),
    'host.connection.perDialTimeout: a number of seconds, 0 (no limit) to 86400 (got "15s")',
  ],
  [
    "NfsExport",
    connection({ privatekey: "hush" }),
    'host.connection.privatekey: unknown property "privatekey"; did you mean "privateKey"?',
  ],
  [
    "NfsExport",
    connection({ passwd: "hush" }),
    'host.connection.passwd: unknown property "passwd"; did you mean "password"?',
  ],
  [
    "NfsExport",
    connection({ private_key: "hush" }),
    'host.connection.private_key: unknown property "private_key"; did you mean "privateKey"?',
  ],
  [
    "NfsExport",
    connection({ x: 1 }),
    'host.connection.x: unknown property "x"; known are host, port, user, password, privateKey, privateKeyPassword, privateKeyFile, agentSocketPath, hostKey, knownHostsFile, insecureIgnoreHostKey, dialErrorLimit, perDialTimeout, sudo, proxy',
  ],
  ["NfsExport", connection({ proxy: "hush@bastion" }), "host.connection.proxy: an object (got a string)"],
  [
    "NfsExport",
    connection({ proxy: { host: "" } }),
    'host.connection.proxy.host: an address or a host name of letters, digits, dots and hyphens, not starting with a hyphen (got "")',
  ],
  [
    "NfsExport",
    connection({ proxy: { host: "b", port: 0, sudo: true } }),
    `host.connection.proxy.port: ${PORT} (got 0)`,
    'host.connection.proxy.sudo: unknown property "sudo"; known are host, port, user, password, privateKey, privateKeyPassword, privateKeyFile, agentSocketPath, hostKey, knownHostsFile, insecureIgnoreHostKey, dialErrorLimit, perDialTimeout',
  ],
  [
    "NfsExport",
    connection({ proxy: { host: "b", privateKey: "-----BEGIN ENCRYPTED PRIVATE KEY-----\nhush" } }),
    "host.connection.proxy.privateKeyPassword: is required: the private key is encrypted",
  ],
];

export const good: Row[] = [
  ["NfsExport", connection({ user: "DOMAIN\\me", privateKeyFile: "", agentSocketPath: "", privateKey: "" })],
  ["NfsExport", connection({ user: "ä", password: "", perDialTimeout: 0, dialErrorLimit: 10 })],
];
