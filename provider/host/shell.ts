import { randomBytes } from "node:crypto";
import type { Duplex, Readable } from "node:stream";
import { quote, type Sh } from "./sh.js";

export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** The two streams of a remote `sh` that reads its commands from stdin. */
export type ShellStream = Duplex & { readonly stderr: Readable };

/** How long a script may take, in milliseconds. */
export interface Bounds {
  readonly timeoutMs: number;
  /** How long it may first wait for a lock, that is until it prints something. The host ends such a script by itself. */
  readonly lockMs?: number;
}

/** A script did not end in time; its channel was closed, and so the host ends it. */
export class NoAnswer extends Error {
  constructor(
    readonly timeoutMs: number,
    /** What it had printed until then. */
    readonly stdout: string,
  ) {
    super(`no answer within ${timeoutMs / 1000} s`);
  }
}

/** What a script that waited for its lock as long as it may has to say so, on a slow host. */
const LOCK_SLACK_MS = 30_000;
/** The host's own clock is for a connection that is gone without a word: ours comes first. */
const CLOCK_SLACK_MS = 60_000;
/** From SIGTERM, at which a script cleans up, to SIGKILL. */
const GRACE_SECONDS = 10;

/**
 * The end of its input ends the shell, and what still runs in it: a script reads nothing of it and runs in the
 * background, so that the shell itself sees the channel close, at our deadline or with the connection. sshd signals
 * nobody then. All of a channel is one process group, which sshd makes.
 */
const ENDING = `trap : TERM HUP
trap 'job=\${!-}; trap "" TERM HUP; exec >/dev/null 2>&1; kill -TERM 0; (sleep ${GRACE_SECONDS}; kill -KILL 0) & [ -z "$job" ] || wait "$job"; kill -KILL 0' EXIT
`;

/**
 * A persistent shell: many scripts, one after another, through one channel. Each runs in a subshell with an empty
 * stdin; a mark that only this call knows ends its output on both streams.
 */
export class Shell {
  #stdout = "";
  #stderr = "";
  #waiting:
    | { mark: string; started(): void; resolve(result: Result): void; reject(error: Error): void }
    | undefined;
  #closed: Error | undefined;

  constructor(readonly stream: ShellStream) {
    stream.setEncoding("utf8");
    stream.stderr.setEncoding("utf8");
    stream.on("data", (text: string) => {
      if (this.#stdout === "") this.#waiting?.started();
      this.#stdout += text;
      this.#settle();
    });
    stream.stderr.on("data", (text: string) => {
      this.#stderr += text;
      this.#settle();
    });
    stream.on("close", () =>
      this.#close(new Error(`the shell ended: ${this.#stderr.trim() || "connection closed"}`)),
    );
    stream.on("error", (error: Error) => this.#close(error));
    stream.write(ENDING);
  }

  get alive(): boolean {
    return this.#closed === undefined;
  }

  /** Resolves whatever the exit code; rejects when the shell or the connection ended, or at the deadline. */
  run(script: Sh, { timeoutMs, lockMs }: Bounds): Promise<Result> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.#waiting) return Promise.reject(new Error("this shell is busy"));
    const mark = randomBytes(9).toString("hex");
    this.#stdout = "";
    this.#stderr = "";
    return new Promise<Result>((resolve, reject) => {
      const arm = (ms: number): NodeJS.Timeout =>
        setTimeout(() => {
          this.#close(new NoAnswer(ms, this.#stdout));
          this.stream.destroy();
        }, ms);
      let deadline = arm(lockMs === undefined ? timeoutMs : lockMs + LOCK_SLACK_MS);
      const settled = (): void => {
        clearTimeout(deadline);
        this.#waiting = undefined;
      };
      this.#waiting = {
        mark,
        started: () => {
          if (lockMs === undefined) return;
          clearTimeout(deadline);
          deadline = arm(timeoutMs);
        },
        resolve: (result) => {
          settled();
          resolve(result);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      this.stream.write(
        frame(script, mark, lockMs && Math.ceil((lockMs + timeoutMs + CLOCK_SLACK_MS) / 1000)),
      );
    });
  }

  end(): void {
    this.stream.end();
  }

  #settle(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    const outEnd = this.#stdout.indexOf(`\n${waiting.mark} `, this.#stdout.length - waiting.mark.length - 8);
    const errEnd = this.#stderr.indexOf(`\n${waiting.mark}\n`, this.#stderr.length - waiting.mark.length - 8);
    if (outEnd < 0 || errEnd < 0) return;
    const tail = this.#stdout.slice(outEnd + waiting.mark.length + 2);
    if (!tail.endsWith("\n")) return;
    waiting.resolve({
      stdout: this.#stdout.slice(0, outEnd),
      stderr: this.#stderr.slice(0, errEnd),
      exitCode: Number(tail),
    });
  }

  #close(error: Error): void {
    this.#closed ??= error;
    this.#waiting?.reject(error);
  }
}

/**
 * A shell that dies of a signal runs no trap for EXIT, and what a step cleans up there would stay. SIGPIPE comes first
 * where the channel is closed: the shell says that its child was terminated. A subshell within says it again.
 */
export const ENDABLE = "trap 'exit 143' TERM HUP PIPE";

/**
 * `eval` and not `sh -c`: what is in the script, secrets too, never becomes a process's argument. `wait` reaps the
 * script before. At SIGTERM the subshell around it lives on until it has cleaned up.
 */
function frame(script: Sh, mark: string, clock: number | undefined): string {
  const [start, stop] = clock === undefined ? ["", ""] : [clockFor(clock), 'kill "$clock" 2>/dev/null; '];
  const run = `${start}(${ENDABLE}; eval ${quote(script.text)}); code=$?; ${stop}`;
  return `wait; { trap : TERM HUP; ${run}printf '\\n%s %d\\n' ${mark} $code; printf '\\n%s\\n' ${mark} >&2; } </dev/null &\n`;
}

/** Ends the script when nobody else does: the network lost the connection, and sshd has not noticed. */
function clockFor(seconds: number): string {
  const stop = `old=\${!-}; trap '[ "$!" = "$old" ] || kill "$!"; exit' TERM`;
  const end = `trap '' TERM; kill -TERM 0; trap exit TERM; sleep ${GRACE_SECONDS}; kill -KILL 0`;
  return `(exec >/dev/null 2>&1; ${stop}; sleep ${seconds} & wait "$!"; ${end}) & clock=$!; `;
}
