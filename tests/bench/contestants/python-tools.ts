/** pyinfra and Ansible, the newest from PyPI, in a virtual environment in the cache. */
import { join } from "node:path";
import { cached } from "../../lab/cache.js";
import { needCommands } from "../../lab/packages.js";
import { progress } from "../../lab/progress.js";
import { run } from "../../lab/run.js";

export interface PythonTools {
  readonly python: string;
  /** A command of the environment, for `python`: the path that its first line names may be another by now. */
  readonly command: (name: string) => string;
  readonly versions: Readonly<Record<Package, string>>;
}

const PACKAGES = ["pyinfra", "ansible"] as const;
type Package = (typeof PACKAGES)[number];

let tools: Promise<PythonTools> | undefined;

export function pythonTools(): Promise<PythonTools> {
  tools ??= find();
  return tools;
}

async function find(): Promise<PythonTools> {
  await needCommands({ python3: "python3-venv", ssh: "openssh-client" });
  const python = (await run("python3", ["--version"])).trim();
  const versions = Object.fromEntries(
    await Promise.all(PACKAGES.map(async (name) => [name, await newest(name)] as const)),
  ) as Record<Package, string>;
  const dir = await cached("bench-python", { version: 1, python, versions }, (making) =>
    install(making, versions),
  );
  const bin = join(dir, "bin");
  return { python: join(bin, "python3"), command: (name) => join(bin, name), versions };
}

/** Of those that run with this Python. */
async function newest(name: Package): Promise<string> {
  const said = await run("python3", ["-m", "pip", "index", "versions", name]);
  return newestIn(said, name);
}

export function newestIn(said: string, name: string): string {
  const version = said.match(new RegExp(`^${name} \\((\\S+)\\)`, "m"))?.[1];
  if (!version) throw new Error(`pip names no version of ${name}:\n${said}`);
  return version;
}

async function install(dir: string, versions: Record<Package, string>): Promise<void> {
  const step = progress("Installing pyinfra and Ansible (once)");
  try {
    await run("python3", ["-m", "venv", dir]);
    const packages = PACKAGES.map((name) => `${name}==${versions[name]}`);
    const flags = ["--disable-pip-version-check", "--no-input"];
    await run(join(dir, "bin", "python3"), ["-m", "pip", "install", ...flags, ...packages], {
      onLine: (line) => step.update(line),
    });
    step.finish();
  } catch (error) {
    step.fail("see the error");
    throw error;
  }
}
