/** Stacks of the real Pulumi CLI over the lab's hosts. */
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ConfigMap,
  type EngineEvent,
  LocalWorkspace,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import * as settings from "@pulumi/pulumi/runtime/settings.js";
import type { ExecutionContext } from "ava";
import { downOnExit, type HostName, up as labUp, ssh as sshOnLab, status } from "../lab/index.js";
import { ensurePulumi } from "../lab/pulumi.js";
import { run } from "../lab/run.js";
import { type Change, changeOf } from "./change.js";

/** One host under `mooring:hosts`. */
export interface HostSettings {
  connection: Connection & { sudo?: boolean; proxy?: Connection };
  address: string;
  install: boolean;
}

export interface Connection {
  host: string;
  port: number;
  user: string;
  privateKey: string;
  hostKey: string;
}

export type Hosts = Record<HostName, HostSettings>;

export interface UpOptions {
  /** Look at the hosts first: drift is repaired. */
  refresh?: boolean;
}

/** Where a stack's program is: in the test, or a folder of its own. */
export type Source = { program: PulumiFn } | { folder: string };

/**
 * All engines that a test process has talked to share its connections, by port: an engine that gets the port of an
 * earlier one is "14 UNAVAILABLE: No connection established. Last error: null", since that one's connection has failed
 * (grpc-js, internal-channel.ts). With this each has its own.
 */
const { grpcClientOptions } = settings as unknown as { grpcClientOptions: Record<string, unknown> };
grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;

export const PASSPHRASE = "a passphrase of the tests";

let hosts: Promise<Hosts> | undefined;

/** The lab's hosts as a stack's configuration has them. */
export function labHosts(): Promise<Hosts> {
  hosts ??= prepare();
  return hosts;
}

async function prepare(): Promise<Hosts> {
  downOnExit();
  Object.assign(process.env, (await ensurePulumi()).env);
  const found = await status();
  // Where one is off, another test has its reason: `up` would switch it on.
  const joined = found && Object.values(found.hosts).some(({ state }) => state === "running");
  const lab = joined ? found : await labUp();
  const settings = Object.values(lab.hosts).map(({ name, connection, address }) => [
    name,
    { connection, address, install: true },
  ]);
  return Object.fromEntries(settings) as Hosts;
}

/** What a script says on a host, without the last line's end. */
export async function ssh(host: HostName, script: string, input?: string): Promise<string> {
  const { stdout } = await sshOnLab(host, script, input === undefined ? {} : { input });
  return stdout.trimEnd();
}

/** A stack that is destroyed, and its folder removed, when the test ends, however it ends. */
export async function makeStack(
  t: ExecutionContext,
  source: Source,
  config: ConfigMap = {},
  configured?: Record<string, HostSettings>,
): Promise<LabStack> {
  const settings = configured ?? (await labHosts());
  await labHosts();
  const folder = await mkdtemp(join(tmpdir(), "mooring-stack-"));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  await mkdir(join(folder, "backend"));
  const workspace = {
    envVars: {
      PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      PULUMI_HOME: join(folder, "home"),
    },
  };
  const stackName = "lab";
  const stack = await ("program" in source
    ? LocalWorkspace.createStack(
        { stackName, projectName: "mooring-tests", program: source.program },
        {
          ...workspace,
          // The package is found from here by the process that serves dynamic resources.
          projectSettings: { name: "mooring-tests", runtime: "nodejs", main: process.cwd() },
        },
      )
    : LocalWorkspace.createStack({ stackName, workDir: source.folder }, workspace));
  // `up` and `destroy` end with asking the CLI for outputs and history: a second each, for what no test reads.
  Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });
  if (Object.keys(config).length > 0) await stack.setAllConfig(config);
  if (Object.keys(settings).length > 0) await setSecret(stack, "mooring:hosts", JSON.stringify(settings));
  const { name: project } = await stack.workspace.projectSettings();
  const states = join(folder, "backend", ".pulumi", "stacks", project);
  const made = new LabStack(t, stack, join(states, `${stackName}.json`));
  t.teardown(() => made.end());
  return made;
}

