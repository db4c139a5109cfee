import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { TINY, TINY_ARCHIVE } from "../docker.js";
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

function overNfs(node: Node): PulumiFn {
  return async () => {
    const data = new mooring.NfsExport("data", {
      host: mooring.Host.fromConfig("storage"),
      name: VOLUME,
      clients: ["10.77.0.0/24"],
    });
    const host = mooring.Host.fromConfig(node);
    const mount = new mooring.NfsMount("mount", { host, name: VOLUME, source: data.source });
    container(node, { image: TINY, archive: TINY_ARCHIVE }, SLOW_TO_STOP, mount.path);
  };
}

test.serial(
  "an NFS mount and its container move with the data, also when the new node was in the way",
  async (t) => {
    await labHosts();
    const before = await footprintOfMove();
    t.teardown(() => ssh("node-02", "docker rm -f mbox 2>&1"));
    const stack = await makeStack(t, { program: overNfs("node-01") });
    await stack.up();
    await ssh("node-01", write);

    t.log("the move is interrupted: the new node has a container of that name");
    await ssh("node-02", `docker create --name mbox ${TINY}`);
    stack.program = overNfs("node-02");
    const said = await stack.failedUp();
    t.regex(said, /container "mbox" on host "node-02" is in the way/);
    t.regex(said, /or name "node-01" again, where it starts with its volume/);

    t.log("the old node is named again");
    stack.program = overNfs("node-01");
    t.deepEqual((await stack.up()).operations, { mount: "update" });
    t.is(await ssh("node-01", read), "moored");
    t.is(await ssh("node-01", "docker inspect -f '{{.State.Running}}' mbox"), "true");
    stack.program = overNfs("node-02");
    await ssh("node-02", "docker rm mbox");

    t.log("it goes on");
    const change = await stack.up();
    t.is(change.operations.box, "update");
    t.is(await ssh("node-02", read), "moored");
    t.is(
      await ssh("node-02", lastWords),
      "last words",
      "its stop grace was honoured, and what it wrote flushed",
    );
    t.deepEqual(await leftOn("node-01", before), [], "the old node is clean");

    t.log("and back, undisturbed");
    stack.program = overNfs("node-01");
    t.deepEqual((await stack.up()).operations, { mount: "update", box: "update" });
    t.is(await ssh("node-01", read), "moored");
    t.deepEqual(await leftOn("node-02", before), [], "the old node is clean");
    t.deepEqual((await stack.up({ refresh: true })).operations, {});
  },
);
