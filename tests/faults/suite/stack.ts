/** Stacks of the real Pulumi CLI, as processes that can be interrupted and killed. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostName, Lab } from "../../lab/index.js";
import { onInterruption } from "../../lab/interruption.js";
import { ensurePulumi } from "../../lab/pulumi.js";
import type { Node, Spec, VolumeSpec } from "../program/spec.js";

/** What the configuration says of a host, beside how it is reached. */
export interface HostChange {
  lost?: boolean;
  fence?: "force";
  connection?: Record<string, unknown>;
}

export type Hosts = Partial<Record<HostName, HostChange>>;

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly ms: number;
}

/** A command of the CLI that runs. */
export interface Running {
  readonly done: Promise<Outcome>;
  readonly running: () => boolean;
  /** To the CLI alone. */
  kill(): void;
  /** As a terminal does: to the CLI and all that it started. */
  interrupt(): void;
}

const LIMIT_MS = 12 * 60_000;
const PROJECT = "mooring-faults";

export class FaultStack {
  /** Of the key that its secrets are encrypted with; the CLI makes it. */
  #salt = "";
  readonly #groups = new Set<number>();

  private constructor(
    /** Also of the Pulumi stack: owner records on the hosts have it, and tell one stack from another. */
    readonly name: string,
    private readonly folder: string,
    private readonly bin: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly lab: Lab,
    private spec: Spec,
    private hosts: Hosts,
  ) {}

  static async make(
    parent: string,
    name: string,
    lab: Lab,
    spec: Spec,
    hosts: Hosts = {},
  ): Promise<FaultStack> {
    const { bin, env } = await ensurePulumi();
    const folder = await mkdtemp(join(parent, `${name}-`));
    await mkdir(join(folder, "backend"));
    // From bin/tests/faults/suite/ to the compiled program, from where the package is found. Not its folder: that would be the package.
    const main = join(__dirname, "..", "program", "index.js");
    const project = { name: PROJECT, runtime: { name: "nodejs", options: { typescript: false } }, main };
    await writeFile(join(folder, "Pulumi.yaml"), JSON.stringify(project));
    const environment = {
      ...process.env,
      ...env,
      PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of the faults",
      PULUMI_HOME: join(folder, "home"),
    };
    const stack = new FaultStack(name, folder, bin, environment, lab, spec, hosts);
    await stack.#wellDone(stack.start("stack", "init", name));
    const settings = await readFile(join(folder, `Pulumi.${name}.yaml`), "utf8");
    stack.#salt = settings.match(/^encryptionsalt: (.*)$/m)?.[1] ?? "";
    await stack.#configure();
    return stack;
  }

  /** Changes all volumes of the program, for the operations from now on. */
  async change(change: Partial<VolumeSpec>): Promise<void> {
    this.spec = { ...this.spec, volumes: this.spec.volumes.map((volume) => ({ ...volume, ...change })) };
    await this.#configure();
  }

  moveTo(node: Node): Promise<void> {
    return this.change({ node });
  }

  /** What the configuration says of hosts, from now on. */
  async setHosts(hosts: Hosts): Promise<void> {
    this.hosts = hosts;
    await this.#configure();
  }

  async up(...more: string[]): Promise<Outcome> {
    return this.#wellDone(this.startUp(...more));
  }

  /** Looks at the hosts first, and repairs. */
  refreshUp(): Promise<Outcome> {
    return this.up("--refresh");
  }

  /** What an `up` that fails says, within `limitMs`. */
  async failedUp(limitMs = LIMIT_MS): Promise<Outcome> {
    const outcome = await this.startUp().done;
    if (outcome.code === 0) throw new Error(`pulumi up succeeded, where an error was expected`);
    if (outcome.ms > limitMs) {
      throw new Error(`pulumi up failed, as it should, but only after ${seconds(outcome.ms)}`);
    }
    return outcome;
  }

  async destroy(): Promise<Outcome> {
    return this.#wellDone(this.startDestroy());
  }

  /** What it finds changed, property by property. */
  async refresh(): Promise<string> {
    return (await this.#wellDone(this.start("refresh", "--yes", "--skip-preview", "--diff"))).output;
  }

  startUp(...more: string[]): Running {
    return this.start("up", "--yes", "--skip-preview", ...more);
  }

  startDestroy(): Running {
    return this.start("destroy", "--yes", "--skip-preview");
  }

  /** After a CLI that was killed: its lock on the stack is of no use any more. */
  async forgetKilled(): Promise<void> {
    await this.start("cancel", "--yes", this.name).done;
  }

  start(...args: string[]): Running {
    const started = Date.now();
    const stack = ["stack", "cancel"].includes(args[0] ?? "") ? [] : ["--stack", this.name];
    const child = spawn(this.bin, [...args, ...stack, "--non-interactive", "--color=never"], {
      cwd: this.folder,
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const group = child.pid;
    if (group !== undefined) this.#groups.add(group);
    const leave = onInterruption(() => this.end());
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        output += chunk;
      });
    }
    let ended = false;
    const limit = setTimeout(() => signal(-(group ?? 0), "SIGKILL"), LIMIT_MS);
    const done = new Promise<Outcome>((resolve, reject) => {
      child.once("error", reject);
      // Not "close": what a killed CLI had started keeps its output open.
      child.once("exit", (code) => {
        ended = true;
        clearTimeout(limit);
        // What it printed last may not be read yet.
        setTimeout(() => {
          leave();
          resolve({ code, output, ms: Date.now() - started });
        }, 50);
      });
    });
    return {
      done,
      running: () => !ended,
      kill: () => signal(group ?? 0, "SIGKILL"),
      interrupt: () => signal(-(group ?? 0), "SIGINT"),
    };
  }

  /** Resource names in the state, with those that are to be deleted. */
  async resources(): Promise<string[]> {
    const file = join(this.folder, "backend", ".pulumi", "stacks", PROJECT, `${this.name}.json`);
    const { checkpoint } = JSON.parse(await readFile(file, "utf8")) as {
      checkpoint: { latest?: { resources?: { urn: string }[] } };
    };
    return (checkpoint.latest?.resources ?? []).map(({ urn }) => urn).sort();
  }

  /** Ends all that its commands started, also what a killed CLI has left. */
  end(): void {
    for (const group of this.#groups) signal(-group, "SIGKILL");
    this.#groups.clear();
  }

  async #configure(): Promise<void> {
    const hosts = Object.values(this.lab.hosts).map(({ name, connection, address }) => {
      const { connection: more, ...rest } = this.hosts[name] ?? {};
      return [name, { connection: { ...connection, ...more }, address, install: true, ...rest }];
    });
    const settings = {
      encryptionsalt: this.#salt,
      config: {
        "mooring:hosts": JSON.stringify(Object.fromEntries(hosts)),
        [`${PROJECT}:spec`]: JSON.stringify(this.spec),
      },
    };
    await writeFile(join(this.folder, `Pulumi.${this.name}.yaml`), JSON.stringify(settings), { mode: 0o600 });
  }

  async #wellDone(running: Running): Promise<Outcome> {
    const outcome = await running.done;
    if (outcome.code === 0) return outcome;
    throw new Error(
      `stack ${this.name}: the CLI ended with ${outcome.code ?? "a signal"} after ${seconds(outcome.ms)}:\n${outcome.output.slice(-6000)}`,
    );
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  if (pid === 0) return;
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
