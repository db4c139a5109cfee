import { setTimeout as sleep } from "node:timers/promises";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { powerOff, powerOn } from "../../lab/index.js";
import { FOREVER, TINY, TINY_ARCHIVE } from "../docker.js";
import { footprint, footprintSince } from "../footprint.js";
import { labHosts, makeStack, ssh } from "../harness.js";

type Node = "node-01" | "node-02";

/** A container with a directory that one node at a time may write to. */
function program(node: Node): PulumiFn {
  return async () => {
    const storage = mooring.Host.fromConfig("storage");
    const volume = new mooring.DataVolume("sdata", { storage, backend: "nfs" });
    const { attachment } = new mooring.StatefulContainer("box", {
      node: mooring.Host.fromConfig(node),
      image: TINY,
      imageArchive: TINY_ARCHIVE,
      command: FOREVER,
      volume,
      mountPath: "/data",
    });
    return { epoch: (attachment as mooring.NfsMount).epoch };
  };
}

/** Another stack that wants the same directory. */
const second: PulumiFn = async () => {
  new mooring.NfsMount("second", {
    host: mooring.Host.fromConfig("node-02"),
    storage: mooring.Host.fromConfig("storage"),
    name: "sdata",
    source: "10.77.0.11:/srv/mooring/sdata",
  });
};

const exported = 'exportfs -s | awk \'$1 == "/srv/mooring/sdata" { sub(/\\(.*/, "", $2); print $2 }\'';
const clients = "cat /proc/fs/nfsd/clients/*/info 2>/dev/null | sed -n 's/^address: \"\\(.*\\):.*/\\1/p'";
const record = "cat /var/lib/mooring/volumes/sdata.json";
const read = "docker exec sdata cat /data/file";

test.serial(
  "a directory with one writer: attached, moved, refused, failed over, cleaned, removed",
  async (t) => {
    const hosts = await labHosts();
    const before = await footprint(["sdata"]);
    t.teardown(() => powerOn("node-02"));
    const stack = await makeStack(t, { program: program("node-01") });

    t.log("attached: this node alone is let in");
    await stack.up();
    await ssh("node-01", "docker exec sdata sh -c 'echo moored > /data/file && sync'");
    t.is(await ssh("storage", exported), "10.77.0.12");
    const { epoch: first } = await stack.outputs();
    t.like(JSON.parse(await ssh("storage", record)), {
      kind: "nfs",
      epoch: first,
      holder: { node: "node-01", address: "10.77.0.12" },
    });
    t.deepEqual((await stack.up({ refresh: true })).operations, {}, "a second up changes nothing");
    t.regex(
      await ssh("node-02", "mount -t nfs4 10.77.0.11:/srv/mooring/sdata /media 2>&1 || true"),
      /denied|No such file/,
      "another node is not let in",
    );

    t.log("a second stack is refused");
    const other = await makeStack(t, { program: second });
    const refusal = await other.failedUp();
    t.regex(
      refusal,
      /volume "sdata" is attached to node "node-01" by "box" of stack mooring-tests\/lab, epoch 1\. One volume has one writer: detach it there first/,
    );
    t.is(await ssh("storage", exported), "10.77.0.12");

    t.log("by hand, nobody is let in: drift, and repaired");
    await ssh("storage", "exportfs -u 10.77.0.12:/srv/mooring/sdata");
    const repair = await stack.up({ refresh: true });
    t.true(Object.keys(repair.operations).length > 0);
    t.is(await ssh("storage", exported), "10.77.0.12");
    t.is(await ssh("node-01", read), "moored");

    t.log("it moves");
    stack.program = program("node-02");
    await stack.up();
    t.is(await ssh("node-02", read), "moored");
    t.is(await ssh("storage", exported), "10.77.0.13");
    const { epoch: moved } = await stack.outputs();
    t.is(moved, (first as number) + 2, "given back, and taken");

    t.log("said to be lost while it lives: refused");
    stack.program = program("node-01");
    await stack.setSecret(
      "mooring:hosts",
      JSON.stringify({ ...hosts, "node-02": { ...hosts["node-02"], lost: true } }),
    );
    t.regex(
      await stack.failedUp(),
      /node "node-02" still has a live session with the storage host: 10\.77\.0\.13:/,
    );
    t.is(await ssh("storage", exported), "10.77.0.13");
    t.is(await ssh("node-02", read), "moored");

    t.log("it loses its power, and a moment later the data is elsewhere");
    await ssh("node-02", "docker exec sdata sh -c 'echo last > /data/last && sync'");
    await powerOff("node-02");
    await stack.up();
    t.is(await ssh("node-01", `${read}; docker exec sdata cat /data/last`), "moored\nlast");
    t.is(await ssh("storage", exported), "10.77.0.12");
    t.notRegex(await ssh("storage", clients), /10\.77\.0\.13/, "its client is expired");

    t.log("it comes back, and can't write");
    await powerOn("node-02");
    for (let looks = 0; looks < 3; looks++) {
      // What tries again by itself has tried again by then.
      await sleep(5000);
      t.is(await ssh("node-02", "mountpoint -q /mnt/mooring/sdata && echo mounted || true"), "");
      t.is(await ssh("node-02", "touch /mnt/mooring/sdata/x 2>/dev/null && echo written || true"), "");
      t.is(await ssh("node-02", "docker ps -q --filter name=sdata"), "", "its container is down");
    }
    t.is(await ssh("node-01", read), "moored");

    t.log("no longer lost, it is cleaned");
    await stack.setSecret("mooring:hosts", JSON.stringify(hosts));
    await stack.up();
    t.deepEqual(
      (await footprintSince(before)).filter((line) => line.startsWith("+ node-02")),
      [],
    );
    t.is(await ssh("node-01", read), "moored");
    t.deepEqual((await stack.up({ refresh: true })).operations, {});

    await stack.destroy();
    t.deepEqual(await footprintSince(before), [], "what destroy left behind");
  },
);

