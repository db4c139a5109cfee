import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { footprint, footprintSince, QUIET_HOSTS } from "../footprint.js";
import { labHosts, makeStack, ssh } from "../harness.js";

/** An image as somebody else makes one: MBR, one partition, ext4. */
const MAKE_IMAGE = `mkdir -p /srv/image-test
cd /srv/image-test
truncate -s 64M disk.raw
printf 'label: dos\\n,,L\\n' | sfdisk -q disk.raw
truncate -s 62M fs.raw
mkfs.ext4 -q -F fs.raw
dd if=fs.raw of=disk.raw bs=512 seek=2048 conv=notrunc status=none
qemu-img convert -f raw -O qcow2 disk.raw disk.qcow2
qemu-img create -q -f qcow2 -F qcow2 -b disk.qcow2 overlay.qcow2
sha256sum disk.qcow2 overlay.qcow2 | cut -c1-64`;

interface Variant {
  name: string;
  template: Omit<mooring.Qcow2TemplateArgs, "host">;
  client?: "nbd-client";
  fsType: string;
}

function program(
  variants: Variant[],
  onDelete: "trash" | "retain" | "destroy",
  adopt = false,
  size = "512MiB",
) {
  return async () => {
    const host = mooring.Host.fromConfig("storage");
    for (const { name, template, client } of variants) {
      const base = new mooring.Qcow2Template(name, { ...template, host, onDelete, adopt });
      const disk = new mooring.LinkedClone(name, { host, template: base, size, onDelete, adopt });
      // nbd-client has no pre-shared keys.
      const served = new mooring.NbdExport(name, { host, name: disk.name, tls: client === undefined });
      new mooring.NbdAttachment(name, {
        host: mooring.Host.fromConfig("node-01"),
        storage: host,
        name: served.name,
        ...(client && { client }),
      });
    }
  };
}

test.serial("every kind of template is cloned, grown, attached and gone again", async (t) => {
  await labHosts();
  const before = await footprint(["vxfs", "vgpt", "vimage"], QUIET_HOSTS);
  const [sha256 = "", overlay = ""] = (await ssh("storage", MAKE_IMAGE)).split("\n");
  t.teardown(() => ssh("storage", "rm -rf /srv/image-test"));
  const path = "/srv/image-test/disk.qcow2";
  const variants: Variant[] = [
    { name: "vxfs", template: { size: "320MiB", fsType: "xfs" }, fsType: "xfs" },
    {
      name: "vgpt",
      template: { size: "64MiB", fsType: "ext4", partitioned: true },
      fsType: "ext4",
      client: "nbd-client",
    },
    { name: "vgptxfs", template: { size: "320MiB", fsType: "xfs", partitioned: true }, fsType: "xfs" },
    { name: "vimage", template: { image: { path, sha256 } }, fsType: "ext4" },
  ];
  const stack = await makeStack(t, { program: program(variants, "destroy") });
  await stack.up();
  for (const { name, fsType } of variants) {
    const [type, size] = (await ssh("node-01", `df -m --output=fstype,size /mnt/mooring/${name} | tail -n 1`))
      .trim()
      .split(/\s+/);
    t.is(type, fsType, name);
    t.true(
      Number(size) > 400,
      `${name}: the file system has the clone's 512 MiB, not the template's: ${size}`,
    );
    // For who attaches with nbd-client the growth below is an error: what is not flushed by then is lost.
    await ssh("node-01", `echo moored > /mnt/mooring/${name}/file && sync /mnt/mooring/${name}/file`);
  }
  t.deepEqual((await stack.up({ refresh: true })).operations, {});

  t.log("a disk that grew, and that was attached anew by the node itself, as at boot");
  stack.program = program(variants, "destroy", false, "640MiB");
  await stack.up();
  await ssh(
    "node-01",
    "systemctl restart $(systemctl list-units --plain --no-legend 'mooring-attach-v*' | cut -d ' ' -f 1)",
  );
  await ssh(
    "node-01",
    `systemctl start ${variants.map(({ name }) => `mnt-mooring-${name}.mount`).join(" ")}`,
  );
  const grown = Object.fromEntries(variants.map(({ name }) => [name, "update"]));
  t.deepEqual((await stack.up({ refresh: true })).operations, grown);
  for (const { name } of variants) {
    const size = await ssh("node-01", `df -m --output=size /mnt/mooring/${name} | tail -n 1`);
    t.true(Number(size) > 530, `${name}: the file system has the disk's 640 MiB: ${size}`);
    t.is(await ssh("node-01", `cat /mnt/mooring/${name}/file`), "moored", name);
  }
  t.deepEqual((await stack.up({ refresh: true })).operations, {});

  t.log("images that are no template are refused");
  const bad: [string, { path: string; sha256: string }, RegExp][] = [
    ["bad-sum", { path, sha256: overlay }, /image\.sha256: the file has [0-9a-f]{64}, expected/],
    ["bad-overlay", { path: "/srv/image-test/overlay.qcow2", sha256: overlay }, /a backing file of its own/],
    [
      "bad-missing",
      { path: "/srv/image-test/none.qcow2", sha256 },
      /is not there\. Mooring copies no images to hosts/,
    ],
  ];
  for (const [name, image, message] of bad) {
    stack.program = program([...variants, { name, template: { image }, fsType: "" }], "destroy");
    t.regex(await stack.failedUp(), message);
    t.is(
      await ssh(
        "storage",
        `ls -A /var/lib/mooring/templates /var/lib/mooring/clones | grep -c '^${name}' || true`,
      ),
      "0",
    );
  }
  stack.program = program(variants, "destroy");
  await stack.destroy();
  await ssh("storage", "rm -rf /srv/image-test");
  t.deepEqual(await footprintSince(before), []);
});

test.serial("what is retained stays, and comes back with adopt", async (t) => {
  await labHosts();
  const before = await footprint(["retained"], QUIET_HOSTS);
  const kept: Variant = { name: "retained", template: { size: "64MiB", fsType: "ext4" }, fsType: "ext4" };
  const stack = await makeStack(t, { program: program([kept], "retain") });
  await stack.up();
  await ssh("node-01", "echo moored > /mnt/mooring/retained/file");
  await stack.destroy();
  await ssh("storage", "[ -f /var/lib/mooring/clones/retained.qcow2 ]");
  t.regex(await stack.failedUp(), /template retained on host "storage" is in the way/);
  stack.program = program([kept], "destroy", true);
  await stack.up();
  t.is(await ssh("node-01", "cat /mnt/mooring/retained/file"), "moored");
  await stack.destroy();
  t.deepEqual(await footprintSince(before), []);
});
