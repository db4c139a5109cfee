/** What happens to hosts: power cuts, standstills, pulled cables. Each is undone by its opposite, or by `reset`. */
import type { HostName } from "./hosts";
import { boot, canBoot, command, isOn, powerOffHost, reach, stateOf } from "./hosts-running";
import { labKeys } from "./keys";
import { checkName, recordOfLab } from "./lab";
import { STORAGE_NIC } from "./qemu";
import { type LabRecord, withLab, writeRecord } from "./record";

/** A power cut, not a shutdown. */
export function powerOff(name: HostName): Promise<void> {
  return onLab(name, (record) => powerOffHost(record, name));
}

/** Boots the host from its disk as it is now; returns when it answers SSH. */
export function powerOn(name: HostName): Promise<void> {
  return onLab(name, async (record) => {
    if (isOn(record, name)) return;
    if (!canBoot(record, name))
      throw new Error(`The disk of ${name} is gone. For a new one: npm run lab -- reset`);
    await boot(record, name);
    (await reach(record, name, await labKeys())).close();
  });
}

/** The host stands still, as a paused virtual machine does. */
export function freeze(name: HostName): Promise<void> {
  return onLab(name, async (record) => {
    await command(record, name, "stop");
  });
}

/** The host goes on where it stood still, as if no time had passed: its clock stays behind. */
export function thaw(name: HostName): Promise<void> {
  return onLab(name, async (record) => {
    if ((await stateOf(record, name)) === "frozen") await command(record, name, "cont");
  });
}

/** Pulls the cable to the network between the hosts. SSH from this machine goes another way. */
export function cut(name: HostName): Promise<void> {
  return setCable(name, true);
}

export function heal(name: HostName): Promise<void> {
  return setCable(name, false);
}

function setCable(name: HostName, pulled: boolean): Promise<void> {
  return onLab(name, async (record) => {
    // Of a host that is off it takes effect when it is switched on.
    if (isOn(record, name)) await command(record, name, "set_link", { name: STORAGE_NIC, up: !pulled });
    record.hosts[name].cut = pulled;
    writeRecord(record);
  });
}

async function onLab(name: HostName, work: (record: LabRecord) => Promise<void>): Promise<void> {
  checkName(name);
  await withLab(() => work(recordOfLab()));
}
