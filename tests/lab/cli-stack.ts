/** Stacks whose hosts are the lab's, through the real Pulumi CLI as processes that can be interrupted and killed. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostName } from "./hosts.js";
import { onInterruption } from "./interruption.js";
import type { Lab } from "./lab.js";
import { ensurePulumi } from "./pulumi.js";
import { run } from "./run.js";

/** What the configuration says of a host, beside how it is reached. */
export interface HostChange {
  lost?: boolean;
  fence?: "force";
  connection?: Record<string, unknown>;
}

export type HostChanges = Partial<Record<HostName, HostChange>>;

/** In the summary of an `up` that found something to do: `~ 1 updated`, `+-1 replaced`. */
export const CHANGED = /^\s+[^\s\d]+ ?\d+ (created|updated|deleted|replaced)$/m;

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly ms: number;
}

/** A command of the CLI that runs. */
export interface Running {
  readonly pid: number | undefined;
  readonly done: Promise<Outcome>;
  readonly running: () => boolean;
  /** To the CLI alone. */
  kill(): void;
  /** As a terminal does: to the CLI and all that it started. */
  interrupt(): void;
}

export interface Project {
  readonly name: string;
  /** The compiled program, in a folder below the package, from where the package is found. */
  readonly main: string;
  /** What takes longer is killed. */
  readonly limitMs: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Where a stack's project, configuration and state are. */
export interface Place {
  readonly folder: string;
  readonly project: Project;
  readonly bin: string;
  readonly environment: NodeJS.ProcessEnv;
}

export async function makePlace(parent: string, name: string, project: Project): Promise<Place> {
  const { bin, env } = await ensurePulumi();
  const folder = await mkdtemp(join(parent, `${name}-`));
  await mkdir(join(folder, "backend"));
  const runtime = { name: "nodejs", options: { typescript: false } };
  await writeFile(
    join(folder, "Pulumi.yaml"),
    JSON.stringify({ name: project.name, runtime, main: project.main }),
  );
  const environment = {
    ...process.env,
    ...env,
    PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase of the lab",
    PULUMI_HOME: join(folder, "home"),
    ...project.environment,
  };
  return { folder, project, bin, environment };
}

/** As far as it is looked at. */
interface Deployment {
  readonly deployment: { readonly resources?: readonly { readonly urn: string }[] };
}

/** A program that gets a `Spec` as its configuration. */
export class CliStack<Spec> {
  /** Of the key that its secrets are encrypted with; the CLI makes it. */
  #salt = "";
  readonly #groups = new Set<number>();

  constructor(
    /** Also of the Pulumi stack: owner records on the hosts have it, and tell one stack from another. */
    readonly name: string,
    private readonly place: Place,
    private readonly lab: Lab,
    protected spec: Spec,
    private hosts: HostChanges = {},
  ) {}

  /** Before anything else. */
  async init(): Promise<this> {
    await this.wellDone(this.start("stack", "init", this.name));
    const settings = await readFile(join(this.place.folder, `Pulumi.${this.name}.yaml`), "utf8");
    this.#salt = settings.match(/^encryptionsalt: (.*)$/m)?.[1] ?? "";
    await this.#configure();
    return this;
  }

  /** What the program gets, from now on. */
  async setSpec(spec: Spec): Promise<void> {
    this.spec = spec;
    await this.#configure();
  }

  /** What the configuration says of hosts, from now on. */
  async setHosts(hosts: HostChanges): Promise<void> {
    this.hosts = hosts;
    await this.#configure();
  }

  startUp(...more: string[]): Running {
    return this.start("up", "--yes", "--skip-preview", ...more);
  }

  startDestroy(): Running {
    return this.start("destroy", "--yes", "--skip-preview");
  }

  start(...args: string[]): Running {
    const { bin, folder: cwd, environment: env, project } = this.place;
    const started = Date.now();
    const stack = ["stack", "cancel"].includes(args[0] ?? "") ? [] : ["--stack", this.name];
    const child = spawn(bin, [...args, ...stack, "--non-interactive", "--color=never"], {
      ...{ cwd, env, detached: true },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { pid } = child;
    if (pid !== undefined) this.#groups.add(pid);
    const leave = onInterruption(() => this.end());
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        output += chunk;
      });
    }
    let ended = false;
    const limit = setTimeout(() => signal(-(pid ?? 0), "SIGKILL"), project.limitMs);
    const done = new Promise<Outcome>((resolve, reject) => {
      child.once("error", reject);
      // Not "close": what a killed CLI had started keeps its output open.
      child.once("exit", (code) => {
        const ms = Date.now() - started;
        ended = true;
        clearTimeout(limit);
        // What it printed last may not be read yet.
        setTimeout(() => {
          leave();
          resolve({ code, output, ms });
        }, 50);
      });
    });
    return {
      ...{ pid, done, running: () => !ended },
      kill: () => signal(pid ?? 0, "SIGKILL"),
      interrupt: () => signal(-(pid ?? 0), "SIGINT"),
    };
  }

  /** What the CLI exports of the state, as text. */
  deployment(): Promise<string> {
    const { bin, folder: cwd, environment: env } = this.place;
    return run(bin, ["stack", "export", "--stack", this.name], { cwd, env });
  }

  /** Resource names in the state, with those that are to be deleted. */
  async resources(): Promise<string[]> {
    const { deployment } = JSON.parse(await this.deployment()) as Deployment;
    return (deployment.resources ?? []).map(({ urn }) => urn).sort();
  }

  /** Ends all that its commands started, also what a killed CLI has left. */
  end(): void {
    for (const group of this.#groups) signal(-group, "SIGKILL");
    this.#groups.clear();
  }

  protected async wellDone(running: Running): Promise<Outcome> {
    const outcome = await running.done;
    if (outcome.code === 0) return outcome;
    throw new Error(
      `stack ${this.name}: the CLI ended with ${outcome.code ?? "a signal"} after ${seconds(outcome.ms)}:\n${outcome.output.slice(-6000)}`,
    );
  }

  async #configure(): Promise<void> {
    const { folder, project } = this.place;
    const hosts = Object.values(this.lab.hosts).map(({ name, connection, address }) => {
      const { connection: more, ...rest } = this.hosts[name] ?? {};
      return [name, { connection: { ...connection, ...more }, address, install: true, ...rest }];
    });
    const settings = {
      encryptionsalt: this.#salt,
      config: {
        "mooring:hosts": JSON.stringify(Object.fromEntries(hosts)),
        [`${project.name}:spec`]: JSON.stringify(this.spec),
      },
    };
    await writeFile(join(folder, `Pulumi.${this.name}.yaml`), JSON.stringify(settings), { mode: 0o600 });
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
