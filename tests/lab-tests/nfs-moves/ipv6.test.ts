import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { footprint, footprintSince } from "../footprint.js";
import { labHosts, makeStack, ssh } from "../harness.js";

/** Beside the lab's IPv4 addresses, for this test. */
const addresses = { storage: "fd00:77::11", "node-01": "fd00:77::12", "node-02": "fd00:77::13" } as const;
type Name = keyof typeof addresses;
const names = Object.keys(addresses) as Name[];

/** Volumes of all kinds: shared with a network, one writer by address, and block volumes by address and by network. */
const program =
  (node: Name): PulumiFn =>
  async () => {
    const storage = mooring.Host.fromConfig("storage");
    const host = mooring.Host.fromConfig(node);
    const shared = new mooring.NfsExport("shared6", { host: storage, clients: ["fd00:77::/64"] });
    new mooring.NfsMount("shared6", { host, source: shared.source });
    const single = new mooring.NfsExport("single6", { host: storage, access: "single" });
    const mount = new mooring.NfsMount("single6", { host, storage, source: single.source });
    const template = new mooring.Qcow2Template("base6", { host: storage, size: "64MiB", fsType: "ext4" });
    const attach = (name: string, address: string) => {
      const disk = new mooring.LinkedClone(name, { host: storage, template, size: "64MiB" });
      const served = new mooring.NbdExport(name, { host: storage, name: disk.name });
      new mooring.NbdAttachment(name, { host, storage, name: served.name, size: "64MiB", address });
    };
    attach("disk6", addresses[node]);
    attach("net6", `${addresses[node]}/124`);
    return { epoch: mount.epoch };
  };

const mounted = "for v in shared6 single6 net6 disk6; do findmnt -nro SOURCE /mnt/mooring/$v; done";
const exported = "exportfs -s | awk '/single6/ { sub(/\\(.*/, \"\", $2); print $2 }'";

test.serial("a storage network with IPv6 alone: attached, moved, refused, fenced, removed", async (t) => {
  const hosts = await labHosts();
  const change = (verb: string) =>
    Promise.all(names.map((name) => ssh(name, `ip -6 addr ${verb} ${addresses[name]}/64 dev eth1 nodad`)));
  await change("add");
  t.teardown(() => change("del"));
  const six = (lost?: Name) =>
    Object.fromEntries(
      names.map((name) => [
        name,
        {
          ...hosts[name],
          address: addresses[name],
          ...(name === lost && { lost: true, fence: "force" }),
        },
      ]),
    ) as Record<Name, (typeof hosts)[Name]>;
  const before = await footprint(["shared6", "single6", "net6", "disk6", "base6"]);
  const stack = await makeStack(t, { program: program("node-01") }, {}, six());

  await stack.up();
  t.regex(
    await ssh("node-01", mounted),
    /^\[fd00:77::11\]:\/srv\/mooring\/shared6\n\[fd00:77::11\]:\/srv\/mooring\/single6\n\/dev\/nbd\d+\n\/dev\/nbd\d+$/,
  );
  t.is(await ssh("storage", exported), addresses["node-01"]);
  t.regex(await ssh("storage", "ss -Hltn"), /\[fd00:77::11\]:108\d\d/);
  await ssh("node-01", "for v in single6 disk6; do echo moored > /mnt/mooring/$v/file; done; sync");
  t.deepEqual((await stack.up({ refresh: true })).operations, {}, "a second up changes nothing");

  stack.program = program("node-02");
  const lost = six("node-01");
  await stack.setSecret(
    "mooring:hosts",
    JSON.stringify({ ...lost, "node-01": { ...lost["node-01"], fence: undefined } }),
  );
  const refused = await stack.failedUp();
  for (const name of ["single6", "net6", "disk6"])
    t.regex(
      refused,
      new RegExp(
        `volume "${name}": node "node-01" still has a live session with the storage host: \\[fd00:77::12\\]:`,
      ),
    );
  t.is(await ssh("storage", exported), addresses["node-01"]);

  await stack.setSecret("mooring:hosts", JSON.stringify(lost));
  await stack.up();
  t.is(await ssh("storage", exported), addresses["node-02"]);
  t.is(await ssh("node-02", "cat /mnt/mooring/single6/file /mnt/mooring/disk6/file"), "moored\nmoored");
  t.is(
    await ssh(
      "node-01",
      "timeout -k 1 10 sh -c 'echo theirs > /mnt/mooring/single6/file' 2>/dev/null && echo written || true",
    ),
    "",
  );
  t.is(await ssh("node-02", "cat /mnt/mooring/single6/file"), "moored");

  await stack.setSecret("mooring:hosts", JSON.stringify(six()));
  await stack.up();
  t.is(await ssh("node-01", mounted.replaceAll("; done", " || true; done")), "");
  await stack.destroy();
  t.deepEqual(await footprintSince(before), [], "what destroy left behind");
});
