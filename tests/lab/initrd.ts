/**
 * What makes one host out of the image all three share: a script appended to its initrd, which runs on the
 * host's first boot, before systemd reads any of it. From then on the identity is on the host's own disk.
 */
import { appendFile, copyFile } from "node:fs/promises";
import { type HostName, hostPlans } from "./hosts";
import type { LabKeys } from "./keys";

const SCRIPT = "mooring-lab-identity";

/** Part of the image, as `/etc/initramfs-tools/scripts/init-bottom/…`; `init` has mounted the root read-write. */
export const initramfsHook = `#!/bin/sh
[ "$1" = prereqs ] && exit 0
[ -e /${SCRIPT} ] || exit 0
[ -e "$rootmnt/etc/${SCRIPT}" ] && exit 0
chroot "$rootmnt" /bin/sh < /${SCRIPT}
`;

export async function writeInitrd(path: string, plain: string, name: HostName, keys: LabKeys): Promise<void> {
  await copyFile(plain, path);
  await appendFile(path, cpio(SCRIPT, identityScript(name, keys)));
}

export function identityScript(name: HostName, keys: LabKeys): string {
  const { address } = hostPlans[name];
  const { privateKey, hostKey, machineId } = keys.hosts[name];
  return `set -e
echo ${name} > /etc/hostname
echo ${machineId} > /etc/machine-id
cat > /etc/systemd/network/20-storage.network <<'END'
[Match]
Name=eth1
[Link]
MTUBytes=9000
[Network]
Address=${address}/24
LinkLocalAddressing=no
IPv6AcceptRA=no
ConfigureWithoutCarrier=yes
END
umask 077
cat > /etc/ssh/ssh_host_ed25519_key <<'END'
${privateKey.trim()}
END
umask 022
echo '${hostKey} ${name}' > /etc/ssh/ssh_host_ed25519_key.pub
: > /etc/${SCRIPT}
`;
}

/** One regular file as a "newc" cpio archive: the kernel unpacks concatenated ones one after the other. */
export function cpio(name: string, text: string): Buffer {
  const padded = (data: Buffer) => Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
  const entry = (path: string, mode: number, body: Buffer) => {
    const fields = [1, mode, 0, 0, 1, 0, body.length, 0, 0, 0, 0, path.length + 1, 0];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
    return Buffer.concat([padded(Buffer.from(`${header}${path}\0`)), padded(body)]);
  };
  return Buffer.concat([
    // The archive before this one ends at any length; this one has to begin at a multiple of four.
    entry(name, 0o100700, Buffer.from(text)),
    entry("TRAILER!!!", 0, Buffer.alloc(0)),
  ]);
}
