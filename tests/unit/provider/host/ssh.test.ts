import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect as dial } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { HostUnreachable } from "../../../../provider/host/errors.js";
import { sh } from "../../../../provider/host/sh.js";
import { Shell } from "../../../../provider/host/shell.js";
import { connect } from "../../../../provider/host/ssh.js";
import type { Connection } from "../../../../provider/inputs/host-ref.js";
import { newKey, sshServer, type TestServer } from "./ssh-server.js";

// This machine's own agent and keys are no part of a test.
delete process.env.SSH_AUTH_SOCK;

const at = ({ port, hostKey }: TestServer): Connection => ({
  host: "127.0.0.1",
  port,
  hostKey,
  dialErrorLimit: 1,
});

/** Connects, runs a script in a shell there, and hangs up. */
async function says(t: ExecutionContext, connection: Connection): Promise<string> {
  const ssh = await connect("node-01", connection);
  t.teardown(() => ssh.end());
  const shell = new Shell(await ssh.exec("sh"));
  const { stdout } = await shell.run(sh`printf %s hello`, { timeoutMs: 10_000 });
  ssh.end();
  t.false(ssh.alive);
  return stdout;
}

async function fails(t: ExecutionContext, connection: Connection): Promise<string> {
  const error = await t.throwsAsync(connect("node-01", connection), { instanceOf: HostUnreachable });
  return error.message;
}

function file(t: ExecutionContext, content: string): string {
  const directory = mkdtempSync(join(tmpdir(), "mooring-ssh-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "file");
  writeFileSync(path, content);
  return path;
}

test("a password logs in, also where the server asks for it by a prompt", async (t) => {
  const server = await sshServer(t, { password: "open sesame" });
  t.is(await says(t, { ...at(server), user: "admin", password: "open sesame" }), "hello");
  t.is(server.tried.at(-1), "password admin");
  const asking = await sshServer(t, { keyboard: "open sesame" });
  t.is(await says(t, { ...at(asking), password: "open sesame" }), "hello");
  t.is(asking.tried.at(-1), "keyboard-interactive root");
});

test("a private key logs in, as text and as a file", async (t) => {
  const key = newKey();
  const server = await sshServer(t, { keys: [key.public] });
  t.is(await says(t, { ...at(server), privateKey: key.private }), "hello");
  t.is(await says(t, { ...at(server), privateKeyFile: file(t, key.private) }), "hello");
});

test("an encrypted key logs in with its passphrase, and says what is wrong without", async (t) => {
  const key = newKey("the passphrase");
  const server = await sshServer(t, { keys: [key.public] });
  const connection = { ...at(server), privateKey: key.private };
  t.is(await says(t, { ...connection, privateKeyPassword: "the passphrase" }), "hello");
  const before = server.connections();
  t.is(
    await fails(t, connection),
    'host "node-01" could not be reached: the private key is encrypted and privateKeyPassword is missing\nSet the connection\'s privateKeyPassword.',
  );
  const wrong = await fails(t, { ...connection, privateKeyPassword: "hush-hush" });
  t.regex(wrong, /the private key is encrypted and privateKeyPassword is not its passphrase/);
  t.notRegex(wrong, /hush-hush|BEGIN/);
  t.is(server.connections(), before, "nothing was dialled");
});

test("an encrypted PEM key says the same", async (t) => {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem", cipher: "aes-128-cbc", passphrase: "right" },
  });
  const server = await sshServer(t, { password: "x" });
  t.regex(await fails(t, { ...at(server), privateKey }), /privateKeyPassword is missing/);
  t.regex(
    await fails(t, { ...at(server), privateKey, privateKeyPassword: "wrong" }),
    /privateKeyPassword is not its passphrase/,
  );
});

test("what is no key, and a file that is not there, are said to be so", async (t) => {
  const server = await sshServer(t, { password: "x" });
  const nonsense = await fails(t, { ...at(server), privateKey: "hush-hush" });
  t.regex(
    nonsense,
    /the private key can't be read: [^\n]+\nCheck privateKey or privateKeyFile: an OpenSSH or PEM/,
  );
  t.notRegex(nonsense, /hush-hush/);
  t.regex(
    await fails(t, { ...at(server), privateKeyFile: "/nowhere/id" }),
    /private key file: ENOENT[^\n]*'\/nowhere\/id'\nCheck the connection's privateKeyFile\.$/,
  );
});

