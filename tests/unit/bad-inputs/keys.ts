import { connection, type Row } from "./rows.js";

const KEY = 'the host\'s public key, such as "ssh-ed25519 AAAA…"';
const CUT = '; the part after "ssh-ed25519" is cut off or changed';
const KEY_LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

/** The beginning of a key, as ssh-keygen writes it. */
function openSsh(cipher: string): string {
  const bytes = Buffer.from(
    `openssh-key-v1\0\0\0\0${String.fromCharCode(cipher.length)}${cipher}\0\0\0\x04none`,
    "latin1",
  );
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

export const bad: Row[] = [
  ["NfsExport", connection({ hostKey: "" }), `host.connection.hostKey: ${KEY} (got "")`],
  ["NfsExport", connection({ hostKey: "AAAA" }), `host.connection.hostKey: ${KEY} (got "AAAA")`],
  [
    "NfsExport",
    connection({ hostKey: "ssh-ed25519" }),
    `host.connection.hostKey: ${KEY}${CUT} (got "ssh-ed25519")`,
  ],
  [
    "NfsExport",
    connection({ hostKey: "ssh-ed25519 AAAA" }),
    `host.connection.hostKey: ${KEY}${CUT} (got "ssh-ed25519 AAAA")`,
  ],
  [
    "NfsExport",
    connection({ hostKey: `ssh-ed25519 ${"x".repeat(80)}` }),
    `host.connection.hostKey: ${KEY}${CUT} (got "ssh-ed25519 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…", 92 characters)`,
  ],
  [
    "NfsExport",
    connection({ hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA$" }),
    `host.connection.hostKey: ${KEY}${CUT} (got "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA$")`,
  ],
  [
    "NfsExport",
    connection({ hostKey: "SHA256:abc" }),
    `host.connection.hostKey: ${KEY}, not its fingerprint (got "SHA256:abc")`,
  ],
  [
    "NfsExport",
    connection({ hostKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nhush" }),
    `host.connection.hostKey: ${KEY}, not a private key (got a private key)`,
  ],
  [
    "NfsExport",
    connection({ hostKey: "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f" }),
    `host.connection.hostKey: ${KEY}; the part after "ssh-rsa" is cut off or changed (got "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f")`,
  ],
  ["NfsExport", connection({ hostKey: null }), `host.connection.hostKey: ${KEY} (got null)`],
  [
    "NfsExport",
    connection({ privateKey: "~/.ssh/id_ed25519" }),
    "host.connection.privateKey: the text of a private key, OpenSSH or PEM; for a path use privateKeyFile",
  ],
  [
    "NfsExport",
    connection({ privateKey: "hush" }),
    'host.connection.privateKey: the text of a private key, OpenSSH or PEM: it starts with "-----BEGIN"',
  ],
  [
    "NfsExport",
    connection({ privateKey: KEY_LINE }),
    "host.connection.privateKey: the text of the private key; this is the public one",
  ],
  ["NfsExport", connection({ privateKey: 5150 }), "host.connection.privateKey: a string (got a number)"],
  ["NfsExport", connection({ privateKey: ["hush"] }), "host.connection.privateKey: a string (got a list)"],
  [
    "NfsExport",
    connection({ privateKey: "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nhush" }),
    "host.connection.privateKeyPassword: is required: the private key is encrypted",
  ],
  [
    "NfsExport",
    connection({ privateKey: openSsh("aes256-ctr") }),
    "host.connection.privateKeyPassword: is required: the private key is encrypted",
  ],
  [
    "NfsExport",
    connection({ privateKeyFile: "-----BEGIN OPENSSH PRIVATE KEY-----\nhush" }),
    "host.connection.privateKeyFile: the path of a private key; for its text use privateKey (got a private key)",
  ],
  [
    "NfsExport",
    connection({ knownHostsFile: "" }),
    'host.connection.knownHostsFile: the path of a known_hosts file (got "")',
  ],
  ["NfsExport", connection({ password: 5150 }), "host.connection.password: a string (got a number)"],
  [
    "NfsExport",
    connection({ privateKeyPassword: null }),
    "host.connection.privateKeyPassword: a string (got null)",
  ],
  [
    "NfsExport",
    connection({ insecureIgnoreHostKey: "yes" }),
    'host.connection.insecureIgnoreHostKey: true or false (got "yes")',
  ],
];

export const good: Row[] = [
  ["NfsExport", connection({ hostKey: `# h:22 SSH-2.0-OpenSSH_9.2\nh ${KEY_LINE} root@h` })],
  ["NfsExport", connection({ privateKey: openSsh("none") })],
  [
    "NfsExport",
    connection({ privateKey: "-----BEGIN ENCRYPTED PRIVATE KEY-----\nhush", privateKeyPassword: "hush" }),
  ],
];
