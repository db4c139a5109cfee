/**
 * The three hosts just after their first boot, settled, with their memory: `up` and `reset` go on from here.
 * A host is three files: NAME.qcow2 (overlay of the image), NAME.state (memory and devices), NAME.initrd.
 */
import { createHash } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cached } from "./cache";
import { qemuVersion } from "./emulator";
import { type HostName, hostNames, onAll } from "./hosts";
import type { HostImage } from "./image";
import { identityScript, writeInitrd } from "./initrd";
import { onInterruption } from "./interruption";
import { type LabKeys, labKeys } from "./keys";
import { gone, isAlive, type ProcessRecord } from "./processes";
import { type Progress, progress } from "./progress";
import { type Accelerator, freePort, guestOptions, type Machine, startMachine, tailOf } from "./qemu";
import { connectQmp } from "./qmp";
import { endBuilding, writeBuilding } from "./record";
import { connectWhenUp } from "./remote";
import { run } from "./run";
import { startSwitch } from "./start-switch";

const BOOT_MS = 300_000;
const SAVE_MS = 120_000;

export async function snapshot(
  image: HostImage,
  accelerator: Accelerator,
  emulator: string,
): Promise<string> {
  const keys = await labKeys();
  const key = {
    version: 1,
    image,
    qemu: await qemuVersion(emulator),
    machines: hostNames.map((name) => [guestOptions(name, accelerator), digest(identityScript(name, keys))]),
  };
  return cached("lab-snapshot", key, async (making) => {
    const step = progress("Lab snapshot: first boot of the three hosts");
    // The host keys are in it.
    await chmod(making, 0o700);
    try {
      await makeSnapshot(making, image, accelerator, emulator, keys, step);
      step.finish();
    } catch (error) {
      step.fail("see the error");
      throw error;
    }
  });
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function makeSnapshot(
  folder: string,
  image: HostImage,
  accelerator: Accelerator,
  emulator: string,
  keys: LabKeys,
  step: Progress,
): Promise<void> {
  endBuilding();
  const sockets = await mkdtemp(join(tmpdir(), "mooring-lab-"));
  const processes: ProcessRecord[] = [];
  const started = (process: ProcessRecord) => {
    processes.push(process);
    writeBuilding({ sockets, processes });
    return process;
  };
  const leave = onInterruption(endBuilding);
  try {
    const network = join(sockets, "network");
    started(await startSwitch(network, join(folder, "switch.log")));
    const states = new Map<HostName, string>();
    const say = (name: HostName, text: string) => {
      states.set(name, text);
      step.update([...states].map((state) => state.join(" ")).join(", "));
    };
    await onAll(async (name) => {
      const file = (kind: string) => join(folder, `${name}.${kind}`);
      await writeInitrd(file("initrd"), image.initrd, name, keys);
      await overlay(image.disk, "raw", file("qcow2"));
      const machine: Machine = {
        ...{
          name,
          accelerator,
          emulator,
          network,
          kernel: image.kernel,
          initrd: file("initrd"),
          disk: file("qcow2"),
        },
        ...{ port: await freePort(), control: join(sockets, name), unsafeDisk: true },
        ...{ console: file("console"), log: file("log") },
      };
      const process = started(await startMachine(machine));
      say(name, "boots");
      await settle(machine, process, keys, (text) => say(name, text));
      await save(machine.control, file("state"));
      // Until it has closed its disk.
      await gone(process, SAVE_MS);
      say(name, "saved");
      await rm(file("console"), { force: true });
      await rm(file("log"), { force: true });
    });
  } finally {
    leave();
    endBuilding();
    await rm(join(folder, "switch.log"), { force: true });
  }
}

/** Until everything that starts at boot has started, and nothing is left to do. */
async function settle(
  machine: Machine,
  process: ProcessRecord,
  keys: LabKeys,
  say: (text: string) => void,
): Promise<void> {
  const { name, port } = machine;
  const check = () => {
    if (isAlive(process)) return;
    throw new Error(`${name}: QEMU ended during the first boot:\n${tailOf(machine.log)}`);
  };
  const endpoint = { name, port, privateKey: keys.privateKey, hostKey: keys.hosts[name].hostKey };
  try {
    const remote = await connectWhenUp(endpoint, BOOT_MS, check);
    say("answers SSH");
    const { stdout, stderr, code } = await remote.run(SETTLE, { timeoutMs: BOOT_MS });
    remote.close();
    if (code !== 0) throw new Error(`${name} does not settle after its first boot:\n${stdout}${stderr}`);
  } catch (error) {
    const console = tailOf(machine.console);
    throw new Error(`${(error as Error).message}\nThe end of ${name}'s console:\n${console}`, {
      cause: error,
    });
  }
}

const SETTLE = `state=$(systemctl is-system-running --wait) || { systemctl --failed --no-legend; exit 1; }
docker info > /dev/null || exit 1
sync
# What can be read again from the disk makes the saved memory larger, and loading it slower.
echo 1 > /proc/sys/vm/drop_caches
`;

/** Memory and devices to a file; after that the disk is as it was at that very moment. */
async function save(control: string, state: string): Promise<void> {
  const qmp = await connectQmp(control);
  try {
    await qmp.command("stop");
    await qmp.command("migrate-set-parameters", { "max-bandwidth": 10_000_000_000 });
    await qmp.command("migrate", { uri: `exec:cat > '${state.replaceAll("'", "'\\''")}'` });
    const deadline = Date.now() + SAVE_MS;
    for (;;) {
      const { status } = await qmp.command<{ status: string }>("query-migrate");
      if (status === "completed") break;
      if (status === "failed" || Date.now() > deadline)
        throw new Error(`QEMU can't save its state: ${status}`);
      await sleep(100);
    }
    // QEMU closes the channel before it answers, or after.
    await qmp.command("quit").catch(() => {});
  } finally {
    qmp.close();
  }
}

export async function overlay(base: string, format: "raw" | "qcow2", path: string): Promise<void> {
  await rm(path, { force: true });
  await run("qemu-img", ["create", "-q", "-f", "qcow2", "-b", base, "-F", format, path]);
}
