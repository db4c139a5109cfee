import { z } from "zod";
import { typeOf } from "../host/known-hosts.js";

/** Keys in a connection, as far as they can be judged without the host. A key is never shown. */

const PUBLIC = /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp(256|384|521))$/;

const LOOKS = 'the host\'s public key, such as "ssh-ed25519 AAAA…"';

export const hostKey = z.string(LOOKS).superRefine((text, context) => {
  const message = hostKeyProblem(text);
  if (message) context.addIssue({ code: "custom", message });
});

function hostKeyProblem(text: string): string | undefined {
  if (/PRIVATE KEY/.test(text)) return `${LOOKS}, not a private key`;
  if (/^(SHA256|MD5):/.test(text)) return `${LOOKS}, not its fingerprint`;
  // With a host in front, or a comment behind, as known_hosts and ssh-keyscan have it.
  const words = text.trim().split(/\s+/);
  const at = words.findIndex((word) => /^(ssh-|ecdsa-|sk-)/.test(word));
  const [type = "", encoded = ""] = words.slice(Math.max(at, 0));
  if (!PUBLIC.test(type)) return LOOKS;
  const whole = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && typeOf(Buffer.from(encoded, "base64")) === type;
  return whole ? undefined : `${LOOKS}; the part after "${type}" is cut off or changed`;
}

export const privateKey = z.string().superRefine((text, context) => {
  const message = privateKeyProblem(text);
  if (message) context.addIssue({ code: "custom", message });
});

function privateKeyProblem(text: string): string | undefined {
  if (text === "" || /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|PuTTY-User-Key-File/.test(text)) return undefined;
  if (/^(ssh-|ecdsa-|sk-)\S+ /.test(text)) return "the text of the private key; this is the public one";
  if (/^(~|\.{0,2}\/)\S*$/.test(text))
    return "the text of a private key, OpenSSH or PEM; for a path use privateKeyFile";
  return 'the text of a private key, OpenSSH or PEM: it starts with "-----BEGIN"';
}

/** What privateKeyFile got when it is the key itself. */
export const keyFile = z.string().refine((text) => !/PRIVATE KEY|\n/.test(text), {
  error: "the path of a private key; for its text use privateKey",
});

export function isEncrypted(key: string): boolean {
  if (/ENCRYPTED/.test(key)) return true;
  const body = key.match(/-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/)?.[1];
  if (body === undefined) return false;
  // "openssh-key-v1", a zero, the length of the cipher's name, and that name (PROTOCOL.key).
  const bytes = Buffer.from(body, "base64");
  return (
    bytes.toString("latin1", 0, 15) === "openssh-key-v1\0" && bytes.toString("latin1", 19, 23) !== "none"
  );
}
