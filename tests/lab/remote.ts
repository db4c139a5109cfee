/** SSH to the lab's hosts for tests: one connection per host and process, host keys pinned. The only user of `ssh2`. */
import { createConnection, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "ssh2";

export interface Endpoint {
  name: string;
  port: number;
  privateKey: string;
  /** As in known_hosts: type and base64. */
  hostKey: string;
}

export interface Outcome {
  stdout: string;
  stderr: string;
  code: number;
}

export interface RemoteOptions {
  input?: string;
  timeoutMs?: number;
}

/** sshd opens ten sessions and closes them late. */
const MOST_CHANNELS = 4;

export class Remote {
  private busy = 0;
  private readonly queue: Array<() => void> = [];
  private broken = false;

  private constructor(
    private readonly name: string,
    private readonly client: Client,
    private readonly socket: Socket,
  ) {
    client.on("close", () => {
      this.broken = true;
    });
    // An idle connection keeps no program alive.
    socket.unref();
  }

  static connect(endpoint: Endpoint, timeoutMs: number): Promise<Remote> {
    const { name, port, privateKey, hostKey } = endpoint;
    return new Promise((resolve, reject) => {
      const socket = createConnection(port, "127.0.0.1");
      const client = new Client();
      const fail = (cause: Error) => {
        client.destroy();
        socket.destroy();
        reject(new Error(`SSH to ${name} (127.0.0.1:${port}): ${cause.message}`, { cause }));
      };
      socket.once("error", fail);
      client.on("error", fail);
      client.once("close", () => fail(new Error("the connection was closed")));
      client.once("ready", () => resolve(new Remote(name, client, socket)));
      client.connect({
        sock: socket,
        username: "root",
        privateKey,
        readyTimeout: timeoutMs,
        hostVerifier: (key: Buffer) => key.toString("base64") === hostKey.split(" ")[1],
      });
    });
  }

  get usable(): boolean {
    return !this.broken;
  }

  close(): void {
    this.broken = true;
    this.client.destroy();
    this.socket.destroy();
  }

  async run(script: string, { input = "", timeoutMs = 120_000 }: RemoteOptions = {}): Promise<Outcome> {
    while (this.busy >= MOST_CHANNELS) await new Promise<void>((resolve) => this.queue.push(resolve));
    this.busy++;
    this.socket.ref();
    try {
      return await this.exec(script, input, timeoutMs);
    } finally {
      if (--this.busy === 0) this.socket.unref();
      this.queue.shift()?.();
    }
  }

  private exec(script: string, input: string, timeoutMs: number): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string) => {
        clearTimeout(timer);
        this.client.off("close", lost);
        reject(new Error(`${this.name}: ${reason}, while running:\n${script}`));
      };
      const lost = () => fail("the SSH connection was lost");
      const timer = setTimeout(() => {
        fail(`no end after ${timeoutMs} ms`);
        this.close();
      }, timeoutMs);
      this.client.once("close", lost);
      this.client.exec(`exec sh -c '${script.replaceAll("'", "'\\''")}'`, (error, channel) => {
        if (error) return fail(error.message);
        const stdout: Buffer[] = [];
        const stderr: Buffer[] = [];
        let code = -1;
        channel.on("data", (chunk: Buffer) => stdout.push(chunk));
        channel.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
        channel.on("exit", (status: number | null) => {
          code = status ?? -1;
        });
        channel.on("close", () => {
          clearTimeout(timer);
          this.client.off("close", lost);
          const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8");
          resolve({ stdout: text(stdout), stderr: text(stderr), code });
        });
        channel.end(input);
      });
    });
  }
}

/** Connects as soon as sshd is there. `check` is asked in between, and throws when waiting has become pointless. */
export async function connectWhenUp(
  endpoint: Endpoint,
  timeoutMs: number,
  check: () => void,
): Promise<Remote> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    check();
    try {
      // QEMU takes the connection long before the host does: look for sshd's greeting before waiting for more.
      await greeting(endpoint.port, 3000);
      return await Remote.connect(endpoint, 20_000);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}

function greeting(port: number, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, "127.0.0.1");
    const end = (error?: Error) => {
      socket.destroy();
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    };
    const timer = setTimeout(() => end(new Error(`no answer from sshd on port ${port}`)), timeoutMs);
    socket.once("data", () => end());
    socket.once("error", end);
    socket.once("close", () => end(new Error(`sshd on port ${port} is not up`)));
  });
}
