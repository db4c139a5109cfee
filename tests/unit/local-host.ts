import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import type { Engine, EngineCall } from "../../provider/host/docker.js";
import { Host } from "../../provider/host/host.js";
import { DEFAULT_LIMITS, type Limits } from "../../provider/host/limits.js";
import { Sh } from "../../provider/host/sh.js";
import { type Bounds, type Result, Shell } from "../../provider/host/shell.js";
import { localChannel } from "./local-shell.js";

export interface LocalHost {
  readonly host: Host;
  /** A directory of its own; it stands for /run/mooring. */
  readonly directory: string;
  /** All that ran, in the order in which it began. */
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

/** A host whose scripts run in real shells of this machine, with a directory of the test in place of /run/mooring. */
export function localHost(t: ExecutionContext, name: string, options: LocalOptions = {}): LocalHost {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "mooring-host-"));
  const shells = new Set<Shell>();
  const idle: Shell[] = [];
  const cut = () => {
    for (const shell of shells) shell.stream.destroy();
  };
  t.teardown(() => {
    cut();
    rmSync(directory, { recursive: true, force: true });
  });

  class LocalShell extends Shell {
    override run(script: Sh, bounds: Bounds): Promise<Result> {
      local.scripts.push(script.text);
      return super.run(new Sh(script.text.replaceAll("/run/mooring", directory)), bounds);
    }
  }
  const source = {
    async use<T>(work: (shell: Shell) => Promise<T>): Promise<T> {
      const shell = idle.pop() ?? new LocalShell(localChannel());
      shells.add(shell);
      try {
        return await work(shell);
      } finally {
        if (shell.alive) idle.push(shell);
      }
    },
    exec: () => Promise.reject(new Error("there is no Docker Engine here")),
    open: () => undefined,
    openAhead: () => undefined,
    endAhead: () => undefined,
    close: () => Promise.resolve(),
  };
  const engine = {
    async apply(title: string, call: EngineCall) {
      local.calls.push([title, call]);
    },
  };
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const host = new Host({ name }, limits, source, undefined, undefined, engine as unknown as Engine);
  const forget = host.forgetFacts.bind(host);
  host.forgetFacts = (lasting) => {
    local.forgotten++;
    forget(lasting);
  };
  const local: LocalHost = { host, directory, scripts: [], calls: [], forgotten: 0, cut };
  return local;
}