/** Through stdin: an argument could be read by every user of this machine, and by the test that looks for secrets. */
async function setSecret({ name, workspace }: Stack, key: string, value: string): Promise<void> {
  const { bin, env } = await ensurePulumi();
  await run(bin, ["config", "set", "--secret", "--stack", name, key], {
    cwd: workspace.workDir,
    env: { ...process.env, ...env, ...workspace.envVars },
    input: value,
  });
}

export class LabStack {
  /** Everything that the CLI printed. */
  output = "";

  constructor(
    private readonly t: ExecutionContext,
    private readonly stack: Stack,
    private readonly stateFile: string,
  ) {}

  /** The program of the operations from now on. */
  set program(program: PulumiFn) {
    this.stack.workspace.program = program;
  }

  up({ refresh = false }: UpOptions = {}): Promise<Change> {
    return this.#watch(refresh ? "up --refresh" : "up", (onEvent, onOutput) =>
      this.stack.up({ refresh, onEvent, onOutput, color: "never" }),
    );
  }

  /** The text of the error that an `up` ends with. */
  async failedUp(options: UpOptions = {}): Promise<string> {
    return failure("up", this.up(options));
  }

  async failedPreview(): Promise<string> {
    return failure("preview", this.#preview());
  }

  /** Rejects when there is something to do. */
  async previewNoChanges(): Promise<void> {
    await this.#preview(true);
  }

  destroy(): Promise<Change> {
    return this.#watch("destroy", (onEvent, onOutput) =>
      this.stack.destroy({ onEvent, onOutput, color: "never" }),
    );
  }

  async outputs(): Promise<Record<string, unknown>> {
    const outputs = await this.stack.workspace.stackOutputs(this.stack.name);
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }

  async setConfig(key: string, value: string): Promise<void> {
    await this.stack.setConfig(key, { value });
  }

  async setSecret(key: string, value: string): Promise<void> {
    await setSecret(this.stack, key, value);
  }

  /** What the backend keeps, as it keeps it: `exportStack` would decrypt it. */
  stateText(): Promise<string> {
    return readFile(this.stateFile, "utf8");
  }

  async resources(): Promise<StateResource[]> {
    const { checkpoint } = JSON.parse(await this.stateText()) as {
      checkpoint: { latest?: { resources?: StateResource[] } };
    };
    return checkpoint.latest?.resources ?? [];
  }

  /** Takes a resource out of the state, with what depends on it; nothing is asked. */
  async forget(name: string): Promise<void> {
    const urn = (await this.resources()).find((each) => each.urn.endsWith(`::${name}`))?.urn ?? name;
    const { bin, env } = await ensurePulumi();
    const { workDir: cwd, envVars } = this.stack.workspace;
    const stack = ["--stack", this.stack.name];
    await run(bin, ["state", "delete", "--yes", "--target-dependents", ...stack, urn], {
      ...{ cwd, env: { ...process.env, ...env, ...envVars } },
    });
  }

  /** What can't be destroyed any more fails the test. */
  async end(): Promise<void> {
    if ((await this.resources()).length > 0) await this.destroy();
  }

  #preview(expectNoChanges = false): Promise<Change> {
    return this.#watch("preview", (onEvent, onOutput) =>
      this.stack.preview({ expectNoChanges, onEvent, onOutput, color: "never" }),
    );
  }

  async #watch(
    what: string,
    work: (onEvent: (event: EngineEvent) => void, onOutput: (text: string) => void) => Promise<unknown>,
  ): Promise<Change> {
    const events: EngineEvent[] = [];
    const started = Date.now();
    try {
      await work(
        (event) => events.push(event),
        (text) => {
          this.output += text;
        },
      );
    } finally {
      this.t.log(`${what}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
    }
    return changeOf(events);
  }
}

export interface StateResource {
  type: string;
  urn: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

async function failure(what: string, running: Promise<unknown>): Promise<string> {
  const message = await running.then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (message === undefined) throw new Error(`${what} succeeded, where an error was expected`);
  return message;
}
