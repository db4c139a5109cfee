import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { labHosts, makeStack, ssh } from "../harness.js";

const program = async (): Promise<void> => {
  const storage = mooring.Host.fromConfig("storage");
  const template = new mooring.Qcow2Template("need", {
    host: storage,
    size: "64MiB",
    fsType: "ext4",
    onDelete: "destroy",
  });
  const disk = new mooring.LinkedClone("need", { host: storage, template, onDelete: "destroy" });
  // nbd-client has no pre-shared keys.
  const served = new mooring.NbdExport("need", { host: storage, name: disk.name, tls: false });
  new mooring.NbdAttachment("need", {
    host: mooring.Host.fromConfig("node-02"),
    storage,
    name: served.name,
    client: "nbd-client",
  });
};

test.serial(
  "what a host lacks is an error that names it, or is installed where install says so",
  async (t) => {
    const hosts = await labHosts();
    await ssh(
      "node-02",
      `DEBIAN_FRONTEND=noninteractive apt-get purge -y -q nbd-client >/dev/null 2>&1
rm -f /etc/modprobe.d/mooring*.conf /etc/modules-load.d/mooring*.conf
modprobe -r nbd`,
    );
    const strict = { ...hosts, "node-02": { ...hosts["node-02"], install: false } };
    const stack = await makeStack(t, { program }, {}, strict);
    const message = await stack.failedUp();
    t.regex(message, /host "node-02" lacks package nbd-client \(for nbd-client\), kernel module nbd\n/);
    t.regex(message, /Set install: true on the host .* apt-get install nbd-client && .* && modprobe nbd/);
    t.is(await ssh("node-02", "command -v nbd-client || echo none"), "none", "nothing was installed");
    t.is(await ssh("node-02", "ls -d /sys/block/nbd* 2>/dev/null || echo none"), "none", "or loaded");

    await stack.setSecret("mooring:hosts", JSON.stringify(hosts));
    await stack.up();
    t.is(await ssh("node-02", "findmnt -no FSTYPE /mnt/mooring/need"), "ext4");
    t.is(
      await ssh("node-02", "ls -d /sys/block/nbd* | wc -l; cat /etc/modules-load.d/mooring.conf"),
      "64\nnbd",
    );
    await stack.destroy();
  },
);
