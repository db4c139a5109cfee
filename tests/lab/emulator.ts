/** The QEMU program of emulated hosts: this machine's own, or a newer one that is much faster. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { aptSetup } from "./apt";
import { cached } from "./cache";
import { progress } from "./progress.js";
import type { Accelerator } from "./qemu";
import { run } from "./run.js";

export const SYSTEM_QEMU = "qemu-system-x86_64";

/** The same tests on the lab take 10.0 half of the processor time that they take 7.2, which Debian 12 has. */
const FAST_SINCE = 10;

/** With what Debian 12's own QEMU brings, all that a newer one needs to emulate a PC. */
const PACKAGES = ["qemu-system-x86", "qemu-system-common", "qemu-system-data", "seabios"];

/**
 * The command that emulates hosts. Where this machine's is slow, that of its Debian's backports is unpacked into the cache,
 * and nothing is installed; where that can't be had, the slow one has to do.
 */
export async function emulator(accelerator: Accelerator): Promise<string> {
  const system = await qemuVersion(SYSTEM_QEMU);
  const major = Number(/version (\d+)/.exec(system)?.[1]);
  if (accelerator === "kvm" || major >= FAST_SINCE) return SYSTEM_QEMU;
  try {
    const dir = await cached("lab-emulator", { version: 1, system, packages: PACKAGES }, unpackBackports);
    return programIn(dir);
  } catch (error) {
    console.error(`Lab: the hosts take twice as long with ${system}: ${(error as Error).message}`);
    return SYSTEM_QEMU;
  }
}

/** The first line that it prints; it fails where a library is missing. */
export async function qemuVersion(program: string): Promise<string> {
  const [line = ""] = (await run(program, ["--version"])).split("\n");
  return line;
}

function programIn(dir: string): string {
  return join(dir, "usr", "bin", SYSTEM_QEMU);
}

async function unpackBackports(dir: string): Promise<void> {
  const step = progress("Lab: a faster QEMU from the backports");
  try {
    await unpack(dir);
    step.finish(await qemuVersion(programIn(dir)));
  } catch (error) {
    step.fail("see below");
    throw error;
  }
}

/** By apt, so that signatures are verified, with lists of its own: the machine's are not touched. */
async function unpack(dir: string): Promise<void> {
  const { suite, sources } = await aptSetup();
  const [, uri] = new RegExp(`^deb (\\S+) ${suite} `, "m").exec(sources) ?? [];
  if (uri === undefined) throw new Error(`apt has no source for Debian ${suite} itself`);
  const apt = join(dir, "apt");
  for (const folder of ["lists/partial", "cache/archives/partial"])
    await mkdir(join(apt, folder), { recursive: true });
  const list = join(apt, "sources.list");
  // An address may hold credentials.
  await writeFile(list, `deb ${uri} ${suite}-backports main\n`, { mode: 0o600 });
  const settings = [
    ...[`Dir::Etc::sourcelist=${list}`, "Dir::Etc::sourceparts=/dev/null"],
    ...[`Dir::State::lists=${join(apt, "lists")}`, `Dir::Cache=${join(apt, "cache")}`],
    // Another user would not be let into this folder.
    "APT::Sandbox::User=",
  ].flatMap((setting) => ["-o", setting]);
  await run("apt-get", [...settings, "update"]);
  await run("apt-get", [...settings, "-t", `${suite}-backports`, "download", ...PACKAGES], { cwd: apt });
  await run("sh", ["-c", 'for package in apt/*.deb; do dpkg-deb -x "$package" . || exit; done'], {
    cwd: dir,
  });
  await rm(apt, { recursive: true });
}
