import { createHmac } from "node:crypto";
import test from "ava";
import { knownKeys, typeOf } from "../../../../provider/host/known-hosts.js";

/** A public key of a kind, in its wire form; only its first part is looked at. */
function key(content: string, type = "ssh-ed25519"): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(content)]);
}

const [one, two] = [key("one"), key("two")];
const entry = (names: string, of: Buffer, marker = "") =>
  `${marker}${names} ${typeOf(of)} ${of.toString("base64")} root@somewhere`;

function hashed(name: string): string {
  const salt = Buffer.from("0123456789abcdef0123");
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

test("a host's keys are found by name, in any of the names of a line and in several lines", (t) => {
  const text = `# comment\n\n${entry("a.example,10.0.0.1", one)}\r\n  ${entry("A.example", two)}\n${entry("b", two)}`;
  t.deepEqual(knownKeys(text, "a.example", 22), [one, two]);
  t.deepEqual(knownKeys(text, "10.0.0.1", 22), [one]);
  t.deepEqual(knownKeys(text, "c", 22), []);
  t.deepEqual(knownKeys("", "a.example", 22), []);
});

test("another port than 22 is another host", (t) => {
  const text = `${entry("a", one)}\n${entry("[a]:2222", two)}`;
  t.deepEqual(knownKeys(text, "a", 22), [one]);
  t.deepEqual(knownKeys(text, "a", 2222), [two]);
  t.deepEqual(knownKeys(text, "a", 2223), []);
});

test("hashed names are found, with their port too", (t) => {
  const text = `${entry(hashed("a.example"), one)}\n${entry(hashed("[a.example]:2222"), two)}`;
  t.deepEqual(knownKeys(text, "a.example", 22), [one]);
  t.deepEqual(knownKeys(text, "A.Example", 2222), [two]);
  t.deepEqual(knownKeys(text, "b.example", 22), []);
});

test("patterns match, and an exception is none", (t) => {
  const text = entry("*.example,!b.example,10.0.0.?", one);
  t.deepEqual(knownKeys(text, "a.example", 22), [one]);
  t.deepEqual(knownKeys(text, "b.example", 22), []);
  t.deepEqual(knownKeys(text, "10.0.0.7", 22), [one]);
  t.deepEqual(knownKeys(text, "10.0.0.77", 22), []);
  t.deepEqual(knownKeys(text, "axexample", 22), []);
});

test("a revoked key is not trusted, whatever else says so; an authority's key is no host's key", (t) => {
  const text = [
    entry("a", one),
    entry("a", two),
    entry("*", one, "@revoked "),
    entry("b", two, "@cert-authority "),
  ];
  t.deepEqual(knownKeys(text.join("\n"), "a", 22), [two]);
  t.deepEqual(knownKeys(text.join("\n"), "b", 22), []);
});

test("a line that is damaged is no key", (t) => {
  for (const line of [
    "a",
    "a ssh-ed25519",
    "a ssh-ed25519 !!!!",
    `a ssh-rsa ${one.toString("base64")}`,
    "@revoked",
  ]) {
    t.deepEqual(knownKeys(line, "a", 22), [], line);
  }
});
