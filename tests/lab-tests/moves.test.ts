import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import test from "ava";
import * as mooring from "../../sdk/index.js";
import { FOREVER, TINY, TINY_ARCHIVE } from "./docker.js";
import { type Footprint, footprint, footprintSince } from "./footprint.js";
import { labHosts, makeStack, ssh } from "./harness.js";

type Node = "node-01" | "node-02";

/** Both nodes have the image from the start: what moves is the volume and the container. */
function images(): mooring.DockerImage[] {
  return ["node-01", "node-02"].map(
    (name) =>
      new mooring.DockerImage(`image-${name}`, {
        host: mooring.Host.fromConfig(name),
        image: TINY,
        archive: TINY_ARCHIVE,
      }),
  );
}

function container(name: string, node: Node, source: mooring.NfsMount["path"]): void {
  new mooring.DockerContainer(
    name,
    {
      host: mooring.Host.fromConfig(node),
      name: "mbox",
      image: TINY,
      command: FOREVER,
      volumes: [{ source, target: "/data" }],
    },
    { dependsOn: images() },
  );
}

function overNfs(node: Node): PulumiFn {
  return async () => {
    const data = new mooring.NfsExport("data", {
      host: mooring.Host.fromConfig("storage"),
      name: "mdata",
      clients: ["10.77.0.0/24"],
    });
    const host = mooring.Host.fromConfig(node);
    const mount = new mooring.NfsMount("mount", { host, name: "mdata", source: data.source });
    container("box", node, mount.path);
  };
}

function overNbd(node: Node, size = "128MiB"): PulumiFn {
  return async () => {
    const storage = mooring.Host.fromConfig("storage");
    const base = new mooring.Qcow2Template("base", {
      host: storage,
      name: "mbase",
      size: "64MiB",
      fsType: "ext4",
    });
    const disk = new mooring.LinkedClone("disk", { host: storage, name: "mdata", template: base, size });
    const served = new mooring.NbdExport("served", { host: storage, name: disk.name });
    const host = mooring.Host.fromConfig(node);
    const attached = new mooring.NbdAttachment("attached", { host, storage, name: served.name, size });
    container("box", node, attached.path);
    return { epoch: attached.epoch };
  };
}

const write = "docker exec mbox sh -c 'echo moored > /data/file && sync'";
/** Prints what a node has of the volume, and whether its container runs. */
const look = "findmnt -n /mnt/mooring/mdata; ls -d /sys/block/nbd*/pid 2>/dev/null; docker ps -q";
const read = "docker exec mbox cat /data/file";
/** Everything but the image, which is there on both nodes. */
async function leftOn(node: Node, before: Footprint): Promise<string[]> {
  const lines = await footprintSince(before);
  return lines.filter((line) => line.includes(` ${node}: `) && !/: image |\/images\//.test(line));
}

test.serial(
  "an NFS mount and its container move with the data, also when the new node was in the way",
  async (t) => {
    await labHosts();
    const before = await footprint();
    t.teardown(() => ssh("node-02", "docker rm -f mbox 2>&1"));
    const stack = await makeStack(t, { program: overNfs("node-01") });
    await stack.up();
    await ssh("node-01", write);

    t.log("the move is interrupted: the new node has a container of that name");
    await ssh("node-02", `docker create --name mbox ${TINY}`);
    stack.program = overNfs("node-02");
    t.regex(await stack.failedUp(), /container "mbox" on host "node-02" is in the way/);
    await ssh("node-02", "docker rm mbox");

    t.log("it goes on");
    const change = await stack.up();
    t.is(change.operations.box, "update");
    t.is(await ssh("node-02", read), "moored");
    t.deepEqual(await leftOn("node-01", before), [], "the old node is clean");

    t.log("and back, undisturbed");
    stack.program = overNfs("node-01");
    t.deepEqual((await stack.up()).operations, { mount: "update", box: "update" });
    t.is(await ssh("node-01", read), "moored");
    t.deepEqual(await leftOn("node-02", before), [], "the old node is clean");
    t.deepEqual((await stack.up({ refresh: true })).operations, {});
  },
);

test.serial(
  "an NBD volume moves with its data, also when the new node was in the way, and grows",
  async (t) => {
    await labHosts();
    const before = await footprint();
    t.teardown(() => ssh("node-02", "rm -f /mnt/mooring/mdata/theirs; rmdir /mnt/mooring/mdata || true"));
    const stack = await makeStack(t, { program: overNbd("node-01") });
    await stack.up();
    const { epoch: first } = await stack.outputs();
    await ssh("node-01", write);

    t.log("the move is interrupted: something is in the mount point of the new node");
    await ssh("node-02", "mkdir -p /mnt/mooring/mdata && touch /mnt/mooring/mdata/theirs");
    stack.program = overNbd("node-02");
    t.regex(await stack.failedUp(), /\/mnt\/mooring\/mdata' is not empty/);
    t.is(await ssh("node-01", look), "", "the old node has given it up");
    t.is(await ssh("node-02", "ls -A /mnt/mooring/mdata"), "theirs");
    await ssh("node-02", "rm /mnt/mooring/mdata/theirs");

    t.log("it goes on");
    await stack.up();
    t.is(await ssh("node-02", read), "moored");
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

    t.log("and back, undisturbed");
    stack.program = overNbd("node-01", "256MiB");
    t.deepEqual((await stack.up()).operations, { attached: "update", box: "update" });
    t.is(await ssh("node-01", read), "moored");
    t.deepEqual(await leftOn("node-02", before), [], "the old node is clean");
    t.deepEqual((await stack.up({ refresh: true })).operations, {});
  },
);
