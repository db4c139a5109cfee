import type { Connection } from "../inputs/host-ref.js";
import { DOCKER_SOCKET } from "./docker-requests.js";
import { asError, HostUnreachable } from "./errors.js";
import type { ShellSource } from "./gathering.js";
import { sh } from "./sh.js";
import { Shell, type ShellStream } from "./shell.js";
import { channelMs, connect, type Ssh } from "./ssh.js";

/** Persistent shells per host. With the Docker channels this stays under sshd's MaxSessions (10), which frees late. */
const MAX_SHELLS = 3;

/** For so long one shell more is waited for: opening one takes longer than most scripts. */
const BUSY_MS = 250;

/**
 * For so long nobody dials a host again that could not be reached: else each of its resources, one after another, would
 * wait as long as the first, and keep the engine from other hosts meanwhile.
 */
const UNREACHABLE_MS = 10_000;

/** One SSH connection to a host, and the few persistent root shells that its scripts go through. */
export class Shells implements ShellSource {
  #ssh: Promise<Ssh> | undefined;
  /** A connection for what will be asked later. */
  #ahead: Promise<Ssh> | undefined;
  #isAsked = false;
  readonly #idle: Shell[] = [];
  readonly #queue: Waiting[] = [];
  #shells = 0;
  #opening = 0;

  constructor(
    private readonly name: string,
    private readonly connection: Connection | undefined,
  ) {}

  async use<T>(work: (shell: Shell) => Promise<T>): Promise<T> {
    this.#isAsked = true;
    const shell = await this.#take();
    try {
      return await work(shell);
    } finally {
      this.#give(shell);
    }
  }

