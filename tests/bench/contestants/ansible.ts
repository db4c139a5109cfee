/** Ansible, as its manual has it for speed: pipelining, a connection that persists, no facts, no needless tasks. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { sshConfigFile } from "../../lab/ssh-config.js";
import type { Contestant, Task } from "./contestant.js";
import { pythonTools } from "./python-tools.js";
import { toolContestant } from "./tool.js";

export async function ansible(task: Task): Promise<Contestant> {
  const { python, command } = await pythonTools();
  const own = join(task.folder, "ansible");
  const sockets = join(own, "cp");
  mkdirSync(sockets, { recursive: true, mode: 0o700 });
  const controlFile = join(own, "inventory.json");
  return toolContestant(task, {
    ...{ together: true, folder: "ansible", suffix: ".yml", controlFile },
    command: python,
    arguments: [command("ansible-playbook"), "-i", controlFile],
    environment: {
      ANSIBLE_CONFIG: "ansible.cfg",
      ANSIBLE_HOME: own,
      ANSIBLE_SSH_ARGS: `-F ${sshConfigFile} -o ControlMaster=auto -o ControlPersist=60s`,
      ANSIBLE_SSH_CONTROL_PATH_DIR: sockets,
      PYTHONDONTWRITEBYTECODE: "1",
    },
    control: ({ storage, ...nodes }) => ({
      all: { hosts: { storage }, children: { nodes: { hosts: nodes } } },
    }),
  });
}