test("an authentication that fails says what was tried, at once and not ten times", async (t) => {
  const server = await sshServer(t, { password: "right", keys: [newKey().public] });
  const { dialErrorLimit: _, ...connection } = at(server);
  t.regex(
    await fails(t, { ...connection, password: "hush-hush", privateKey: newKey().private }),
    /^host "node-01" could not be reached: SSH to 127\.0\.0\.1:\d+ as root: All configured authentication methods failed\nCheck the connection's user and its credentials \(tried: privateKey, password\)\.$/,
  );
  t.regex(await fails(t, connection), /\(tried: none was given\)\.$/);
  t.is(server.connections(), 2);
});

test("an agent is one way among others: one that is not there fails nothing", async (t) => {
  const key = newKey();
  const server = await sshServer(t, { password: "right", keys: [key.public] });
  const connection = { ...at(server), agentSocketPath: "/nowhere/agent" };
  t.is(await says(t, { ...connection, privateKey: key.private }), "hello");
  t.is(await says(t, { ...connection, privateKey: newKey().private, password: "right" }), "hello");
  t.regex(await fails(t, { ...connection, password: "wrong" }), /\(tried: password, the SSH agent\)\.$/);
});

test("another host key is refused with both fingerprints, before any credential is sent", async (t) => {
  const server = await sshServer(t, { password: "right" });
  const { dialErrorLimit: _, ...connection } = at(server);
  const said = await fails(t, { ...connection, password: "right", hostKey: newKey().public });
  t.regex(
    said,
    /the host key does not match: the host shows SHA256:[\w+/]{43}, expected SHA256:[\w+/]{43}\n/,
  );
  t.regex(
    said,
    /\nIf the host was reinstalled, set its new key [^\n]*; if not, someone may be in between\.$/,
  );
  const [, shown, expected] = said.match(/shows (\S+), expected (\S+)/) ?? [];
  t.not(shown, expected);
  t.deepEqual(server.tried, []);
  t.is(server.connections(), 1);
});

test("a host that has no key of the expected kind is refused with the one that it shows when it is asked for any", async (t) => {
  const server = await sshServer(t, { password: "right", hostKeyType: "rsa" });
  const { dialErrorLimit: _, ...connection } = at(server);
  const said = await fails(t, { ...connection, password: "right", hostKey: newKey().public });
  t.regex(
    said,
    /the host key does not match: the host shows SHA256:[\w+/]{43}, expected SHA256:[\w+/]{43}\nIf the host was reinstalled/,
  );
  t.deepEqual(server.tried, []);
  t.is(server.connections(), 2);
  t.is(await says(t, { ...at(server), password: "right" }), "hello", "an RSA key is one of the kinds");
});

test("a host key that is none is refused", async (t) => {
  const server = await sshServer(t, { password: "right" });
  for (const hostKey of ["", "ssh-ed25519", "ssh-ed25519 nonsense", "SHA256:abcdef"]) {
    t.is(
      await fails(t, { ...at(server), hostKey }),
      'host "node-01" could not be reached: the connection\'s hostKey is malformed\nIt looks like "ssh-ed25519 AAAA…".',
    );
  }
  const scanned = `127.0.0.1 ${server.hostKey}\n`;
  t.is(await says(t, { ...at(server), password: "right", hostKey: scanned }), "hello");
});

test("a known_hosts file holds the key; without one the error has the command that prints it", async (t) => {
  const server = await sshServer(t, { password: "right" });
  const { hostKey, ...connection } = { ...at(server), password: "right" };
  const knownHostsFile = file(t, `[127.0.0.1]:${server.port} ${hostKey}\n`);
  t.is(await says(t, { ...connection, knownHostsFile }), "hello");
  const other = file(t, `[127.0.0.1]:${server.port} ${newKey().public}\n`);
  t.regex(await fails(t, { ...connection, knownHostsFile: other }), /the host key does not match/);
  const empty = file(t, "");
  t.is(
    await fails(t, { ...connection, knownHostsFile: empty }),
    `host "node-01" could not be reached: no host key is known for 127.0.0.1:${server.port} (looked in ${empty})
Set the connection's hostKey (ssh-keyscan -p ${server.port} 127.0.0.1 prints it; compare it with the host's own), or knownHostsFile, or insecureIgnoreHostKey: true.`,
  );
  t.regex(
    await fails(t, { ...connection, knownHostsFile: "/nowhere" }),
    /known_hosts file \/nowhere: ENOENT/,
  );
});

