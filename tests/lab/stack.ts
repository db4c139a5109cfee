/** Pulumi stacks whose hosts are the lab's. Their state lives and ends with the lab. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostName } from "./hosts";
import type { Lab } from "./lab";
import { ensurePulumi, type PulumiTools } from "./pulumi";
import { stackFolder } from "./record";
import { run } from "./run";

/** One name in every project: a stack `lab` beside the user's own. */
export const STACK = "lab";

/** What each example is told in the lab, where there is no registry: images come from archives on the hosts. */
const IMAGES = {
  mariadb: { image: "mooring-lab/mariadb:1", imageArchive: "/srv/images/mariadb.tar" },
  tiny: { image: "mooring-lab/tiny:1", imageArchive: "/srv/images/tiny.tar" },
} as const;

export class LabStack {
  private constructor(
    readonly directory: string,
    readonly tools: PulumiTools,
    readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** The stack `lab` of the project in `directory`, made if it is not there, with today's hosts in its configuration. */
  static async open(directory: string, lab: Lab): Promise<LabStack> {
    const tools = await ensurePulumi();
    await mkdir(stackFolder, { recursive: true, mode: 0o700 });
    const stack = new LabStack(directory, tools, {
      ...process.env,
      ...tools.env,
      PULUMI_BACKEND_URL: `file://${stackFolder}`,
      // It guards a key that opens nothing but the lab.
      PULUMI_CONFIG_PASSPHRASE: "mooring-lab",
      PULUMI_STACK: STACK,
    });
    await stack.run("stack", "select", "--create", STACK);
    await stack.setSecret("mooring:hosts", hostsConfiguration(lab));
    const known = await stack.run("config", "get", "rootPassword").catch(() => undefined);
    if (known === undefined) await stack.setSecret("rootPassword", randomBytes(12).toString("hex"));
    const database = /^name: .*mariadb/m.test(await readFile(join(directory, "Pulumi.yaml"), "utf8"));
    await stack.set(database ? IMAGES.mariadb : IMAGES.tiny);
    return stack;
  }

  async set(values: Record<string, string>): Promise<void> {
    const pairs = Object.entries(values).map(([key, value]) => `${key}=${value}`);
    await this.run("config", "set-all", ...pairs.flatMap((pair) => ["--plaintext", pair]));
  }

  /** Through stdin: an argument could be read by every user of this machine. */
  async setSecret(key: string, value: string): Promise<void> {
    await run(this.tools.bin, ["config", "set", "--secret", key], {
      cwd: this.directory,
      env: this.environment,
      input: value,
    });
  }

  run(...args: string[]): Promise<string> {
    return run(this.tools.bin, args, { cwd: this.directory, env: this.environment });
  }

  /** As the user would run it: with this terminal. Resolves with the exit code. */
  show(...args: string[]): Promise<number> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.tools.bin, args, {
        cwd: this.directory,
        env: this.environment,
        stdio: "inherit",
      });
      // The terminal sends Ctrl-C to Pulumi too; we wait for how it ends.
      const wait = (): void => undefined;
      process.on("SIGINT", wait);
      child.once("error", reject);
      child.once("close", (code) => {
        process.off("SIGINT", wait);
        resolve(code ?? 1);
      });
    });
  }
}

/** The lab's hosts as a stack's configuration describes them, and what is said of single ones beside. */
export function hostsConfiguration(
  lab: Lab,
  more: { readonly [name in HostName]?: Record<string, unknown> } = {},
): string {
  const hosts = Object.values(lab.hosts).map(({ name, connection, address }) => [
    name,
    { connection, address, install: true, ...more[name] },
  ]);
  return JSON.stringify(Object.fromEntries(hosts));
}
