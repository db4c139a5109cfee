/** What pyinfra and Ansible have in common: one command for an operation, which reads what is wanted from a file. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../lab/run.js";
import { SOURCES } from "../sources.js";
import { type Part, partsOf, type VolumeOperation } from "../works.js";
import type { Contestant, Outcome, Task } from "./contestant.js";
import { type Control, controlFor, writeFiles } from "./control.js";

/** A hundred block volumes take Ansible more than an hour. */
const TIMEOUT_MS = 4 * 60 * 60_000;

export interface Tool {
  /** Of its files below tests/bench/, which is where it runs. */
  readonly folder: string;
  /** How a file of it is called that does a part of the work. */
  readonly suffix: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Whether one command does all parts of a work, in their order on all hosts. */
  readonly together: boolean;
  /** What it reads, as JSON. */
  readonly controlFile: string;
  control(control: Control): unknown;
}

export function toolContestant(task: Task, tool: Tool): Contestant {
  writeFiles(task);
  let changed = false;
  return {
    async perform(operation: VolumeOperation): Promise<Outcome> {
      changed ||= operation === "one change";
      const control = JSON.stringify(tool.control(controlFor(task, operation, changed)));
      // It has keys.
      writeFileSync(tool.controlFile, control, { mode: 0o600 });
      const files = partsFor(task, operation).map((part) => `${part}${tool.suffix}`);
      const started = Date.now();
      for (const each of tool.together ? [files] : files.map((file) => [file])) {
        await run(tool.command, [...tool.arguments, ...each], {
          cwd: join(SOURCES, tool.folder),
          env: { ...process.env, ...tool.environment },
          timeoutMs: TIMEOUT_MS,
        });
      }
      return { seconds: (Date.now() - started) / 1000 };
    },
    close: () => undefined,
  };
}

function partsFor({ work }: Task, operation: VolumeOperation): readonly Part[] {
  return operation === "destroy" ? partsOf[work].toReversed() : partsOf[work];
}
