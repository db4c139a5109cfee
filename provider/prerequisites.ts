import { Refused } from "./host/errors.js";
import type { Fact, Host } from "./host/host.js";
import { takeLock } from "./host/lock.js";
import { patience } from "./host/patience.js";
import { sh } from "./host/sh.js";
import { alone, run, type Step } from "./host/steps.js";
import { write } from "./host/writing.js";
import { UNIT_DIRECTORY } from "./systemd.js";

/** What a role asks of a host. */
export type Need =
  | { readonly command: string; readonly package: string }
  | { readonly module: "nbd"; readonly devices: number }
  | { readonly service: string };

export interface Present {
  readonly commands: ReadonlySet<string>;
  /** Devices of the loaded nbd module; 0: it is not loaded. */
  readonly nbdDevices: number;
  /** Those that run, and are started at boot. */
  readonly activeServices: ReadonlySet<string>;
}

/** Devices that the nbd module gets where we load it. Debian's default is 16; udev looks at each, which takes its time. */
const NBD_DEVICES = 64;

const COMMANDS = [
  "exportfs",
  "mount.nfs4",
  "qemu-img",
  "qemu-nbd",
  "nbd-client",
  "docker",
  "mkfs.ext4",
  "mkfs.xfs",
  "resize2fs",
  "sfdisk",
];
const SERVICES = ["nfs-server", "docker"];

const presentFact: Fact<Present> = {
  name: "prerequisites",
  lasting: true,
  command: sh`for c in ${COMMANDS}; do command -v "$c" >/dev/null && echo "command $c"; done
[ ! -d /sys/module/nbd ] || echo "nbd $(ls -d /sys/block/nbd* | wc -l)"
for s in ${SERVICES}; do systemctl is-active -q "$s" && systemctl is-enabled -q "$s" 2>/dev/null && echo "service $s"; done; true`,
  parse(stdout) {
    const rows = stdout.split("\n").map((line) => line.split(" "));
    const values = (kind: string): string[] =>
      rows.filter(([k]) => k === kind).map(([, value]) => value ?? "");
    return {
      commands: new Set(values("command")),
      nbdDevices: Number(values("nbd")[0] ?? 0),
      activeServices: new Set(values("service")),
    };
  },
};

/**
 * Makes sure that the host has what is needed: installs it when the host says `install: true`, else says what is
 * missing. Answers whether something was installed.
 */
export async function ensurePrerequisites(
  host: Host,
  needs: readonly Need[],
  apply: (steps: Step[]) => Promise<void>,
): Promise<boolean> {
  if (needs.length === 0) return false;
  const steps = planPrerequisites(needs, await host.fact(presentFact), host.name, host.ref.install ?? false);
  if (steps.length === 0) return false;
  try {
    await apply(steps);
    return true;
  } finally {
    host.forgetFacts(true);
  }
}

export function planPrerequisites(
  needs: readonly Need[],
  present: Present,
  host: string,
  install: boolean,
): Step[] {
  const packages = new Set<string>();
  const steps: Step[] = [];
  const missing: string[] = [];
  for (const need of needs) {
    if ("command" in need && !present.commands.has(need.command)) {
      packages.add(need.package);
      missing.push(`package ${need.package} (for ${need.command})`);
    }
    if ("service" in need && !present.activeServices.has(need.service)) {
      missing.push(`service ${need.service}, running and enabled`);
      steps.push(run(`start ${need.service}`, sh`systemctl enable --now ${need.service}`, UNIT_DIRECTORY));
    }
    if ("module" in need && present.nbdDevices < need.devices) {
      missing.push(
        present.nbdDevices === 0
          ? `kernel module nbd`
          : `kernel module nbd with at least ${need.devices} devices (it has ${present.nbdDevices})`,
      );
      steps.push(
        write("/etc/modprobe.d/mooring.conf", `options nbd nbds_max=${NBD_DEVICES} max_part=15\n`),
        write("/etc/modules-load.d/mooring.conf", "nbd\n"),
        run(
          present.nbdDevices === 0 ? "load the nbd module" : "load the nbd module again",
          sh`(
# Another resource may have loaded it since this one looked.
${takeLock(8, "nbd")}
devices=$(ls -d /sys/block/nbd* 2>/dev/null | wc -l)
[ "$devices" -lt ${String(need.devices)} ] || exit 0
modprobe -r nbd || { echo "it is in use with $devices devices: detach those, or reboot the host" >&2; exit 1; }
modprobe nbd
udevadm settle -t ${patience(120)} || true
)`,
        ),
      );
    }
  }
  if (missing.length === 0) return [];
  if (!install) {
    throw new Refused(
      `host "${host}" lacks ${missing.join(", ")}\nSet install: true on the host to have Mooring install it, or run on it: ${byHand(packages, steps)}`,
    );
  }
  if (packages.size > 0) steps.unshift(installPackages([...packages]));
  return alone(...steps);
}

function installPackages(packages: string[]): Step {
  return run(
    `install ${packages.join(", ")}`,
    // In a session of its own: killed in its middle, dpkg would leave the host half configured. It keeps our lock.
    sh`export DEBIAN_FRONTEND=noninteractive
command -v apt-get >/dev/null || { echo "this host has no apt-get: install ${packages} with its own package manager" >&2; exit 1; }
wait=DPkg::Lock::Timeout=${patience(120)} log=/run/mooring/install.log
setsid -w sh -c 'apt-get -q -o "$0" update && apt-get -q -o "$0" install -y --no-install-recommends "$@"' "$wait" ${packages} >$log 2>&1 || { code=$?; tail -n 25 $log >&2; exit $code; }`,
  );
}

function byHand(packages: ReadonlySet<string>, steps: readonly Step[]): string {
  const commands = packages.size > 0 ? [`apt-get install ${[...packages].join(" ")}`] : [];
  for (const { title } of steps) {
    if (title.startsWith("start ")) commands.push(`systemctl enable --now ${title.slice(6)}`);
    if (title.startsWith("load "))
      commands.push(
        `echo "options nbd nbds_max=${NBD_DEVICES} max_part=15" > /etc/modprobe.d/mooring.conf`,
        "echo nbd > /etc/modules-load.d/mooring.conf",
        title.endsWith(" again") ? "modprobe -r nbd && modprobe nbd" : "modprobe nbd",
      );
  }
  return commands.join(" && ");
}
