import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { commandOf } from "../../../../provider/host/steps.js";
import { qcow2Template } from "../../../../provider/resources/qcow2-template.js";
import { fakeNode } from "../../fake-node.js";
import { isFree, until } from "../../until.js";
import { inputsOf } from "../plans.js";
import { poolOf } from "../pools.js";

const FILE = "base-0123456789ab.qcow2";
const GIB = 2 ** 30;

const wanted = inputsOf(qcow2Template, { owner: "urn:x", name: "base", size: "2GiB", fsType: "ext4" });
const record = {
  owner: "urn:x",
  file: FILE,
  sha256: "0123456789ab".padEnd(64, "0"),
  size: 2 * GIB,
  fsType: "ext4" as const,
  partitioned: false,
  bytes: 9,
  modified: 7,
};

/** The first bytes of an overlay as `qemu-img create` makes it: where the name is, it says itself. */
function overlayOf(template: string): Buffer {
  const name = `../templates/${template}`;
  const header = Buffer.alloc(196_608, 0xfb);
  header.write("QFI", "latin1");
  header.writeBigUInt64BE(528n, 8);
  header.writeUInt32BE(name.length, 16);
  header.write(name, 528, "latin1");
  return header;
}

/** A storage host on which nobody saw a clone of the template when its removal was planned. */
function storage(t: ExecutionContext) {
  const host = fakeNode(t, { devices: 0 });
  const at = (path: string) => join(host.root, "var/lib/mooring", path);
  host.put("chattr", "");
  for (const directory of ["templates", "clones"]) mkdirSync(at(directory), { recursive: true });
  writeFileSync(at(`templates/${FILE}`), "the image");
  writeFileSync(at("templates/base.json"), `${JSON.stringify(record)}\n`);
  return {
    adopt: (owner: string) =>
      writeFileSync(at("templates/base.json"), `${JSON.stringify({ ...record, owner })}\n`),
    put: (clone: string, template = FILE) => writeFileSync(at(`clones/${clone}`), overlayOf(template)),
    makeDirectory: (path: string) => mkdirSync(at(path)),
    list: (path: string) => (existsSync(at(path)) ? readdirSync(at(path)).sort() : undefined),
    lock: (volume: string) => join(host.root, "run", `volume-${volume}.lock`),
    remove(onDelete = "trash") {
      const observed = { record, image: undefined, clones: [], pool: poolOf([]) };
      const steps = qcow2Template.plan(undefined, observed, { ...wanted, onDelete });
      return host.run(`set -eu\n${steps.map((step) => commandOf(step).text).join("\n")}`);
    },
  };
}

const DONE = { status: 0, stdout: "", stderr: "" };
const refused = (clone: string) => ({
  status: 1,
  stdout: "",
  stderr: `another program made a linked clone of it meanwhile: /var/lib/mooring/clones/${clone}\n`,
});
const THERE = [FILE, "base.json"];

test("a template that nothing was made of is removed; what was made of others is no matter", (t) => {
  const { list, remove } = storage(t);
  t.deepEqual(remove(), DONE);
  t.deepEqual([list("templates"), list("clones")], [undefined, undefined]);
  t.deepEqual(list("trash/templates"), [FILE, `${FILE}.json`]);

  const other = storage(t);
  other.put("shop.qcow2", "other-0123456789ab.qcow2");
  other.put(".making-blog", "base-ba9876543210.qcow2");
  t.deepEqual(other.remove("destroy"), DONE);
  t.deepEqual([other.list("templates"), other.list("trash")], [undefined, undefined]);
  t.deepEqual(other.list("clones"), [".making-blog", "shop.qcow2"]);
});

test("a template that another program adopted since it was looked at is its own", (t) => {
  for (const onDelete of ["trash", "destroy", "retain"]) {
    const { adopt, list, remove } = storage(t);
    adopt("urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:Qcow2Template::base");
    t.deepEqual(remove(onDelete), {
      status: 1,
      stdout: "",
      stderr: "another program adopted or removed it meanwhile\n",
    });
    t.deepEqual([list("templates"), list("trash")], [THERE, undefined]);
  }
});

test("a clone that was made since it was looked at holds the template", (t) => {
  for (const onDelete of ["trash", "destroy"]) {
    const { put, list, remove } = storage(t);
    put("yundream.qcow2");
    t.deepEqual(remove(onDelete), refused("yundream.qcow2"));
    t.deepEqual([list("templates"), list("trash")], [THERE, undefined]);
  }
});

test("so does one that is being made, for as long as its maker has the clone's lock", async (t) => {
  const { put, list, lock, remove } = storage(t);
  put(".making-yundream");
  const maker = spawn("/bin/sh", ["-c", 'exec flock "$0" cat', lock("yundream")]);
  t.teardown(() => maker.stdin.end());
  await until(() => existsSync(lock("yundream")) && !isFree(lock("yundream")));
  t.deepEqual(remove(), refused(".making-yundream"));
  t.deepEqual([list("templates"), list("clones")], [THERE, [".making-yundream"]]);
  maker.stdin.end();
  await until(() => isFree(lock("yundream")));
  t.deepEqual(remove(), DONE);
  // Nothing is left in the folder: it goes too.
  t.deepEqual([list("templates"), list("clones")], [undefined, undefined]);
});

test("what is left of makings that were cut off holds nothing, and goes with it", (t) => {
  const { put, makeDirectory, list, remove } = storage(t);
  put(".making-yundream");
  put(".making-shop");
  // What else a making has: it names no template.
  makeDirectory("clones/.making-yundream.mount");
  put(".making-yundream.json", "");
  t.deepEqual(remove(), DONE);
  t.deepEqual(
    [list("templates"), list("clones")],
    [undefined, [".making-yundream.json", ".making-yundream.mount"]],
  );
});

test("a leftover does not hide a clone", (t) => {
  const { put, list, remove } = storage(t);
  put(".making-shop");
  put("yundream.qcow2");
  t.deepEqual(remove(), refused("yundream.qcow2"));
  t.deepEqual(list("templates"), THERE);
});
