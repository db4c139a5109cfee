import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { labHosts, makeStack, ssh } from "../harness.js";

const program = async (): Promise<void> => {
  new mooring.NfsExport("data", {
    host: mooring.Host.fromConfig("storage"),
    path: "/srv/own/data",
    clients: ["10.77.0.12"],
    onDelete: "destroy",
  });
};

const DISK = "/srv/own.img";
/** What is below it would have the data, were it exported without its disk. */
const MAKE_DISK = `truncate -s 64M ${DISK}
mkfs.ext4 -q ${DISK}
mkdir -p /srv/own/data
mount -o loop ${DISK} /srv/own`;

const UNMOUNT = `umount -l /srv/own
exportfs -ra
exportfs -f`;

const onNode = (script: string): Promise<string> =>
  ssh(
    "node-01",
    `mkdir -p /mnt/own
if timeout 60 mount -t nfs4 10.77.0.11:/srv/own/data /mnt/own; then ${script}; umount /mnt/own; else echo refused; fi
rmdir /mnt/own`,
  );

test.serial(
  "what is on a disk of its own is exported while that is mounted, and never without it",
  async (t) => {
    await labHosts();
    await ssh("storage", MAKE_DISK);
    t.teardown(() => ssh("storage", `umount /srv/own; rmdir /srv/own/data /srv/own; rm ${DISK}`));
    const stack = await makeStack(t, { program });
    await stack.up();
    t.is(await onNode("echo moored > /mnt/own/file; sync /mnt/own/file"), "");

    t.log("the disk is gone, as after a boot without it");
    await ssh("storage", UNMOUNT);
    t.regex(
      await stack.failedUp({ refresh: true }),
      /\/srv\/own\/data is on \/srv\/own, where nothing is mounted now\. Mount it, then run there: exportfs -ra; exportfs -f/,
    );
    t.is(await onNode("touch /mnt/own/new"), "refused");
    t.is(await ssh("storage", "ls -A /srv/own/data"), "", "nothing is written below it");

    t.log("it is back");
    await ssh("storage", `mount -o loop ${DISK} /srv/own; exportfs -ra; exportfs -f`);
    t.is(await onNode("cat /mnt/own/file"), "moored");
    t.deepEqual((await stack.up({ refresh: true })).operations, {});
    await stack.destroy();
    t.is(await ssh("storage", "ls -A /srv/own"), "lost+found");
  },
);

test.serial("another's export that is broken stops neither the making of one nor its removal", async (t) => {
  await labHosts();
  await ssh(
    "storage",
    "mkdir -p /etc/exports.d; echo '/srv/not-there 10.77.0.0/24(ro,no_subtree_check)' > /etc/exports.d/theirs.exports",
  );
  t.teardown(() => ssh("storage", "rm -f /etc/exports.d/theirs.exports; exportfs -ra"));
  const beside = async (): Promise<void> => {
    const host = mooring.Host.fromConfig("storage");
    new mooring.NfsExport("beside", { host, name: "beside", clients: ["10.77.0.0/24"], onDelete: "destroy" });
    // As the resolver has it, the name is another.
    new mooring.NfsExport("named", { host, name: "named", clients: ["node-01-alias"], onDelete: "destroy" });
  };
  await ssh("storage", "echo '10.77.0.12 node-01.lab node-01-alias' >> /etc/hosts");
  t.teardown(() => ssh("storage", "sed -i '/node-01-alias/d' /etc/hosts"));
  const stack = await makeStack(t, { program: beside });
  await stack.up();
  t.regex(await ssh("storage", "exportfs -s"), /^\/srv\/mooring\/named +node-01/m);
  t.deepEqual((await stack.up({ refresh: true })).operations, {});
  await stack.destroy();
});