test.serial("what another stack's mount holds is not removed", async (t) => {
  await labHosts();
  const holds: PulumiFn = async () => {
    const storage = mooring.Host.fromConfig("storage");
    new mooring.NfsExport("sdata", { host: storage, access: "single" });
  };
  const stack = await makeStack(t, { program: holds });
  await stack.up();
  const other = await makeStack(t, { program: second });
  await other.up();
  stack.program = async () => undefined;
  t.regex(
    await stack.failedUp(),
    /export "sdata" on host "storage" is in use: volume "sdata" is attached to node "node-02" by "second"/,
  );
  await ssh("node-02", "touch /mnt/mooring/sdata/still");
  await other.destroy();
  await stack.up();
});

test.serial("a shared directory whose files a client has open is not removed", async (t) => {
  await labHosts();
  const shared =
    (exports: boolean): PulumiFn =>
    async () => {
      if (!exports) return;
      const storage = mooring.Host.fromConfig("storage");
      new mooring.NfsExport("busy", { host: storage, clients: ["10.77.0.0/24"] });
    };
  const stack = await makeStack(t, { program: shared(true) });
  await stack.up();
  await ssh(
    "node-01",
    "mkdir -p /media/busy && mount -t nfs4 10.77.0.11:/srv/mooring/busy /media/busy\nsystemd-run -q --unit=busy sh -c 'exec 3>/media/busy/open; exec sleep 600'\nuntil [ -e /media/busy/open ]; do sleep 1; done",
  );
  const close = "systemctl stop busy; umount /media/busy; rmdir /media/busy";
  t.teardown(() => ssh("node-01", `${close} || true`));
  stack.program = shared(false);
  t.regex(await stack.failedUp(), /10\.77\.0\.12 .*has \/srv\/mooring\/busy\/open open/);
  t.regex(await ssh("storage", "exportfs -s; ls /srv/mooring/busy"), /busy .*10\.77\.0\.0\/24.*open/s);
  await ssh("node-01", close);
  await stack.up();
  t.notRegex(await ssh("storage", "exportfs -s"), /busy/);
});
