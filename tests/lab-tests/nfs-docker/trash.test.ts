import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { footprint, footprintSince, QUIET_HOSTS } from "../footprint.js";
import { labHosts, makeStack, ssh } from "../harness.js";

const POOL = "/var/lib/mooring";
const DIRECTORY = "/srv/mooring/tdirectory";
const IMAGE = `${POOL}/clones/tdisk.qcow2`;

function program(adopt: boolean) {
  return async () => {
    const host = mooring.Host.fromConfig("storage");
    new mooring.NfsExport("tdirectory", { host, clients: ["10.77.0.0/24"], adopt });
    const template = new mooring.Qcow2Template("tbase", { host, size: "64MiB", fsType: "ext4" });
    const { fsUuid } = new mooring.LinkedClone("tdisk", { host, template, adopt });
    return { fsUuid };
  };
}

/** The commands that docs/own-hosts.md has under a heading, block for block. */
async function commandsOf(heading: string): Promise<string[]> {
  const page = await readFile(join(__dirname, "..", "..", "..", "..", "docs", "own-hosts.md"), "utf8");
  const [, section = ""] = page.split(`\n## ${heading}\n`);
  const blocks = [...(section.split("\n## ")[0] ?? "").matchAll(/^```sh\n(.*?)^```$/gms)];
  return blocks.map(([, commands = ""]) => commands);
}

/** With other values for its variables, and other paths; each has to be in it. */
function withValues(commands: string, values: Record<string, string>): string {
  return Object.entries(values).reduce((text, [name, value]) => {
    const changed = name.startsWith("/")
      ? text.replaceAll(name, value)
      : text.replace(new RegExp(`^${name}=\\S*`, "m"), `${name}=${value}`);
    if (changed === text) throw new Error(`"${name}" is not in:\n${text}`);
    return changed;
  }, commands);
}

test.serial("what is in the trash says what it is, and can be put back", async (t) => {
  await labHosts();
  const before = await footprint(["tdirectory", "tdisk", "tbase"], QUIET_HOSTS);
  const stack = await makeStack(t, { program: program(false) });
  await stack.up();
  const made = await stack.outputs();
  await ssh("storage", `echo moored > ${DIRECTORY}/file`);
  const sum = await ssh("storage", `sha256sum < ${IMAGE}`);
  await stack.destroy();

  const place = await ssh("storage", "ls -d /srv/mooring/.mooring-trash/tdirectory-* | tail -n 1");
  const manifest = JSON.parse(await ssh("storage", `cat ${place}/manifest.json`)) as Record<string, string>;
  t.is(manifest.kind, "NfsExport");
  t.is(manifest.path, DIRECTORY);
  const disk = await ssh("storage", `ls ${POOL}/trash/clones/tdisk-*.qcow2 | tail -n 1`);
  const { path } = JSON.parse(await ssh("storage", `cat ${disk.replace("qcow2", "json")}`)) as {
    path: string;
  };
  t.is(path, IMAGE);
  t.true((await ssh("storage", `qemu-img check -q ${disk} && echo whole`)) === "whole", "it can be read");

  const [directory = "", moved = "", clone = ""] = await commandsOf("9. The trash and the way back");
  await ssh("storage", withValues(directory, { place, "/srv/mooring/logbook": DIRECTORY }));
  await ssh(
    "storage",
    `mkdir -p ${place}/data && echo late > ${place}/data/later && echo lost > ${place}/data/file`,
  );
  await ssh("storage", withValues(`place=\n${moved}`, { place, "/srv/mooring/logbook": DIRECTORY }));
  t.is(await ssh("storage", `cat ${place}/data/file`), "lost", "what is there is not replaced");
  const disks = { place: disk.replace(/.*\/(.*)\.qcow2$/, "$1"), name: "tdisk", template: "tbase" };
  await ssh("storage", withValues(clone, disks));
  stack.program = program(true);
  await stack.up();
  t.is(await ssh("storage", `cat ${DIRECTORY}/file`), "moored");
  t.is(await ssh("storage", `cat ${DIRECTORY}/later`), "late");
  t.deepEqual(await stack.outputs(), made, "it is the file system that it was");
  t.is(await ssh("storage", `sha256sum < ${IMAGE}`), sum);
  t.deepEqual((await stack.up({ refresh: true })).operations, {});
  await stack.destroy();
  t.deepEqual(await footprintSince(before), []);
});
