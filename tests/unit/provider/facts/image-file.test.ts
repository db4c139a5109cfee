import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { imageFileIn, readImageFile } from "../../../../provider/facts/image-file.js";
import { fixture } from "../../fixture.js";
import { localHost } from "../../local-host.js";

const found = (name: string) => imageFileIn(fixture("image-file", name), "/srv/images/base.qcow2");
const CONVERT =
  "qemu-img convert -O qcow2 /srv/images/base.qcow2 NEW.qcow2, and give that file with its own sha256";
const GOOD_COPY = "Bring a good copy, and compare its sha256 with the one at its source";

test("a whole qcow2 or raw image has the bytes that its copy takes; lost clusters do no harm", (t) => {
  t.deepEqual(found("qcow2"), { bytes: 1_048_576 });
  t.deepEqual(found("raw"), { bytes: 1_179_648 });
  t.deepEqual(found("leaks"), { bytes: 1_048_576 });
});

test("what is not there, no file, empty or in use is said to be that", (t) => {
  t.deepEqual(found("missing"), {
    problem: "is not there. Mooring copies no images to hosts: put it there first",
  });
  t.deepEqual(found("directory"), { problem: "is a directory, not an image" });
  t.deepEqual(found("empty"), { problem: "is empty" });
  t.deepEqual(found("locked"), {
    problem: "is in use: another program has it open to write. End that first",
  });
});

test("another format is named with the way to convert it; text and archives are no disks", (t) => {
  for (const format of ["vmdk", "vdi"]) {
    t.deepEqual(found(format), {
      problem: `is in the format ${format}; qcow2 and raw are allowed. Convert it: ${CONVERT}`,
    });
  }
  t.deepEqual(found("text"), {
    problem:
      "is no disk image: not qcow2, and not a raw disk, on which a file system or a partition table would be seen",
  });
  t.deepEqual(found("gzip"), {
    problem: "is compressed with gzip: unpack it first, and give the sha256 of what was in it",
  });
});

test("an image that is not whole by itself is refused with the file that it needs, there or not", (t) => {
  t.deepEqual(found("overlay"), {
    problem: `has a backing file of its own ("fs.qcow2"), without which it is not whole. Flatten it: ${CONVERT}`,
  });
  t.deepEqual(found("data-file"), {
    problem: `has its data in another file ("ext2.raw"). Put both into one: ${CONVERT}`,
  });
  t.deepEqual(found("data-file-gone"), {
    problem: `has its data in another file ("ext.raw"). Put both into one: ${CONVERT}`,
  });
});

test("an encrypted image is refused, whether qcow2 or LUKS by itself", (t) => {
  const problem = "is encrypted, and the storage host has no key to serve it with. Make one that is not";
  t.deepEqual(found("encrypted"), { problem });
  t.deepEqual(found("luks"), { problem });
});

test("a damaged image is refused with qemu-img's own words", (t) => {
  t.deepEqual(found("cut-off"), {
    problem: `is damaged: qemu-img check says "ERROR: counting reference for region exceeding the end of the file by one cluster or more: offset 0x80000 size 0x10000", and 7 more. ${GOOD_COPY}`,
  });
  t.deepEqual(found("refcounts"), {
    problem: `is damaged: qemu-img check says "ERROR cluster 0 refcount=0 reference=1", and 7 more. ${GOOD_COPY}`,
  });
  t.deepEqual(found("corrupt"), { problem: `is damaged: it is marked as corrupt. ${GOOD_COPY}` });
  t.deepEqual(found("version"), {
    problem:
      "can't be read as an image: qemu-img: Could not open '/srv/images/base.qcow2': Unsupported qcow2 version 9",
  });
});

test("without qemu-img nothing is known of an image, and it is no image then", (t) => {
  const answers = "\u001e127\nsh: qemu-img: not found\n".repeat(4);
  t.deepEqual(imageFileIn(`regular file\n514649fb0000\n${answers}`, "/srv/images/base.qcow2"), {
    problem: "can't be read as an image: sh: qemu-img: not found",
  });
});

test("a path that is no file is looked at with this machine's own tools", async (t) => {
  const { host, directory } = localHost(t, "storage");
  mkdirSync(join(directory, "it's a directory"));
  t.deepEqual(await readImageFile(host, join(directory, "it's a directory")), {
    problem: "is a directory, not an image",
  });
  t.deepEqual(await readImageFile(host, join(directory, "none")), {
    problem: "is not there. Mooring copies no images to hosts: put it there first",
  });
});

const withQemu = spawnSync("/bin/sh", ["-c", "command -v qemu-img"]).status === 0 ? test : test.skip;

withQemu("real images are looked at", async (t) => {
  const { host, directory } = localHost(t, "storage");
  const create = "qemu-img create -q -f qcow2";
  spawnSync("/bin/sh", ["-c", `${create} base.qcow2 64M; ${create} -F qcow2 -b base.qcow2 overlay.qcow2`], {
    cwd: directory,
  });
  t.deepEqual(await readImageFile(host, join(directory, "base.qcow2")), { bytes: 327_680 });
  t.regex(
    JSON.stringify(await readImageFile(host, join(directory, "overlay.qcow2"))),
    /"problem":"has a backing file of its own \(/,
  );
});
