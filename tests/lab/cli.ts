#!/usr/bin/env node
/** `npm run lab -- COMMAND`: the lab by hand. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { textTable } from "../table";
import {
  cut,
  down,
  freeze,
  type HostName,
  heal,
  hostNames,
  type Lab,
  powerOff,
  powerOn,
  reset,
  status,
  thaw,
  up,
} from "./index";
import { needCommands } from "./packages";
import { sshConfigFile } from "./ssh-config";
import { LabStack } from "./stack";

const HELP = `The test lab: three real hosts in QEMU (${hostNames.join(", ")}) on a network of their own.

Usage: npm run lab -- COMMAND

  up [--json]            build what is missing, start what is not running, wait until all three answer SSH;
                         with --json, print connections (with the private key!) and host keys for a program
  status                 print host, state, SSH command and storage address
  ssh NAME [COMMAND…]    open a shell as root on a host, or run a command there
  power-off NAME         cut the power: what the host had not flushed is lost
  power-on NAME          boot the host from its disk as it is
  freeze NAME            let the host stand still
  thaw NAME              let it go on
  cut NAME               pull the cable to the network between the hosts
  heal NAME              put the cable back
  reset                  put all three back to fresh
  pulumi DIRECTORY ARGS… run the Pulumi CLI in an example, on a stack "lab" whose hosts are these; for instance
                         npm run lab -- pulumi examples/shared-nfs up
  down                   end the hosts and throw their disks away

The first "up" takes some minutes, later ones seconds. What it builds stays in the user's cache directory.`;

class Usage extends Error {}

const onHost: Record<string, { change: (name: HostName) => Promise<void>; done: string }> = {
  "power-off": { change: powerOff, done: "is off" },
  "power-on": { change: powerOn, done: "is on" },
  freeze: { change: freeze, done: "stands still" },
  thaw: { change: thaw, done: "goes on" },
  cut: { change: cut, done: "is cut off the storage network" },
  heal: { change: heal, done: "is on the storage network" },
};

async function pulumi([directory, ...args]: string[]): Promise<number> {
  const project = directory === undefined ? undefined : resolve(process.env.INIT_CWD ?? ".", directory);
  if (project === undefined || !existsSync(join(project, "Pulumi.yaml"))) {
    throw new Usage(
      `pulumi needs a folder with a Pulumi.yaml${project ? `; there is none in ${project}` : ""}`,
    );
  }
  const stack = await LabStack.open(project, await up());
  return stack.show(...args);
}

async function main([command, ...rest]: string[]): Promise<number> {
  if (command === undefined || command === "--help" || command === "-h" || command === "help") {
    console.log(HELP);
    return command === undefined ? 2 : 0;
  }
  if (rest.includes("--help") && command !== "ssh") return main(["--help"]);
  const change = onHost[command];
  if (change) {
    const name = hostName(command, rest[0]);
    noMore(command, rest.slice(1));
    await change.change(name);
    console.log(`${name} ${change.done}`);
    return 0;
  }
  switch (command) {
    case "up": {
      const json = rest[0] === "--json";
      noMore(command, json ? rest.slice(1) : rest);
      const lab = await up();
      console.log(json ? JSON.stringify(lab, undefined, 2) : table(lab));
      return 0;
    }
    case "pulumi":
      return pulumi(rest);
    case "status": {
      noMore(command, rest);
      const lab = await status();
      console.log(lab ? table(lab) : "The lab is down. To start it: npm run lab -- up");
      return 0;
    }
    case "ssh":
      return openSsh(hostName(command, rest[0]), rest.slice(1));
    case "reset":
      noMore(command, rest);
      console.log(table(await reset()));
      return 0;
    case "down":
      noMore(command, rest);
      await down();
      console.log("The lab is down.");
      return 0;
    default:
      throw new Usage(`no command "${command}"`);
  }
}

function hostName(command: string, name: string | undefined): HostName {
  const found = hostNames.find((known) => known === name);
  if (found) return found;
  const problem = name === undefined ? "needs a host" : `knows no host "${name}"`;
  throw new Usage(`"${command}" ${problem}: ${hostNames.join(", ")}`);
}

function noMore(command: string, rest: string[]): void {
  if (rest.length > 0) throw new Usage(`"${command}" does not take "${rest.join(" ")}"`);
}

function table(lab: Lab): string {
  const rows = Object.values(lab.hosts).map((host) => [
    host.name,
    host.cut ? `${host.state}, cut off` : host.state,
    host.address,
    `ssh -F ${sshConfigFile} ${host.name}`,
  ]);
  return textTable([["HOST", "STATE", "STORAGE ADDRESS", "SSH"], ...rows]);
}

async function openSsh(name: HostName, words: string[]): Promise<number> {
  const host = (await status())?.hosts[name];
  if (!host) throw new Error("The lab is down. To start it: npm run lab -- up");
  if (host.state === "off") throw new Error(`${name} is off. To start it: npm run lab -- power-on ${name}`);
  if (host.state === "frozen")
    throw new Error(`${name} is frozen. To let it go on: npm run lab -- thaw ${name}`);
  await needCommands({ ssh: "openssh-client" });
  const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["-t"] : [];
  const child = spawn("ssh", ["-F", sshConfigFile, ...terminal, name, ...words], { stdio: "inherit" });
  // Ctrl-C is for the program on the host.
  process.on("SIGINT", () => {});
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return code ?? (signal ? 1 : 0);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(
      error instanceof Usage ? `lab: ${error.message}\nFor help: npm run lab -- --help` : error.message,
    );
    process.exitCode = error instanceof Usage ? 2 : 1;
  },
);
