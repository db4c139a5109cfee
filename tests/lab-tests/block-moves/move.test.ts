import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { FOREVER, TINY_2, TINY_2_ARCHIVE } from "../docker.js";
import { labHosts, makeStack, ssh } from "../harness.js";
import {
  container,
  footprintOfMove,
  lastWords,
  leftOn,
  type Node,
  read,
  SLOW_TO_STOP,
  VOLUME,
  write,
} from "../moves.js";

function overNbd(node: Node, size = "128MiB"): PulumiFn {
  return async () => {
    const storage = mooring.Host.fromConfig("storage");
    const base = new mooring.Qcow2Template("base", {
      host: storage,
      name: "mbase",
      size: "64MiB",
      fsType: "ext4",
    });
    const disk = new mooring.LinkedClone("disk", { host: storage, name: VOLUME, template: base, size });
    const served = new mooring.NbdExport("served", { host: storage, name: disk.name });
    const host = mooring.Host.fromConfig(node);
    const attached = new mooring.NbdAttachment("attached", { host, storage, name: served.name, size });
    const image = { image: TINY_2, archive: TINY_2_ARCHIVE };
    const { images } = container(node, image, SLOW_TO_STOP, attached.path);
    const here = mooring.Host.fromConfig("node-01");
    new mooring.DockerContainer(
      "neighbour",
      { host: here, image: TINY_2, command: FOREVER },
      { dependsOn: images },
    );
    return { epoch: attached.epoch };
  };
}

/** Prints how many milliseconds the device took for each of some small reads, on the average. */
const SMALL_READS = `cd /mnt/mooring/${VOLUME}
stat=/sys/block/$(basename $(readlink /run/mooring/attached/${VOLUME}))/stat
head -c 1M /dev/urandom > random
sync random
read -r reads _ _ ms _ < $stat
for at in $(seq 20); do dd if=random of=/dev/null bs=4k count=1 skip=$((at * 7)) iflag=direct status=none; done
read -r all _ _ total _ < $stat
rm random
echo $(((total - ms) / (all - reads)))`;

/** Prints what a node has of the volume, and whether its container runs. */
const look = `findmnt -n /mnt/mooring/${VOLUME}
ps -C qemu-nbd -o args= | grep ${VOLUME}
docker ps -q --filter name=^/mbox$`;

test.serial(
  "an NBD volume moves with its data, also when the new node was in the way, and grows",
  async (t) => {
    await labHosts();
    const before = await footprintOfMove();
    t.teardown(() =>
      ssh(
        "node-02",
        "chattr -i /etc/systemd/system; rm -f /mnt/mooring/mdata/theirs; rmdir /mnt/mooring/mdata || true",
      ),
    );
    const stack = await makeStack(t, { program: overNbd("node-01") });
    await stack.up();
    const { epoch: first } = await stack.outputs();
    await ssh("node-01", write);

    // Linux delays an acknowledgement for 40 ms at least (TCP_DELACK_MIN).
    const each = Number(await ssh("node-01", SMALL_READS));
    t.true(each < 40, `a small read takes ${each} ms: its answer waited for an acknowledgement`);

    t.log("something is in the mount point of the new node: nothing moves");
    await ssh("node-02", "mkdir -p /mnt/mooring/mdata && touch /mnt/mooring/mdata/theirs");
    stack.program = overNbd("node-02");
    const there = await ssh("node-01", look);
    t.regex(await stack.failedUp(), /path: \/mnt\/mooring\/mdata on host "node-02" is not empty/);
    t.is(await ssh("node-01", look), there, "the old node has it still");
    t.is(await ssh("node-02", "ls -A /mnt/mooring/mdata"), "theirs");
    await ssh("node-02", "rm /mnt/mooring/mdata/theirs");

    t.log("the move is interrupted: the new node takes no unit");
    await ssh("node-02", "chattr +i /etc/systemd/system");
    t.regex(await stack.failedUp(), /write \/etc\/systemd\/system\/\S+ on host "node-02" failed/);
    t.is(await ssh("node-01", look), "", "the old node has given it up");
    await ssh("node-01", "systemctl restart mooring-container-neighbour.service");
    t.is(await ssh("node-01", look), "", "nor does it come back when another container is started");
    await ssh("node-02", "chattr -i /etc/systemd/system");

    t.log("it goes on");
    await stack.up();
    t.is(await ssh("node-02", read), "moored");
    t.is(
      await ssh("node-02", lastWords),
      "last words",
      "its stop grace was honoured, and what it wrote flushed",
    );
    t.deepEqual(await leftOn("node-01", before), [], "the old node is clean");
    const { epoch: second } = await stack.outputs();
    t.true((second as number) > (first as number), `epoch ${second} comes after ${first}`);
    const servers = await ssh("storage", "ps -C qemu-nbd -o args=");
    t.regex(servers, new RegExp(`=mdata\\.g${second} `));
    t.notRegex(servers, new RegExp(`=mdata\\.g${first} `), "the old name stopped existing");

    t.log("it grows");
    const size = "df -k --output=size /mnt/mooring/mdata | tail -n 1";
    const smaller = Number(await ssh("node-02", size));
    stack.program = overNbd("node-02", "256MiB");
    t.deepEqual((await stack.up()).operations, { disk: "update", attached: "update" });
    t.true(Number(await ssh("node-02", size)) > 1.8 * smaller, "the file system has grown");
    t.is(await ssh("node-02", read), "moored");
    stack.program = overNbd("node-02", "192MiB");
    t.regex(await stack.failedPreview(), /size can't shrink from 256MiB to 192MiB/);

    t.log("the storage host loses its way in: the allow-list, then the key");
    stack.program = overNbd("node-02", "256MiB");
    await ssh("storage", "systemctl revert mooring-export-mdata.socket");
    t.deepEqual((await stack.up({ refresh: true })).operations, { attached: "update" });
    t.is(await ssh("node-02", read), "moored");
    await ssh("storage", "rm /var/lib/mooring/keys/mdata/keys.psk");
    t.deepEqual((await stack.up({ refresh: true })).operations, { attached: "update" });
    t.is(await ssh("node-02", read), "moored");
    t.log("all of it, and it was rebooted for longer than a node waits");
    await ssh("storage", "rm -r /var/lib/mooring/keys/mdata && systemctl revert mooring-export-mdata.socket");
    await ssh("storage", "systemctl stop mooring-export-mdata.socket mooring-export-mdata.service");
    await ssh("node-02", "kill -KILL $(cat /run/mooring/attach-mdata.pid)");
    await stack.up({ refresh: true });
    t.is(await ssh("node-02", read), "moored");

    t.log("and back, undisturbed");
    stack.program = overNbd("node-01", "256MiB");
    t.deepEqual((await stack.up()).operations, { attached: "update", box: "update" });
    t.is(await ssh("node-01", read), "moored");
    t.deepEqual(await leftOn("node-02", before), [], "the old node is clean");
    t.deepEqual((await stack.up({ refresh: true })).operations, {});
  },
);
