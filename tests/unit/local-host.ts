import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import type { EngineCall } from "../../provider/host/docker.js";
import { CommandFailed, TimedOut } from "../../provider/host/errors.js";
import type { Host } from "../../provider/host/host.js";
import { DEFAULT_LIMITS, type Limits } from "../../provider/host/limits.js";
import { Sh } from "../../provider/host/sh.js";
import { type Bounds, NoAnswer, type Result, Shell } from "../../provider/host/shell.js";
import { localChannel } from "./local-shell.js";

export interface LocalHost {
  readonly host: Host;
  /** A directory of its own; it stands for /run/mooring. */
  readonly directory: string;
  readonly scripts: string[];
  readonly calls: [title: string, call: EngineCall][];
  forgotten: number;
  /** Ends the connection. */
  cut(): void;
}

interface LocalOptions {
  /** Another's, to be the same host. */
  readonly directory?: string;
  readonly limits?: Partial<Limits>;
}

/** A host whose scripts run in a real `sh` of this machine, with a directory of the test in place of /run/mooring. */
export function localHost(t: ExecutionContext, name: string, options: LocalOptions = {}): LocalHost {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "mooring-host-"));
  let shell = new Shell(localChannel());
  t.teardown(() => {
    shell.stream.destroy();
    rmSync(directory, { recursive: true, force: true });
  });
  const host = {
    name,
    ref: { name },
    forgetFacts() {
      local.forgotten++;
    },
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    async attempt(doing: string, script: Sh, bounds: Bounds): Promise<Result> {
      local.scripts.push(script.text);
      if (!shell.alive) shell = new Shell(localChannel());
      return shell.run(new Sh(script.text.replaceAll("/run/mooring", directory)), bounds).catch((error) => {
        if (!(error instanceof NoAnswer)) throw error;
        throw new TimedOut(name, doing, error.timeoutMs, "steps", error.stdout);
      });
    },
    async run(doing: string, script: Sh): Promise<string> {
      const { stdout, stderr, exitCode } = await host.attempt(doing, script, { timeoutMs: 20_000 });
      if (exitCode !== 0) throw new CommandFailed(name, doing, script.text, exitCode, stderr);
      return stdout;
    },
    engine: {
      async apply(title: string, call: EngineCall) {
        local.calls.push([title, call]);
      },
    },
  };
  const local: LocalHost = {
    host: host as unknown as Host,
    directory,
    scripts: [],
    calls: [],
    forgotten: 0,
    cut: () => shell.stream.destroy(),
  };
  return local;
}
