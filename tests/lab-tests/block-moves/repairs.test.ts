import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { labHosts, makeStack, ssh } from "../harness.js";

const AT = "/mnt/mooring/mended";

async function program(): Promise<void> {
  const storage = mooring.Host.fromConfig("storage");
  const template = new mooring.Qcow2Template("mended-base", {
    host: storage,
    size: "400MiB",
    fsType: "xfs",
    onDelete: "destroy",
  });
  const disk = new mooring.LinkedClone("disk", {
    host: storage,
    name: "mended",
    template,
    onDelete: "destroy",
  });
  const served = new mooring.NbdExport("served", { host: storage, name: disk.name });
  const host = mooring.Host.fromConfig("node-01");
  new mooring.NbdAttachment("attached", { host, storage, name: served.name });
}

test.serial(
  "a refresh sees what no longer serves a volume or takes its writes, and an up repairs it",
  async (t) => {
    await labHosts();
    const stack = await makeStack(t, { program });
    await stack.up();
    await ssh("node-01", `echo moored > ${AT}/file && sync ${AT}/file`);
    const works = async (what: string) => {
      t.is(await ssh("node-01", `cat ${AT}/file && touch ${AT}/again && sync ${AT}/again`), "moored", what);
      t.deepEqual((await stack.up({ refresh: true })).operations, {}, what);
    };

    t.log("xfs has shut down, as after an error of its disk");
    await ssh("node-01", `xfs_io -x -c shutdown ${AT}`);
    t.deepEqual((await stack.up({ refresh: true })).operations, { attached: "update" });
    await works("xfs");

    t.log("the file with its port is lost");
    const port = "grep ^ListenStream= /etc/systemd/system/mooring-export-mended.socket";
    const before = await ssh("storage", port);
    await ssh("storage", "rm /var/lib/mooring/volumes/mended.env");
    await stack.up({ refresh: true });
    t.is(await ssh("storage", port), before);
    await works("port");

    t.log("its socket is stopped, and its server runs on");
    await ssh(
      "storage",
      "systemctl stop mooring-export-mended.socket; systemctl is-active mooring-export-mended.service",
    );
    t.deepEqual((await stack.up({ refresh: true })).operations, { served: "update" });
    await works("socket");

    t.log("its image is gone, then from the state too: only who removes its record gets an empty one");
    const [image, record] = ["/var/lib/mooring/clones/mended.qcow2", "/var/lib/mooring/volumes/mended.json"];
    await ssh("storage", `mv ${image} /srv/gone.qcow2`);
    const accept = `(with --force where it is protected); on the host: rm ${record}; then pulumi up makes an empty one`;
    t.true((await stack.failedUp({ refresh: true })).includes(accept));
    await stack.forget("disk");
    t.regex(
      await stack.failedUp(),
      /volume "mended" on host "storage" is remembered by .*: its data is gone, and a blank one is never made/,
    );
    await ssh("storage", `rm ${record}`);
    t.deepEqual((await stack.up()).operations, { disk: "create", served: "create", attached: "create" });
    t.is(await ssh("node-01", `ls -A ${AT}`), "");
    await ssh("node-01", `echo moored > ${AT}/file && sync ${AT}/file`);
    await ssh("storage", "rm /srv/gone.qcow2");
    await works("anew");

    t.log("the storage host was installed anew around /var/lib/mooring");
    await ssh("storage", "systemctl stop mooring-export-mended.socket mooring-export-mended.service");
    await ssh(
      "storage",
      "rm -r /etc/systemd/system/mooring-export-mended.* /etc/systemd/system/*.wants/mooring-export-mended.socket /etc/systemd/system.control/mooring-export-mended.socket.d && systemctl daemon-reload",
    );
    await ssh("node-01", "kill -KILL $(cat /run/mooring/attach-mended.pid)");
    await stack.destroy();
    t.is(await ssh("storage", "find /var/lib/mooring -name '*mended*' 2>/dev/null || true"), "");
  },
);
