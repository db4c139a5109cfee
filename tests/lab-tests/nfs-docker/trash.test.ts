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
  const { record, path } = JSON.parse(await ssh("storage", `cat ${disk.replace("qcow2", "json")}`)) as {
    path: string;
    record: object;
  };
  t.is(path, IMAGE);
  t.true((await ssh("storage", `qemu-img check -q ${disk} && echo whole`)) === "whole", "it can be read");

  await ssh("storage", `mv ${place}/data ${DIRECTORY}`);
  await ssh(
    "storage",
    `cd ${POOL}\nmkdir -p clones templates volumes\nmv ${disk} ${IMAGE}\ncat > volumes/tdisk.json`,
    JSON.stringify(record),
  );
  const base = await ssh(
    "storage",
    `qemu-img info ${IMAGE} | sed -n 's|^backing file: ../templates/\\([^ ]*\\).*|\\1|p'`,
  );
  await ssh("storage", `ln ${POOL}/trash/templates/${base} ${POOL}/templates/${base}`);
  stack.program = program(true);
  await stack.up();
  t.is(await ssh("storage", `cat ${DIRECTORY}/file`), "moored");
  t.deepEqual(await stack.outputs(), made, "it is the file system that it was");
  t.is(await ssh("storage", `sha256sum < ${IMAGE}`), sum);
  t.deepEqual((await stack.up({ refresh: true })).operations, {});
  await stack.destroy();
  await ssh("storage", `chattr -i ${POOL}/templates/${base} && rm ${POOL}/templates/${base}`);
  t.deepEqual(await footprintSince(before), []);
});
