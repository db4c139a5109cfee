import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { progress } from "./progress.js";
import { run } from "./run.js";

/**
 * Sees to it that commands exist, each with the Debian package that has it. Missing ones are installed when
 * we are root or sudo asks for no password; otherwise the error has the one line to run.
 */
export async function needCommands(commands: Record<string, string>): Promise<void> {
  const missing = await missingOf(commands);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((command) => commands[command] ?? command))].sort();
  const prefix = await rootPrefix();
  if (!prefix || !(await onPath("apt-get"))) {
    throw new Error(
      `not installed: ${missing.join(", ")}. On Debian, run\n` +
        `  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(" ")}`,
    );
  }
  await install(prefix, packages);
  const stillMissing = await missingOf(commands);
  if (stillMissing.length > 0) {
    throw new Error(`still not on PATH after installing ${packages.join(" ")}: ${stillMissing.join(", ")}`);
  }
}

/** Where a command is: on PATH, or in the two directories Debian leaves out of a user's PATH. */
export async function onPath(
  command: string,
  directories: readonly string[] = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"],
): Promise<string | undefined> {
  for (const directory of directories.filter(Boolean)) {
    const file = join(directory, command);
    if (await executable(file)) return file;
  }
  return undefined;
}

async function executable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

async function missingOf(commands: Record<string, string>): Promise<string[]> {
  const missing: string[] = [];
  for (const command of Object.keys(commands)) if (!(await onPath(command))) missing.push(command);
  return missing;
}

/** The words before a command that make it run as root, or nothing when we may not. */
async function rootPrefix(): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  if (!(await onPath("sudo"))) return undefined;
  return run("sudo", ["-n", "true"]).then(
    () => ["sudo", "-n"],
    () => undefined,
  );
}

async function install(prefix: string[], packages: string[]): Promise<void> {
  const step = progress(`Installing ${packages.join(", ")}`);
  const apt = (...args: string[]) => {
    const [command = "env", ...words] = [
      ...prefix,
      "env",
      "DEBIAN_FRONTEND=noninteractive",
      "apt-get",
      ...args,
    ];
    return run(command, words, { onLine: (line) => step.update(line) });
  };
  try {
    // Another apt on a fresh machine (unattended upgrades) holds the lock for a while: wait for it.
    await apt("-o", "DPkg::Lock::Timeout=300", "update");
    await apt("-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", ...packages);
    step.finish();
  } catch (error) {
    step.fail("see the error");
    throw error;
  }
}
