import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { Client, type ConnectConfig, utils } from "ssh2";
import type { Connection, Endpoint } from "../inputs/host-ref.js";
import { HostUnreachable } from "./errors.js";
import { knownKeys, typeOf } from "./known-hosts.js";
import type { ShellStream } from "./shell.js";

/** One authenticated SSH connection. */
export interface Ssh {
  /** Starts a command on a channel of its own. Rejects when the server allows no further channel. */
  exec(command: string): Promise<ShellStream>;
  readonly alive: boolean;
  end(): void;
}

/** Connects, through the bastion when there is one, and tries again while the host does not answer. */
export async function connect(name: string, connection: Connection): Promise<Ssh> {
  const clients: Client[] = [];
  try {
    let through: (() => Promise<Duplex>) | undefined;
    if (connection.proxy) {
      const bastion = await dial(name, `bastion ${connection.proxy.host}`, connection.proxy);
      clients.push(bastion);
      through = () => forward(bastion, connection);
    }
    const client = await dial(name, connection.host, connection, through);
    clients.push(client);
    return new Ssh2Connection(client, clients, channelMs(connection));
  } catch (error) {
    for (const client of clients) client.end();
    throw error;
  }
}

class Ssh2Connection implements Ssh {
  alive = true;

  constructor(
    private readonly client: Client,
    private readonly clients: readonly Client[],
    private readonly timeoutMs: number,
  ) {
    client.on("close", () => {
      this.alive = false;
    });
    for (const each of clients) each.on("error", () => this.end());
  }

  exec(command: string): Promise<ShellStream> {
    return new Promise((resolve, reject) => {
      let late = false;
      const deadline = setTimeout(() => {
        late = true;
        reject(new Error(`no channel within ${this.timeoutMs / 1000} s`));
      }, this.timeoutMs);
      this.client.exec(command, (error, channel) => {
        clearTimeout(deadline);
        if (error) reject(error);
        else if (late) channel.destroy();
        else resolve(channel as ShellStream);
      });
    });
  }

  end(): void {
    this.alive = false;
    for (const client of [...this.clients].reverse()) client.end();
  }
}

/** What a channel, and the root shell in it, may take: twice the time of a try; 30 s by default. */
export function channelMs(endpoint: Endpoint | undefined): number {
  const seconds = endpoint?.perDialTimeout ?? 15;
  return seconds > 0 ? seconds * 2000 : 2 ** 31 - 1;
}

async function dial(
  name: string,
  what: string,
  endpoint: Endpoint,
  through?: () => Promise<Duplex>,
): Promise<Client> {
  const config = await connectConfig(name, endpoint);
  // The defaults of `remote.ConnectionArgs`: ten tries, 15 s each; -1 is no limit.
  const limit = endpoint.dialErrorLimit ?? 10;
  const tries = limit < 0 ? Number.POSITIVE_INFINITY : Math.max(1, limit);
  for (let attempt = 1; ; attempt++) {
    try {
      return await dialOnce(through ? { ...config, sock: await through() } : config);
    } catch (error) {
      const problem = await withItsKey(error as Error & { level?: string }, config, through);
      const advice = adviceFor(problem, endpoint);
      if (advice || attempt >= tries) {
        const tried = attempt > 1 ? ` (${attempt} tries: dialErrorLimit, perDialTimeout)` : "";
        throw new HostUnreachable(
          name,
          `SSH to ${what}:${endpoint.port ?? 22} as ${config.username}: ${problem.message}${tried}`,
          advice,
          { cause: error },
        );
      }
      await new Promise((wake) => setTimeout(wake, Math.min(200 * 2 ** attempt, 5000)));
    }
  }
}