test("any host key is taken when the program says so in so many words", async (t) => {
  const server = await sshServer(t, { password: "right" });
  const { hostKey: _, ...connection } = { ...at(server), password: "right" };
  t.is(await says(t, { ...connection, insecureIgnoreHostKey: true }), "hello");
});

test("a bastion is gone through, with its own credentials and its own host key", async (t) => {
  const key = newKey();
  const inner = await sshServer(t, { keys: [key.public] });
  const bastion = await sshServer(t, { password: "outer" });
  const proxy = { ...at(bastion), user: "jump", password: "outer" };
  t.is(await says(t, { ...at(inner), privateKey: key.private, proxy }), "hello");
  t.is(bastion.tried.at(-1), "password jump");
  t.regex(
    await fails(t, { ...at(inner), privateKey: key.private, proxy: { ...proxy, password: "wrong" } }),
    /SSH to bastion 127\.0\.0\.1:\d+ as jump: All configured/,
  );
  t.regex(
    await fails(t, { ...at(inner), privateKey: key.private, proxy: { ...proxy, hostKey: inner.hostKey } }),
    /SSH to bastion 127\.0\.0\.1:\d+ as jump: the host key does not match/,
  );
  t.regex(
    await fails(t, { ...at(inner), port: 1, privateKey: key.private, proxy, dialErrorLimit: 2 }),
    /the bastion could not reach 127\.0\.0\.1:1: .*\(2 tries: dialErrorLimit, perDialTimeout\)/,
  );
});

test("a port that nobody listens on is an error at once when one try is allowed", async (t) => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  const started = Date.now();
  t.regex(
    await fails(t, { host: "127.0.0.1", port, hostKey: newKey().public, dialErrorLimit: 1 }),
    /SSH to 127\.0\.0\.1:\d+ as root: connect ECONNREFUSED[^\n]*\nCheck that the host is up and that the connection is right; nothing was assumed about what is on it\.$/,
  );
  t.true(Date.now() - started < 5000);
});

test("a server that says nothing is given up after the time of one try", async (t) => {
  const silent = createServer((socket) => t.teardown(() => socket.destroy()));
  await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
  t.teardown(() => silent.close());
  const { port } = silent.address() as { port: number };
  const started = Date.now();
  const said = await fails(t, {
    host: "127.0.0.1",
    port,
    hostKey: newKey().public,
    dialErrorLimit: 1,
    perDialTimeout: 0.3,
  });
  t.regex(said, /Timed out while waiting for handshake/);
  t.true(Date.now() - started < 5000);
});

test("a host that does not answer yet is tried again", async (t) => {
  const key = newKey();
  const server = await sshServer(t, { keys: [key.public] });
  let refused = 0;
  const flaky = createServer((socket) => {
    refused++;
    socket.destroy();
    // Only the first is turned away; then the real server takes the port's connections.
    flaky.removeAllListeners("connection");
    flaky.on("connection", (next) => {
      const through = dial(server.port, "127.0.0.1");
      next.pipe(through).pipe(next);
      next.on("error", () => through.destroy());
      through.on("error", () => next.destroy());
    });
  });
  await new Promise<void>((listening) => flaky.listen(0, "127.0.0.1", listening));
  t.teardown(() => flaky.close());
  const { port } = flaky.address() as { port: number };
  t.is(await says(t, { ...at(server), port, dialErrorLimit: 2, privateKey: key.private }), "hello");
  t.is(refused, 1);
});

test("a connection that the server ends is not alive", async (t) => {
  const server = await sshServer(t, { password: "right" });
  const ssh = await connect("node-01", { ...at(server), password: "right" });
  const shell = new Shell(await ssh.exec("sh"));
  const ending = shell.run(sh`kill -9 0`, { timeoutMs: 10_000 });
  await t.throwsAsync(ending, { message: /^the shell ended: / });
  t.true(ssh.alive);
  ssh.end();
  t.false(ssh.alive);
});
