/** KVM where a kernel really boots with it, emulation elsewhere: /dev/kvm can be there and hang every guest. */
import { constants, existsSync } from "node:fs";
import { access, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cached } from "./cache";
import { SYSTEM_QEMU } from "./emulator";
import type { HostImage } from "./image";
import { onInterruption } from "./interruption";
import { gone, isAlive, kill, startDetached } from "./processes";
import { progress } from "./progress";
import type { Accelerator } from "./qemu";

const TRIAL_MS = 20_000;

export async function accelerator(image: HostImage): Promise<Accelerator> {
  const usable = await access("/dev/kvm", constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!usable) return "tcg";
  const key = { version: 1, machine: release(), processor: cpus()[0]?.model, kernel: image.kernel };
  const dir = await cached("lab-accelerator", key, async (making) => {
    const step = progress("Trying KVM");
    const boots = await tryKvm(making, image);
    step.finish(boots ? "it boots a kernel" : "no kernel boots with it, the hosts are emulated (slower)");
    await writeFile(join(making, "accelerator"), boots ? "kvm" : "tcg");
  });
  return (await readFile(join(dir, "accelerator"), "utf8")) as Accelerator;
}

async function tryKvm(folder: string, image: HostImage): Promise<boolean> {
  const console = join(folder, "console");
  const log = join(folder, "log");
  const trial = startDetached(
    SYSTEM_QEMU,
    [
      ...["-nodefaults", "-no-user-config", "-display", "none", "-machine", "pc", "-accel", "kvm"],
      ...["-cpu", "host", "-m", "512M", "-no-reboot", "-kernel", image.kernel, "-initrd", image.initrd],
      ...["-append", "console=ttyS0 panic=-1", "-serial", `file:${console}`],
    ],
    log,
  );
  const leave = onInterruption(() => kill(trial));
  try {
    const deadline = Date.now() + TRIAL_MS;
    while (Date.now() < deadline && isAlive(trial)) {
      // The kernel is up when it starts its first process.
      if (existsSync(console) && (await readFile(console, "utf8")).includes("Run /init")) return true;
      await sleep(200);
    }
    return false;
  } finally {
    leave();
    kill(trial);
    await gone(trial);
    for (const file of [console, log]) await rm(file, { force: true });
  }
}
