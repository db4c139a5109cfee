import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import { type DockerChannel, dockerChannel } from "./docker-channel.js";
import { asError, DockerFailed, HostUnreachable, TimedOut } from "./errors.js";
import { trace } from "./trace.js";

/** This host's own Engine, whatever DOCKER_HOST or Docker's current context say to root's commands. */
export const DOCKER_SOCKET = "unix:///var/run/docker.sock";

/** A channel that runs `docker system dial-stdio`: the Engine's socket. */
export type Dial = () => Promise<Duplex>;
/** What is asked; one that goes on for long tells its progress, and then its time begins anew. */
export type Request<T> = (docker: Docker, progress: () => void) => Promise<T>;
type Client = DockerChannel & { readonly docker: Docker };

interface Bound {
  readonly timeoutMs: number;
  readonly input: "read" | "steps";
}

/** Channels beside the kept one: with the shells this stays under sshd's MaxSessions (10), which frees late. */
const MAX_STREAMS = 2;

/** Requests to the Docker Engine of one host, over one channel that is kept, and another while one takes long. */
export class DockerRequests {
  #client: Client | undefined;
  #serial: Promise<unknown> = Promise.resolve();
  #asked = 0;
  #late: { error: Error; upTo: number } | undefined;
  #streams = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly host: string,
    private readonly dial: Dial,
  ) {}

  /** One request after another on the kept channel: HTTP/1.1 answers them in turn anyway. */
  ask<T>(doing: string, bound: Bound, request: Request<T>): Promise<T> {
    const asked = ++this.#asked;
    const since = Date.now();
    const answer = this.#serial.then(async () => {
      // Who waited behind a request that had no answer would each wait as long again.
      if (this.#late && asked <= this.#late.upTo) throw this.#late.error;
      try {
        return await within(bound.timeoutMs, async (progress, isLate) => {
          if (!this.#client?.open) this.#client = await this.#connect();
          if (isLate()) throw new Late();
          return this.#roundTrip(doing, since, this.#client, request(this.#client.docker, progress));
        });
      } catch (error) {
        // After an answer the channel is good; after anything else it may hold half of one.
        if ((error as { statusCode?: number }).statusCode === undefined) this.close();
        const problem = this.#explain(doing, bound, error);
        if (problem instanceof TimedOut) this.#late = { error: problem, upTo: this.#asked };
        throw problem;
      }
    });
    this.#serial = answer.catch(() => undefined);
    return answer;
  }

  /** A call that takes long has a channel to itself. */
  async stream<T>(doing: string, bound: Bound, request: Request<T>): Promise<T> {
    const since = Date.now();
    if (this.#streams >= MAX_STREAMS) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#streams++;
    let client: Client | undefined;
    try {
      return await within(bound.timeoutMs, async (progress, isLate) => {
        client = await this.#connect();
        // Who asked was told already that it was given up.
        if (isLate()) {
          client.end();
          throw new Late();
        }
        return this.#roundTrip(doing, since, client, request(client.docker, progress));
      });
    } catch (error) {
      throw this.#explain(doing, bound, error);
    } finally {
      client?.end();
      const next = this.#waiting.shift();
      if (next) next();
      else this.#streams--;
    }
  }

  close(): void {
    this.#client?.end();
    this.#client = undefined;
  }

  async #roundTrip<T>(doing: string, since: number, client: Client, answer: Promise<T>): Promise<T> {
    const started = Date.now();
    try {
      return await Promise.race([answer, client.ended]);
    } finally {
      trace(this.host, "docker", doing, started - since, Date.now() - started);
    }
  }

  async #connect(): Promise<Client> {
    // Loaded when it is needed: it brings a gRPC client, and every `pulumi` command starts the provider anew.
    const { default: Engine } = await import("dockerode");
    const channel = dockerChannel(await this.dial());
    const options = { agent: channel.agent, protocol: "http", host: "docker", port: 80 };
    return Object.assign(channel, { docker: new Engine(options as Docker.DockerOptions) });
  }

  #explain(doing: string, { timeoutMs, input }: Bound, error: unknown): Error {
    if (error instanceof HostUnreachable) return error;
    if (error instanceof Late)
      return new TimedOut(this.host, `${doing} (through its Docker Engine)`, timeoutMs, input);
    const { message, statusCode } = asError(error) as Error & { statusCode?: number };
    const text = message.replace(/^\(HTTP code \d+\)\s*/, "").trim();
    if (statusCode !== undefined)
      return new DockerFailed(`${doing} on host "${this.host}": Docker answered ${statusCode}: ${text}`);
    const advice = /channel open failure/i.test(text)
      ? "sshd allows too few sessions on one connection: raise MaxSessions (10 by default) in its sshd_config."
      : "Check that Docker runs there: systemctl status docker.";
    return new HostUnreachable(this.host, `${doing}: ${text}`, advice, { cause: error });
  }
}

class Late extends Error {}

async function within<T>(
  timeoutMs: number,
  answer: (progress: () => void, isLate: () => boolean) => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let isLate = false;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(new Late());
    }, timeoutMs);
  });
  const progress = () => timer?.refresh();
  return Promise.race([answer(progress, () => isLate), late]).finally(() => clearTimeout(timer));
}