/** A host that has no key of a trusted kind shows none: asked for any, it shows the one that is not trusted. */
async function withItsKey(
  problem: Error & { level?: string },
  { algorithms, ...config }: Config,
  through?: () => Promise<Duplex>,
): Promise<Error & { level?: string }> {
  if (algorithms === undefined || !NO_SUCH_KEY.test(problem.message)) return problem;
  try {
    const client = await dialOnce(through ? { ...config, sock: await through() } : config);
    client.end();
    return problem;
  } catch (shown) {
    return shown instanceof HostKeyMismatch ? shown : problem;
  }
}

const NO_SUCH_KEY = /no matching host key format/;

function dialOnce(config: Config): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.once("ready", () => resolve(client));
    // It stays: the client may have more than one error, and one that nobody hears ends the process.
    client.on("error", (error: Error & { level?: string }) => {
      // An agent is only one way among several: the client goes on to the next by itself.
      if (error.level !== "agent") reject(config.refused?.() ?? error);
    });
    client.once("close", () => reject(config.refused?.() ?? new Error("connection closed")));
    // How servers with PAM ask for a password.
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, answer) =>
      answer(prompts.map(() => config.password ?? "")),
    );
    client.connect(config);
  });
}

/** Errors that a further try can't mend, with what to do about them. */
function adviceFor(problem: Error & { level?: string }, endpoint: Endpoint): string | undefined {
  if (problem instanceof HostKeyMismatch) return problem.advice;
  if (NO_SUCH_KEY.test(problem.message))
    return "The host has no key of the kind that is expected. If it was reinstalled, set its new key in the connection's hostKey or known_hosts; if not, someone may be in between.";
  if (problem.level === "client-authentication") {
    const tried = [
      endpoint.privateKey && "privateKey",
      endpoint.privateKeyFile && "privateKeyFile",
      endpoint.password && "password",
      (endpoint.agentSocketPath ?? process.env.SSH_AUTH_SOCK) && "the SSH agent",
    ].filter(Boolean);
    return `Check the connection's user and its credentials (tried: ${tried.join(", ") || "none was given"}).`;
  }
  return undefined;
}

type Config = ConnectConfig & { refused: () => Error | undefined };

async function connectConfig(name: string, endpoint: Endpoint): Promise<Config> {
  const agent = endpoint.agentSocketPath ?? process.env.SSH_AUTH_SOCK;
  const key = await privateKey(name, endpoint);
  const trusted = await trustedKeys(name, endpoint);
  let refused: Error | undefined;
  return {
    host: endpoint.host,
    port: endpoint.port ?? 22,
    username: endpoint.user ?? "root",
    readyTimeout: (endpoint.perDialTimeout ?? 15) * 1000,
    keepaliveInterval: 5000,
    keepaliveCountMax: 6,
    ...(endpoint.password === undefined ? {} : { password: endpoint.password, tryKeyboard: true }),
    ...(key === undefined ? {} : { privateKey: key }),
    ...(key !== undefined && endpoint.privateKeyPassword !== undefined
      ? { passphrase: endpoint.privateKeyPassword }
      : {}),
    ...(agent === undefined ? {} : { agent }),
    ...(trusted === "any" ? {} : { algorithms: { serverHostKey: algorithmsOf(trusted) } }),
    hostVerifier: (presented: Buffer) => {
      if (trusted === "any" || trusted.some((trust) => trust.equals(presented))) return true;
      refused = new HostKeyMismatch(presented, trusted);
      return false;
    },
    refused: () => refused,
  };
}

class HostKeyMismatch extends Error {
  readonly advice: string;

  constructor(presented: Buffer, trusted: readonly Buffer[]) {
    super(
      `the host key does not match: the host shows ${fingerprint(presented)}, expected ${trusted.map(fingerprint).join(" or ")}`,
    );
    this.advice =
      "If the host was reinstalled, set its new key in the connection's hostKey or known_hosts; if not, someone may be in between.";
  }
}