  /** Starts a command as root on a channel of its own. */
  async exec(command: string): Promise<ShellStream> {
    this.#isAsked = true;
    const ssh = await this.#connect();
    try {
      return await ssh.exec(this.#asRoot(command));
    } catch (error) {
      // Where sshd allows few sessions, one shell less is slower, and no error.
      if (this.#shells < 2) throw error;
      await this.#endOne();
      return ssh.exec(this.#asRoot(command));
    }
  }

  /** Opens the first shell, for who is about to ask; who asks is told if the host can't be reached. */
  open(): void {
    if (this.#shells === 0) void this.#openOne();
  }

  /** The same for what will be asked later. One try: who needs the host has all of them, and the error. */
  openAhead(): void {
    const { connection } = this;
    if (!connection || this.#ssh || this.#ahead) return;
    const proxy = connection.proxy && { ...connection.proxy, dialErrorLimit: 1 };
    const ahead = connect(this.name, { ...connection, ...(proxy && { proxy }), dialErrorLimit: 1 });
    this.#ahead = ahead;
    ahead.then(
      () => {
        if (this.#ahead === ahead) this.open();
      },
      () => undefined,
    );
  }

  /** Hangs up where nobody needed the host. */
  endAhead(): void {
    if (!this.#isAsked) void this.close();
  }

  async close(): Promise<void> {
    const connections = [this.#ahead, this.#ssh];
    this.#ahead = undefined;
    await Promise.all(
      connections.map((connection) =>
        connection?.then(
          (ssh) => ssh.end(),
          () => undefined,
        ),
      ),
    );
  }

  async #connect(): Promise<Ssh> {
    const current = this.#ssh;
    if (current !== undefined) {
      // Who waited for a try fails with it, and does not begin another one.
      const open = await current;
      if (open.alive) return open;
      // Of all who waited, one connects again.
      if (this.#ssh !== current) return this.#connect();
    }
    const { connection } = this;
    if (!connection) {
      throw new HostUnreachable(
        this.name,
        "no connection is known for it",
        `Give it one under mooring:hosts in the stack's configuration, or in the program's Host("${this.name}", { connection }).`,
      );
    }
    const ssh = this.#dial(connection);
    this.#ssh = ssh;
    ssh.catch(() => setTimeout(() => this.#forget(ssh), UNREACHABLE_MS).unref());
    return ssh;
  }

  async #dial(connection: Connection): Promise<Ssh> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const open = await ahead?.catch(() => undefined);
    return open?.alive ? open : connect(this.name, connection);
  }

  #forget(failed: Promise<Ssh>): void {
    if (this.#ssh === failed) this.#ssh = undefined;
  }

  #asRoot(command: string): string {
    return this.connection?.sudo ? `sudo -n ${command}` : command;
  }

  #take(): Promise<Shell> {
    const idle = this.#takeIdle();
    if (idle) return Promise.resolve(idle);
    return new Promise((resolve, reject) => {
      const waiting = { resolve, reject };
      this.#queue.push(waiting);
      if (this.#shells === 0) void this.#openOne();
      else this.#openLater(waiting);
    });
  }

  /** One more for those who wait, where the others stay busy. */
  #openLater(waiting: Waiting): void {
    setTimeout(() => {
      if (!this.#queue.includes(waiting)) return;
      if (this.#opening > 0) this.#openLater(waiting);
      else if (this.#shells < MAX_SHELLS) void this.#openOne();
    }, BUSY_MS).unref();
  }

  async #openOne(): Promise<void> {
    this.#shells++;
    this.#opening++;
    try {
      this.#give(await this.#open());
    } catch (error) {
      this.#shells--;
      // A server that allows fewer sessions is slower, and no error, as long as one shell is there; without one nobody
      // is left who would give it to those who wait.
      if (this.#shells === 0) {
        const problem =
          error instanceof HostUnreachable
            ? error
            : new HostUnreachable(this.name, asError(error).message, undefined, { cause: error });
        for (const waiting of this.#queue.splice(0)) waiting.reject(problem);
      }
    } finally {
      this.#opening--;
    }
  }

  #takeIdle(): Shell | undefined {
    for (let shell = this.#idle.pop(); shell; shell = this.#idle.pop()) {
      if (shell.alive) return shell;
      this.#shells--;
    }
    return undefined;
  }

  async #endOne(): Promise<void> {
    const shell = await this.#take();
    const closed = new Promise((resolve) => shell.stream.once("close", resolve));
    shell.end();
    const late = new Promise((resolve) => setTimeout(resolve, channelMs(this.connection)).unref());
    await Promise.race([closed, late]);
    this.#give(shell);
  }

  async #open(): Promise<Shell> {
    const ssh = await this.#connect();
    const shell = new Shell(await ssh.exec(this.#asRoot(ENVIRONMENT)));
    const hello = await shell
      .run(IDENTIFY, { timeoutMs: channelMs(this.connection) })
      .catch((error: Error) => {
        const sudo = this.connection?.sudo;
        throw new HostUnreachable(
          this.name,
          `no root shell: ${error.message}`,
          sudo
            ? "sudo must work without a password for this user (NOPASSWD in sudoers)."
            : "Check that the user may run sh on this host.",
        );
      });
    const said = hello.stdout.trim().split("\n");
    const user = said.pop();
    // The Engine's answers would begin with it.
    if (said.length > 0) {
      shell.end();
      throw new HostUnreachable(
        this.name,
        `its login shell prints something before each command: ${said.join(" ").slice(0, 200)}`,
        "Let ~/.bashrc, ~/.zshenv and /etc/ssh/sshrc of the connection's user print nothing where there is no terminal: [ -t 1 ] || return",
      );
    }
    if (user !== "0") {
      shell.end();
      throw new HostUnreachable(
        this.name,
        `the connection's user ${this.connection?.user ?? "root"} is not root`,
        "Set sudo: true in the connection (sudo must work without a password), or connect as root.",
      );
    }
    return shell;
  }

  #give(shell: Shell): void {
    if (!shell.alive) {
      this.#shells--;
      const [first] = this.#queue;
      if (first && this.#shells === 0) void this.#openOne();
      else if (first) this.#openLater(first);
      return;
    }
    const next = this.#queue.shift();
    if (next) next.resolve(shell);
    else this.#idle.push(shell);
  }
}

interface Waiting {
  resolve(shell: Shell): void;
  reject(error: Error): void;
}

const IDENTIFY = sh`id -u`;

/** Tools answer in the words their parsers expect, and the system ones are found for a `sudo` user too. */
const ENVIRONMENT = `env LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DOCKER_HOST=${DOCKER_SOCKET} sh`;
