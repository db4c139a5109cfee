import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect as dial } from "node:net";
import type { ExecutionContext } from "ava";
import { type AuthContext, type Connection as Peer, Server, utils } from "ssh2";

export interface TestServer {
  readonly port: number;
  /** As `ssh-keyscan` prints it. */
  readonly hostKey: string;
  /** The methods that clients tried, with their users. */
  readonly tried: string[];
  readonly connections: () => number;
  /** Connections that are open now. */
  readonly open: () => number;
  /** Sessions that were opened, over all connections. */
  readonly sessions: () => number;
  /** Cuts all connections. */
  readonly cut: () => void;
  /** Cuts all connections, and takes no further ones. */
  readonly stop: () => void;
}

export interface ServerOptions {
  readonly password?: string;
  /** Public keys that may log in. */
  readonly keys?: readonly string[];
  readonly keyboard?: string;
  readonly hostKeyType?: "ed25519" | "rsa";
  /** Programs in this directory are found before the system's. */
  readonly programs?: string;
  /** As sshd's own: further sessions are refused. */
  readonly maxSessions?: number;
  /** Neither opens nor refuses sessions. */
  readonly silentSessions?: boolean;
}

/** One in some hundred keys that ssh2 makes is malformed (a leading zero is lost): those are made again. */
export function newKey(passphrase?: string): { readonly private: string; readonly public: string } {
  const key =
    passphrase === undefined
      ? utils.generateKeyPairSync("ed25519")
      : utils.generateKeyPairSync("ed25519", { passphrase, cipher: "aes256-cbc", rounds: 4 });
  const whole = [utils.parseKey(key.private, passphrase), utils.parseKey(key.public)];
  return whole.some((each) => each instanceof Error) ? newKey(passphrase) : key;
}

/** A real SSH server in this process, which runs commands with this machine's shell and forwards connections. */
export async function sshServer(t: ExecutionContext, options: ServerOptions): Promise<TestServer> {
  const host = options.hostKeyType === "rsa" ? utils.generateKeyPairSync("rsa", { bits: 2048 }) : newKey();
  const tried: string[] = [];
  let connections = 0;
  let sessions = 0;
  let open = 0;
  const peers = new Set<Peer>();
  const server = new Server({ hostKeys: [host.private] }, (peer) => {
    connections++;
    peers.add(peer);
    peer.on("error", () => undefined);
    peer.on("close", () => peers.delete(peer));
    peer.on("authentication", (context) => {
      tried.push(`${context.method} ${context.username}`);
      authenticate(context, options);
    });
    peer.on("session", (accept, reject) => {
      if (options.silentSessions) return;
      if (open >= (options.maxSessions ?? 10)) return reject();
      open++;
      sessions++;
      accept().on("exec", (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        const path = options.programs ? `${options.programs}:${process.env.PATH}` : process.env.PATH;
        const asked = options.programs ? command.replace("PATH=", `PATH=${options.programs}:`) : command;
        const child = spawn("/bin/sh", ["-c", asked], { stdio: "pipe", detached: true, env: { PATH: path } });
        channel.pipe(child.stdin);
        child.stdin.on("error", () => undefined);
        child.stdout.pipe(channel, { end: false });
        child.stderr.pipe(channel.stderr, { end: false });
        child.on("close", (code) => {
          channel.exit(code ?? 1);
          channel.end();
        });
        // sshd signals nobody either.
        channel.on("close", () => {
          open--;
          for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
        });
      });
    });
    peer.on("tcpip", (accept, reject, { destIP, destPort }) => {
      const socket = dial(destPort, destIP);
      socket.once("connect", () => {
        const channel = accept();
        channel.pipe(socket).pipe(channel);
        channel.on("close", () => socket.destroy());
      });
      socket.on("error", () => reject());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const peer of peers) peer.end();
  };
  t.teardown(() => {
    cut();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: host.public,
    tried,
    connections: () => connections,
    open: () => peers.size,
    sessions: () => sessions,
    cut,
    stop: () => {
      server.close();
      cut();
    },
  };
}

function authenticate(context: AuthContext, { password, keys = [], keyboard }: ServerOptions): void {
  const methods: ("password" | "publickey" | "keyboard-interactive")[] = [
    ...(password === undefined ? [] : ["password" as const]),
    ...(keys.length === 0 ? [] : ["publickey" as const]),
    ...(keyboard === undefined ? [] : ["keyboard-interactive" as const]),
  ];
  if (context.method === "keyboard-interactive" && keyboard !== undefined) {
    context.prompt([{ prompt: "Password: ", echo: false }], ([answer]) => {
      if (answer === keyboard) context.accept();
      else context.reject(methods);
    });
  } else if (isRight(context, password, keys)) context.accept();
  else context.reject(methods);
}

function isRight(context: AuthContext, password: string | undefined, keys: readonly string[]): boolean {
  if (context.method === "password") return context.password === password;
  if (context.method !== "publickey") return false;
  for (const each of keys) {
    const key = utils.parseKey(each);
    if (key instanceof Error || !key.getPublicSSH().equals(context.key.data)) continue;
    const { blob, signature, hashAlgo } = context;
    // First a client only asks whether the key would do.
    return blob === undefined || signature === undefined || key.verify(blob, signature, hashAlgo) === true;
  }
  return false;
}
