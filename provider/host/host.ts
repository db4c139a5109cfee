import type { HostRef } from "../inputs/host-ref.js";
import { Engine } from "./docker.js";
import { DOCKER_SOCKET } from "./docker-requests.js";
import { asError, CommandFailed, HostUnreachable, Refused, TimedOut } from "./errors.js";
import { type Asked, Gathering, type Given, type ShellSource, type Work } from "./gathering.js";
import { DEFAULT_LIMITS, type Limits } from "./limits.js";
import { type Read, readTogether } from "./reads.js";
import type { Sh } from "./sh.js";
import { type Bounds, NoAnswer, type Result, type ShellStream } from "./shell.js";
import { Shells } from "./shells.js";
import { trace } from "./trace.js";

/** A command that only reads, and the pure parser of what it prints. */
export interface Fact<T> {
  readonly name: string;
  readonly command: Sh;
  /** Steps do not change it: it is read once. */
  readonly lasting?: boolean;
  parse(stdout: string): T;
}

interface Known {
  readonly value: Promise<unknown>;
  until: number;
  readonly lasting: boolean;
}

/** The shells of one host, and channels of their own on the same connection. */
interface HostShells extends ShellSource {
  exec(command: string): Promise<ShellStream>;
  open(): void;
  openAhead(): void;
  endAhead(): void;
  close(): Promise<void>;
}

const FACT_LIFETIME_MS = 10_000;

/** A plain Linux host: scripts, facts and its Docker Engine, each within this resource's limits. */
export class Host {
  constructor(
    readonly ref: HostRef,
    readonly limits: Limits = DEFAULT_LIMITS,
    private readonly shells: HostShells = new Shells(ref.name, ref.connection),
    private readonly facts = new Map<string, Known>(),
    private readonly gatherings = new Map<string, unknown>(),
    /** The host's Docker Engine. */
    readonly engine = new Engine(
      ref.name,
      () => shells.exec(`env DOCKER_HOST=${DOCKER_SOCKET} docker system dial-stdio`),
      limits,
    ),
  ) {}

  /** The same host, with what is open and what is known of it, for a resource with other limits. */
  within(limits: Limits): Host {
    return new Host(this.ref, limits, this.shells, this.facts, this.gatherings, this.engine.within(limits));
  }

  get name(): string {
    return this.ref.name;
  }

  /** Runs a script as root and resolves with what it wrote to stdout. `doing` is for the error. */
  async run(doing: string, script: Sh): Promise<string> {
    return this.#stdout(doing, script, await this.attempt(doing, script));
  }

  /** Like {@link run}, for what only reads and takes no time: with all that is asked at the same time, in one round trip. */
  async look(doing: string, script: Sh, inline = false): Promise<string> {
    const result = await new Promise<Result>((resolve, reject) =>
      this.#looks.add({ doing, script, inline, resolve, reject }),
    );
    return this.#stdout(doing, script, result);
  }

  get #looks(): Gathering<Read> {
    const looks = this.gathering<Read>(`looks ${this.limits.readMs}`, (given, reads) =>
      readTogether(
        reads,
        (all, scripts) => this.attempt(all, scripts, { timeoutMs: this.limits.readMs }, given),
        (read) => looks.add(read),
        this.name,
      ),
    );
    return looks;
  }

  /** Somebody waits for what {@link look} was asked. */
  get isLookedAt(): boolean {
    return this.#looks.isBusy;
  }

  /** Connects now, for what is about to be asked. */
  open(): void {
    this.shells.open();
  }

  /** The same for what will be asked later: who asks then is told if it can't be reached. */
  openAhead(): void {
    this.shells.openAhead();
  }

  /** Hangs up where nothing was asked. */
  endAhead(): void {
    this.shells.endAhead();
  }

  #stdout(doing: string, script: Sh, { stdout, stderr, exitCode }: Result): string {
    if (exitCode === 0) return stdout;
    throw new CommandFailed(this.name, doing, script.text, exitCode, stderr || stdout);
  }

  /**
   * Like {@link run}, but an exit code other than 0 is an answer too. With a lock among its bounds, it does steps.
   * `given` is a shell that the caller has already.
   */
  async attempt(
    doing: string,
    script: Sh,
    bounds: Bounds = { timeoutMs: this.limits.readMs },
    given?: Given,
  ): Promise<Result> {
    if (given) return this.#roundTrip(given, doing, script, bounds);
    const asked = Date.now();
    return this.shells.use((shell) => this.#roundTrip({ shell, asked }, doing, script, bounds));
  }

  async #roundTrip({ shell, asked }: Given, doing: string, script: Sh, bounds: Bounds): Promise<Result> {
    const started = Date.now();
    try {
      return await shell.run(script, bounds);
    } catch (error) {
      if (error instanceof NoAnswer) {
        const input = bounds.lockMs === undefined ? "read" : "steps";
        throw new TimedOut(this.name, doing, error.timeoutMs, input, error.stdout, { cause: error });
      }
      throw new HostUnreachable(
        this.name,
        `${asError(error).message} while: ${doing}`,
        "It is not known how far that got. Check the host, then run the same command again: every step is safe to repeat.",
        { cause: error },
      );
    } finally {
      trace(this.name, "ssh", doing, started - asked, Date.now() - started);
    }
  }

  /** What goes to this host together, by name: one for all resources. */
  gathering<Item extends Asked>(name: string, work: Work<Item>, isAwaited?: () => boolean): Gathering<Item> {
    const known = this.gatherings.get(name) as Gathering<Item> | undefined;
    if (known) return known;
    const gathering = new Gathering<Item>(this.shells, work, isAwaited);
    this.gatherings.set(name, gathering);
    return gathering;
  }

  /** Reads a fact, once for all who ask until a step is applied on this host. */
  fact<T>(fact: Fact<T>): Promise<T> {
    // Who allows it more time does not fail with one who allows it less.
    const key = `${fact.name} ${this.limits.readMs}`;
    const known = this.facts.get(key);
    if (known && known.until > Date.now()) return known.value as Promise<T>;
    const value = this.look(`reading ${fact.name}`, fact.command).then((stdout) => this.#parse(fact, stdout));
    // From its answer on: of a slow host it would be old before it is there, and be read again and again.
    const entry: Known = { value, until: Number.POSITIVE_INFINITY, lasting: fact.lasting ?? false };
    this.facts.set(key, entry);
    value.then(
      () => {
        if (!entry.lasting) entry.until = Date.now() + FACT_LIFETIME_MS;
      },
      () => {
        if (this.facts.get(key) === entry) this.facts.delete(key);
      },
    );
    return value;
  }

  /** What has another form than it should, a file of ours that was damaged say, is nobody's to guess at. */
  #parse<T>(fact: Fact<T>, stdout: string): T {
    try {
      return fact.parse(stdout);
    } catch (error) {
      throw new Refused(
        `reading ${fact.name} on host "${this.name}": ${asError(error).message}\nNothing was assumed about what is on it.`,
      );
    }
  }

  /** After steps; `lasting`: also what steps do not change as a rule. */
  forgetFacts(lasting = false): void {
    for (const [key, known] of this.facts) if (lasting || !known.lasting) this.facts.delete(key);
  }

  async close(): Promise<void> {
    this.engine.close();
    await this.shells.close();
  }
}
