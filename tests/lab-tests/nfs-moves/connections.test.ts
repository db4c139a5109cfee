import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { footprint, footprintSince } from "../footprint.js";
import { labHosts, makeStack, ssh } from "../harness.js";
import { checkSecrets, checkState } from "../state.js";

const written = "/mnt/mooring/vdata/written";

function mountedOn(storage: () => mooring.Host, node: () => mooring.Host): PulumiFn {
  return async () => {
    const data = new mooring.NfsExport("data", { host: storage(), name: "vdata", clients: ["10.77.0.0/24"] });
    new mooring.NfsMount("mount", { host: node(), name: "vdata", source: data.source });
  };
}

test.serial("hosts are reached as a user with sudo, and through a bastion", async (t) => {
  const { storage, "node-01": bastion, "node-02": node } = await labHosts();
  const user = { user: "mooring", sudo: true };
  const before = await footprint(["vdata"]);
  const program = mountedOn(
    () => mooring.Host.fromConfig("storage"),
    () => mooring.Host.fromConfig("behind"),
  );
  const configured = {
    storage: { ...storage, connection: { ...storage.connection, ...user } },
    behind: {
      ...node,
      connection: { ...node.connection, host: node.address, port: 22, ...user, proxy: bastion.connection },
    },
  };
  const stack = await makeStack(t, { program }, {}, configured);
  await stack.up();
  await ssh("node-02", `touch ${written}`);
  t.deepEqual((await stack.up({ refresh: true })).operations, {});
  await checkState(t, stack, []);
  await stack.destroy();
  t.deepEqual(await footprintSince(before), []);
});

test.serial(
  "the connections of hosts that the program gives can change, and their secrets are not to be read",
  async (t) => {
    const { storage, "node-01": node } = await labHosts();
    const before = await footprint(["vdata"]);
    const withConnection = (change: object) =>
      mountedOn(
        () => new mooring.Host("storage", { ...storage, connection: { ...storage.connection, ...change } }),
        () => new mooring.Host("node-01", node),
      );
    const stack = await makeStack(t, { program: withConnection({}) }, {}, {});
    await stack.up();
    await checkSecrets(t, stack, []);
    await ssh("node-01", `touch ${written}`);
    const inode = await ssh("storage", "stat -c %i /srv/mooring/vdata");

    stack.program = withConnection({ user: "mooring", sudo: true });
    t.deepEqual((await stack.up()).operations, { data: "update" });
    t.is(await ssh("storage", "stat -c %i /srv/mooring/vdata"), inode, "the directory is the same");
    await ssh("node-01", `[ -e ${written} ]`);
    await stack.previewNoChanges();
    await checkSecrets(t, stack, []);
    await stack.destroy();
    t.deepEqual(await footprintSince(before), []);
  },
);
