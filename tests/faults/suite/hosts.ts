/** What is done to hosts, beyond what the lab has a word for. */
import { setTimeout as sleep } from "node:timers/promises";
import { type HostName, powerOff, powerOn, ssh, status } from "../../lab/index.js";
import type { Random } from "./random.js";
import { until } from "./until.js";

/** As an administrator does it: systemd stops what runs. It has five minutes for that, or what it is given. */
export async function shutDown(host: HostName, limitMs = 5 * 60_000): Promise<void> {
  await ssh(host, "systemd-run -q --on-active=1 --timer-property=AccuracySec=100ms systemctl poweroff");
  await until(`${host} is off`, limitMs, async () => (await status())?.hosts[host].state === "off");
}

export async function reboot(host: HostName): Promise<void> {
  await shutDown(host);
  await powerOn(host);
}

export async function powerCycle(host: HostName, offMs: number): Promise<void> {
  await powerOff(host);
  await new Promise((resolve) => setTimeout(resolve, offMs));
  await powerOn(host);
}

/** What a script prints, without the last line's end. */
export async function said(host: HostName, script: string): Promise<string> {
  return (await ssh(host, script)).stdout.trimEnd();
}

/** Rejects when a container of that name runs, or something is mounted, or can be written, where its data belongs. */
export async function nothingRuns(host: HostName, name: string): Promise<void> {
  const path = `/mnt/mooring/${name}`;
  const found = await said(
    host,
    `docker ps --filter name='^${name}$' --format 'the container {{.Names}} runs'
! findmnt -n ${path} || echo "that is mounted"
[ ! -d ${path} ] || ls -A ${path} | sed 's/^/in the mount point: /'
[ ! -d ${path} ] || ! touch ${path}/byte 2>/dev/null || echo "the bare mount point can be written"`,
  );
  if (found !== "") throw new Error(`${host}, where ${name} must not run: ${found}`);
}

/** Rejects when that is so at one of three looks, within up to half a minute: what tries again has tried again by then. */
export async function staysDown(random: Random, host: HostName, name: string): Promise<void> {
  for (let looks = 0; looks < 3; looks++) {
    await sleep(random.between(3000, 10_000));
    await nothingRuns(host, name);
  }
}
