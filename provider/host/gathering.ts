import { setTimeout as sleep } from "node:timers/promises";
import { asError } from "./errors.js";
import type { Shell } from "./shell.js";

/** Where a shell is to be had. */
export interface ShellSource {
  /** Waits for a shell, and has it for as long as `work` takes. */
  use<T>(work: (shell: Shell) => Promise<T>): Promise<T>;
}

/** What can be asked for, and is told where nobody could even begin. */
export interface Asked {
  reject(error: Error): void;
}

/** A shell that a caller has, and since when it was waited for. */
export interface Given {
  readonly shell: Shell;
  readonly asked: number;
}

export type Work<Item> = (given: Given, items: Item[]) => Promise<void>;

/** Long enough for what the engine asks for at the same time to arrive, and short beside one process on a slow host. */
const GATHER_MS = 10;

/** How many go together. */
const MOST = 128;

/**
 * For so long those who come later wait for those before them: as one script they cost a slow host less than as several
 * at once, of which each then reads everything again. Longer waits nobody for another's server that is away.
 */
const APART_MS = 10_000;

/** For so long several who know already what they want wait for those who are still looking, and will want the same. */
const LOOKING_MS = 1000;

/**
 * What is asked of a host at the same time goes there in one script: who comes first waits a moment for others, and
 * who comes while a script is on its way, or no shell is free, goes with all who wait then.
 */
export class Gathering<Item extends Asked> {
  readonly #items: Item[] = [];
  #since = 0;
  #working = 0;
  #before: Promise<void> = Promise.resolve();

  constructor(
    private readonly shells: ShellSource,
    /** Settles each item by itself, and never rejects. */
    private readonly work: Work<Item>,
    /** Whether others are being told just now what will make them ask, too. */
    private readonly isAwaited: () => boolean = () => false,
    private readonly apartMs = APART_MS,
  ) {}

  /** Somebody waits. */
  get isBusy(): boolean {
    return this.#items.length > 0 || this.#working > 0;
  }

  add(item: Item): void {
    this.#items.push(item);
    if (this.#items.length > 1) return;
    this.#since = Date.now();
    setTimeout(() => void this.#go(), GATHER_MS);
  }

  async #go(): Promise<void> {
    await Promise.race([this.#before, sleep(this.apartMs, undefined, { ref: false })]);
    const until = Date.now() + LOOKING_MS;
    while (this.#items.length > 1 && this.isAwaited() && Date.now() < until) await sleep(GATHER_MS);
    this.#before = this.#perform();
  }

  async #perform(): Promise<void> {
    try {
      await this.shells.use((shell) => {
        const items = this.#items.splice(0, MOST);
        if (this.#items.length > 0) setImmediate(() => void this.#go());
        this.#working++;
        return this.work({ shell, asked: this.#since }, items).finally(() => this.#working--);
      });
    } catch (error) {
      for (const item of this.#items.splice(0)) item.reject(asError(error));
    }
  }
}
