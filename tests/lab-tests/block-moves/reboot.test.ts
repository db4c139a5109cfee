import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { powerOn, status } from "../../lab/index.js";
import { TINY_2, TINY_2_ARCHIVE } from "../docker.js";
import { labHosts, makeStack, ssh } from "../harness.js";

const program = async (): Promise<void> => {
  const storage = mooring.Host.fromConfig("storage");
  const host = mooring.Host.fromConfig("node-02");
  const template = new mooring.Qcow2Template("rbase", {
    host: storage,
    size: "64MiB",
    fsType: "ext4",
    onDelete: "destroy",
  });
  const volume = new mooring.DataVolume("reboot", { storage, template, onDelete: "destroy" });
  new mooring.StatefulContainer("reboot", {
    node: host,
    volume,
    image: TINY_2,
    imageArchive: TINY_2_ARCHIVE,
    mountPath: "/data",
    command: ["/bin/sh", "-c", "while :; do date +%s >> /data/log; sleep 1; done"],
    stopGrace: "2s",
  });
};

const LINES = "docker exec reboot sh -c 'wc -l < /data/log'";

test.serial("after a node's clean reboot its container is back with its data, without Pulumi", async (t) => {
  await labHosts();
  const stack = await makeStack(t, { program });
  await stack.up();
  const before = Number(await ssh("node-02", LINES));
  await ssh("node-02", "systemd-run --on-active=1 systemctl poweroff >/dev/null 2>&1; sync");
  await until("node-02 is off", async () => (await status())?.hosts["node-02"].state === "off");
  await powerOn("node-02");
  let after = 0;
  await until("the container runs", async () => {
    after = Number(await ssh("node-02", `${LINES} 2>/dev/null || echo 0`));
    return after > 0;
  });
  t.true(after >= before, `${after} lines after the reboot, ${before} before it`);
  t.is(await ssh("node-02", "findmnt -no FSTYPE /mnt/mooring/reboot"), "ext4");
  t.deepEqual((await stack.up({ refresh: true })).operations, {});
  await stack.destroy();
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5 * 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within five minutes: ${what}`);
    await sleep(2000);
  }
}
