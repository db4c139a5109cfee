import { randomBytes } from "node:crypto";
import { HostUnreachable, TimedOut } from "./errors.js";
import { Sh, sh } from "./sh.js";
import { ENDABLE, type Result } from "./shell.js";

/** A script that only reads and takes no time, and who waits for what it prints. */
export interface Read {
  readonly doing: string;
  readonly script: Sh;
  /** It neither ends the shell around it nor changes anything of it that others would mind: a process less. */
  readonly inline?: boolean;
  resolve(result: Result): void;
  reject(error: Error): void;
}

/**
 * Several reads in one round trip, each with an answer of its own; what several ask for is read once. What had no answer
 * when the time was over is asked `again`; what is first and has none fails alone.
 */
export async function readTogether(
  all: readonly Read[],
  ask: (doing: string, script: Sh) => Promise<Result>,
  again: (read: Read) => void,
  host: string,
): Promise<void> {
  const reads = alike(all);
  const [only, ...others] = reads;
  if (only && others.length === 0) {
    await ask(only.doing, only.script).then(only.resolve, only.reject);
    return;
  }
  const mark = randomBytes(9).toString("hex");
  const doing = reads.map((read) => read.doing).join(", ");
  const script = reads.map((read) => marked(read, mark).text).join("\n");
  try {
    const answers = answersIn(await ask(doing, new Sh(script)), mark);
    reads.forEach((read, index) => {
      const answer = answers[index];
      // One that ended the shell around it takes the rest along.
      if (answer) read.resolve(answer);
      else if (index === answers.length)
        read.reject(new HostUnreachable(host, `the shell ended while: ${read.doing}`));
      else again(read);
    });
  } catch (error) {
    if (!(error instanceof TimedOut)) for (const read of reads) read.reject(error as Error);
    else {
      const answers = answersIn({ stdout: error.stdout, stderr: "" }, mark);
      reads.forEach((read, index) => {
        const answer = answers[index];
        // What a tool complained of is not known of those that had their answer.
        if (answer?.exitCode === 0) read.resolve(answer);
        // The time was that of all before it: first of all it has its own.
        else if (index === 0) read.reject(error.during(read.doing));
        else again(read);
      });
    }
  }
}

/** Where steps were applied meanwhile, resource after resource asks for the same facts anew. */
function alike(reads: readonly Read[]): Read[] {
  const groups = new Map<string, Read[]>();
  for (const read of reads) groups.set(read.script.text, [...(groups.get(read.script.text) ?? []), read]);
  return [...groups.values()].map((group) => ({
    ...(group[0] as Read),
    resolve: (result) => {
      for (const read of group) read.resolve(result);
    },
    reject: (error) => {
      for (const read of group) read.reject(error);
    },
  }));
}

function marked({ script, inline }: Read, mark: string): Sh {
  const work = inline ? script : sh`(${new Sh(ENDABLE)}\n${script}\n)`;
  return sh`${work}
printf '\\n%s %d\\n' ${mark} $?; printf '\\n%s\\n' ${mark} >&2`;
}

function answersIn({ stdout, stderr }: Pick<Result, "stdout" | "stderr">, mark: string): Result[] {
  const said = stderr.split(`\n${mark}\n`);
  const answers: Result[] = [];
  let rest = stdout;
  for (;;) {
    const end = rest.indexOf(`\n${mark} `);
    const code = rest.slice(end + mark.length + 2).match(/^(\d+)\n/);
    if (end < 0 || !code) return answers;
    answers.push({
      stdout: rest.slice(0, end),
      stderr: said[answers.length] ?? "",
      exitCode: Number(code[1]),
    });
    rest = rest.slice(end + mark.length + 2 + code[0].length);
  }
}
