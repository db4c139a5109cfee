/** pyinfra, as its manual has it: operations for what is wanted, `-y`, and `host.loop` where hosts differ. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { labKeys } from "../../lab/keys.js";
import type { Contestant, Task } from "./contestant.js";
import { pythonTools } from "./python-tools.js";
import { toolContestant } from "./tool.js";

export async function pyinfra(task: Task): Promise<Contestant> {
  const { python, command } = await pythonTools();
  const { privateKeyFile } = await labKeys();
  const { hosts } = task.lab;
  const knownHosts = join(task.folder, "known_hosts");
  const known = Object.values(hosts).map(
    ({ connection: { host, port, hostKey } }) => `[${host}]:${port} ${hostKey}\n`,
  );
  writeFileSync(knownHosts, known.join(""));
  const controlFile = join(task.folder, "pyinfra.json");
  return toolContestant(task, {
    ...{ folder: "pyinfra", suffix: ".py", controlFile },
    // It would mix them: a node would mount what the storage host does not export yet.
    together: false,
    command: python,
    arguments: [command("pyinfra"), "-y", "inventory.py"],
    environment: { BENCH_CONTROL: controlFile, PYTHONDONTWRITEBYTECODE: "1" },
    control: (control) =>
      Object.fromEntries(
        Object.entries(control).map(([name, data]) => {
          const { host, port, user } = hosts[name as keyof typeof control].connection;
          const connection = {
            ...{ ssh_hostname: host, ssh_port: port, ssh_user: user, ssh_key: privateKeyFile },
            ...{ ssh_known_hosts_file: knownHosts, ssh_strict_host_key_checking: "yes" },
            ...{ ssh_allow_agent: false, ssh_look_for_keys: false },
          };
          return [name, { ...connection, ...data }];
        }),
      ),
  });
}
