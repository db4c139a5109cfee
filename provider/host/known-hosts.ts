import { createHmac } from "node:crypto";

/** The keys that a known_hosts file holds for a host (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT), hashed names too. */
export function knownKeys(text: string, host: string, port: number): Buffer[] {
  const name = (port === 22 ? host : `[${host}]:${port}`).toLowerCase();
  const trusted: Buffer[] = [];
  const revoked: Buffer[] = [];
  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
    const [names = "#", type = "", encoded = ""] = words;
    // A certificate authority is no key of the host.
    if (names.startsWith("#") || (marker !== undefined && marker !== "@revoked")) continue;
    const key = Buffer.from(encoded, "base64");
    if (typeOf(key) !== type || !isNamed(names.split(","), name)) continue;
    (marker ? revoked : trusted).push(key);
  }
  return trusted.filter((key) => !revoked.some((each) => each.equals(key)));
}

/** The kind of a public key, as it stands in it. */
export function typeOf(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const end = 4 + key.readUInt32BE(0);
  return end < key.length ? key.toString("latin1", 4, end) : undefined;
}

function isNamed(patterns: readonly string[], name: string): boolean {
  if (patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => matches(pattern, name));
}

function matches(pattern: string, name: string): boolean {
  const [, magic, salt, hash] = pattern.split("|");
  if (magic === "1" && salt !== undefined)
    return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
  const expression = pattern
    .toLowerCase()
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${expression}$`).test(name);
}
