/** The lab's SSH keys: one to log in with, one host key per host. Made once, kept with the user's rights only. */
import { randomBytes } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "./cache";
import { type HostName, hostNames } from "./hosts";
import { needCommands } from "./packages.js";
import { run } from "./run";

export interface LabKeys {
  /** Where the private key is, for the `ssh` command. */
  privateKeyFile: string;
  privateKey: string;
  publicKey: string;
  hosts: Record<HostName, { privateKey: string; hostKey: string; machineId: string }>;
}

export async function labKeys(): Promise<LabKeys> {
  const dir = await cached("lab-keys", { version: 1 }, async (making) => {
    await needCommands({ "ssh-keygen": "openssh-client" });
    await chmod(making, 0o700);
    for (const name of ["user", ...hostNames]) {
      await run("ssh-keygen", [
        "-q",
        "-t",
        "ed25519",
        "-N",
        "",
        "-C",
        "mooring-lab",
        "-f",
        join(making, name),
      ]);
    }
    for (const name of hostNames) {
      await writeFile(join(making, `${name}.machine-id`), `${randomBytes(16).toString("hex")}\n`);
    }
  });
  const text = (file: string) => readFile(join(dir, file), "utf8");
  const publicKey = async (name: string) => (await text(`${name}.pub`)).split(" ").slice(0, 2).join(" ");
  const ofHost = async (name: HostName) => ({
    privateKey: await text(name),
    hostKey: await publicKey(name),
    machineId: (await text(`${name}.machine-id`)).trim(),
  });
  return {
    privateKeyFile: join(dir, "user"),
    privateKey: await text("user"),
    publicKey: await publicKey("user"),
    hosts: {
      storage: await ofHost("storage"),
      "node-01": await ofHost("node-01"),
      "node-02": await ofHost("node-02"),
    },
  };
}