async function trustedKeys(name: string, endpoint: Endpoint): Promise<Buffer[] | "any"> {
  if (endpoint.hostKey !== undefined) return [parseKey(name, endpoint.hostKey)];
  if (endpoint.insecureIgnoreHostKey) return "any";
  const file = inHome(endpoint.knownHostsFile ?? join("~", ".ssh", "known_hosts"));
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" && endpoint.knownHostsFile === undefined) return "";
    throw new HostUnreachable(name, `known_hosts file ${file}: ${error.message}`, "Check knownHostsFile.");
  });
  const keys = knownKeys(text, endpoint.host, endpoint.port ?? 22);
  if (keys.length > 0) return keys;
  throw new HostUnreachable(
    name,
    `no host key is known for ${endpoint.host}:${endpoint.port ?? 22} (looked in ${file})`,
    `Set the connection's hostKey (ssh-keyscan -p ${endpoint.port ?? 22} ${endpoint.host} prints it; compare it with the host's own), or knownHostsFile, or insecureIgnoreHostKey: true.`,
  );
}

function parseKey(name: string, text: string): Buffer {
  // "ssh-ed25519 AAAA…", also with a host in front as known_hosts and ssh-keyscan have it.
  const words = text.trim().split(/\s+/);
  const at = words.findIndex((word) => /^(ssh-|ecdsa-|sk-)/.test(word));
  const parsed = utils.parseKey(words.slice(Math.max(at, 0)).join(" "));
  if (parsed instanceof Error) {
    throw new HostUnreachable(
      name,
      "the connection's hostKey is malformed",
      'It looks like "ssh-ed25519 AAAA…".',
    );
  }
  return parsed.getPublicSSH();
}

/** Asks for the kinds of key that are trusted: else a host shows another of its keys, and a good host is refused. */
function algorithmsOf(
  keys: readonly Buffer[],
): NonNullable<NonNullable<ConnectConfig["algorithms"]>["serverHostKey"]> {
  const algorithms = keys
    .map(typeOf)
    .flatMap((type) => (type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type]));
  return [...new Set(algorithms)] as never;
}

async function privateKey(name: string, endpoint: Endpoint): Promise<string | undefined> {
  const text =
    endpoint.privateKey ?? (endpoint.privateKeyFile && (await readKeyFile(name, endpoint.privateKeyFile)));
  if (text === undefined || text === "") return undefined;
  const parsed = utils.parseKey(text, endpoint.privateKeyPassword);
  if (!(parsed instanceof Error)) return text;
  const encrypted = /encrypted/i.test(parsed.message) || /passphrase/i.test(parsed.message);
  throw new HostUnreachable(
    name,
    encrypted
      ? `the private key is encrypted and privateKeyPassword is ${endpoint.privateKeyPassword === undefined ? "missing" : "not its passphrase"}`
      : `the private key can't be read: ${parsed.message}`,
    encrypted
      ? "Set the connection's privateKeyPassword."
      : "Check privateKey or privateKeyFile: an OpenSSH or PEM private key.",
  );
}

async function readKeyFile(name: string, file: string): Promise<string> {
  const path = inHome(file);
  return readFile(path, "utf8").catch((error: Error) => {
    throw new HostUnreachable(
      name,
      `private key file: ${error.message}`,
      "Check the connection's privateKeyFile.",
    );
  });
}

function forward(bastion: Client, to: Endpoint): Promise<Duplex> {
  const target = `${to.host}:${to.port ?? 22}`;
  const seconds = to.perDialTimeout ?? 15;
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`the bastion could not reach ${target}: ${reason}`));
    const deadline =
      seconds > 0 ? setTimeout(() => fail(`no answer within ${seconds} s`), seconds * 1000) : undefined;
    bastion.forwardOut("127.0.0.1", 0, to.host, to.port ?? 22, (error, channel) => {
      clearTimeout(deadline);
      if (error) fail(error.message);
      else resolve(channel);
    });
  });
}

function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

function inHome(file: string): string {
  return file.replace(/^~(?=\/)/, homedir());
}
