/** What the `ssh` command needs to reach the hosts by name, with their host keys pinned. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type HostName, hostNames } from "./hosts";
import type { LabKeys } from "./keys";
import { type LabRecord, runFolder } from "./record";

export const sshConfigFile = join(runFolder, "ssh_config");

export async function writeSshConfig(record: LabRecord, keys: LabKeys): Promise<void> {
  const knownHosts = join(runFolder, "known_hosts");
  await writeFile(knownHosts, hostNames.map((name) => `${name} ${keys.hosts[name].hostKey}\n`).join(""));
  const entry = (name: HostName) => `Host ${name}
  HostName 127.0.0.1
  Port ${record.hosts[name].port}
  HostKeyAlias ${name}
  User root
  IdentityFile "${keys.privateKeyFile}"
  IdentitiesOnly yes
  UserKnownHostsFile "${knownHosts}"
  LogLevel ERROR
`;
  await writeFile(sshConfigFile, hostNames.map(entry).join(""));
}
