import test from "ava";
import type { Host } from "../../../../provider/host/host.js";
import type { HostRef } from "../../../../provider/inputs/host-ref.js";
import { attachmentFence } from "../../../../provider/nbd/attachment-holding.js";
import { exportSocket, exportUnit } from "../../../../provider/nbd/export-units.js";
import type { AnyResource, Taking } from "../../../../provider/resource.js";
import { nbdAttachment } from "../../../../provider/resources/nbd-attachment.js";
import { nfsMount } from "../../../../provider/resources/nfs-mount.js";
import { unitFile } from "../../../../provider/systemd.js";
import { inputsOf } from "../plans.js";
import { free, held, live, mine, OTHER, OWNER, wanted } from "../resources/nbd-attachment-cases.js";
import { inputs, World } from "../world.js";

/** Asks about its rival, and tells of whom it may cut off. */
const asking = (world: World): Partial<AnyResource> => ({
  movable: true,
  async observeRival(observed, { wanted, identity, isForced }: Taking<typeof inputs>) {
    const forced = ["a", "b", "c"].filter(isForced);
    world.log.push(`rival of ${wanted.value}, made as ${identity.value}; forced: ${forced}`);
    return observed;
  },
});

test("before something is made or changed its rival is asked for; not to look at it, and not to remove it", async (t) => {
  const world = new World();
  const provider = world.serve(asking(world));
  world.hosts.noteLost([
    { name: "b", lost: true, fence: "force" },
    { name: "c", lost: true },
  ]);
  world.things.set("a", { value: "zero" });
  await provider.update("thing", { ...inputs, value: "zero" }, inputs);
  t.deepEqual(world.log.splice(0), [
    "observe a",
    "rival of one, made as zero; forced: b",
    "prepare on a",
    "set one on a",
    "observe a",
  ]);
  await provider.read("thing", inputs);
  await provider.delete("thing", inputs);
  t.deepEqual(world.log, ["observe a", "observe a", "remove on a", "observe a"]);
});

test("what is not there has no rival", async (t) => {
  const world = new World();
  await world.serve(asking(world)).create(inputs);
  t.deepEqual(world.log, ["observe a", "prepare on a", "set one on a", "observe a"]);
});

/** A storage host that is asked for sessions, and answers with one. */
function storageHost(answers: readonly string[]) {
  const asked: string[] = [];
  const host = {
    async run(doing: string) {
      asked.push(doing);
      return answers[asked.length - 1];
    },
  } as unknown as Host;
  return { asked, host };
}

const SESSION =
  "ESTAB 0 0 [::ffff:10.77.0.11]:10809 10.77.0.13:60110\n\t cubic lastack:368 bytes_received:44175\n";
const nobody = () => false;
const node2 = (node: string) => node === "node-02";

async function rival(observed: object, isForced: (node: string) => boolean, identity = wanted) {
  const { asked, host } = storageHost([SESSION]);
  const reach = (_ref: HostRef) => host;
  const taking = { wanted, identity, reach, isForced };
  return { found: await nbdAttachment.observeRival?.(observed as never, taking), asked };
}

test("a block volume that is ours on another node has that node's sessions; by force they do not matter", async (t) => {
  const elsewhere = held(OWNER, "node-02");
  const { found, asked } = await rival(elsewhere, nobody);
  t.deepEqual(asked, ["looking for sessions on port 10809"]);
  t.is(found?.sessions?.[0]?.silentMs, 368);
  t.throws(() => nbdAttachment.plan(wanted, found, wanted), {
    message: /"node-02" still has a live session/,
  });
  const forced = await rival(elsewhere, node2);
  t.deepEqual(forced.asked, []);
  t.notThrows(() => nbdAttachment.plan(wanted, forced.found, wanted));
});

test("one that was ours under another name has them, too", async (t) => {
  const before = { ...wanted, owner: OTHER };
  const { found } = await rival(held(OTHER, "node-02"), nobody, before);
  t.throws(() => nbdAttachment.plan(wanted, found, before), {
    message: /"node-02" still has a live session/,
  });
});

test("a holder of this node's name, of which this node has nothing, may be another machine: it is asked for, too", async (t) => {
  const { found, asked } = await rival({ ...free, record: mine }, nobody);
  t.deepEqual(asked, ["looking for sessions on port 10809"]);
  t.throws(() => nbdAttachment.plan(wanted, found, wanted), {
    message:
      /^volume "yundream": the storage host has a live session with node "node-01" \(.*, heard of 0\.4 s ago, 44175 bytes received from it\), and on the host that has this name now there is nothing of the volume: it seems to be another machine\. Nothing was changed\.\n/,
  });
  t.notThrows(() => nbdAttachment.plan(wanted, { ...found, sessions: [] } as never, wanted));
});

test("a block volume that is free, here, or another's has no rival that is asked for", async (t) => {
  for (const observed of [free, live, held(OTHER, "node-02")]) {
    const { found, asked } = await rival(observed, nobody);
    t.is(found, observed as never);
    t.deepEqual(asked, []);
  }
});

test("a lost node's sessions are read before it is fenced; by force they are not waited for", async (t) => {
  const files = new Map([
    ["/var/lib/mooring/volumes/yundream.json", JSON.stringify(mine)],
    ["/var/lib/mooring/volumes/yundream.env", "MOORING_PORT=10809\nMOORING_EPOCH=3\n"],
    [unitFile(exportUnit("yundream")), "ExecStart=/usr/bin/qemu-nbd --tls-creds=tls0\n"],
    [unitFile(exportSocket("yundream")), "ListenStream=10.77.0.11:10809\n"],
  ]);
  const fenced = async (force: boolean) => {
    const { asked, host } = storageHost([SESSION]);
    Object.assign(host, { fact: async () => files });
    const found = await attachmentFence.observe(host, wanted, force);
    return { asked, plan: () => attachmentFence.plan(wanted, found, force) };
  };
  const asked = await fenced(false);
  t.deepEqual(asked.asked, ["looking for sessions on port 10809"]);
  t.throws(asked.plan, { message: /"node-01" still has a live session/ });
  const forced = await fenced(true);
  t.deepEqual(forced.asked, []);
  t.true(forced.plan().length > 0);
});

const mount = inputsOf(nfsMount, {
  host: { name: "node-01" },
  owner: OWNER,
  name: "a",
  path: "/mnt/a",
  source: "10.77.0.11:/srv/a",
  storage: { name: "storage" },
  address: "10.77.0.12",
});
const CLIENT = 'clientid: 0x1\naddress: "10.77.0.13:704"\nseconds from last renew: 3\n';

test("a directory that is ours on another node has that node's clients, and by force they are expired", async (t) => {
  const holder = { owner: OWNER, node: "node-02", address: "10.77.0.13" };
  const record = { owner: "urn:x", kind: "nfs" as const, path: "/srv/a", fsid: "f", epoch: 2, holder };
  const observed = { file: undefined, unit: undefined, mount: undefined, record, served: true };
  const find = (isForced: (node: string) => boolean) => {
    const { host } = storageHost([CLIENT, "10.77.0.13\n"]);
    return nfsMount.observeRival?.(observed, { wanted: mount, identity: mount, reach: () => host, isForced });
  };
  const found = await find(nobody);
  t.throws(() => nfsMount.plan(mount, found, mount), { message: /"node-02" still has a live session/ });
  const forced = nfsMount.plan(mount, await find(node2), mount);
  t.true(forced.some(({ title }) => title === "expire the NFS clients 10.77.0.13"));
  const free = { ...observed, record: { ...record, holder: undefined } };
  const { asked, host } = storageHost([]);
  const taking = { wanted: mount, identity: mount, reach: () => host, isForced: nobody };
  t.is(await nfsMount.observeRival?.(free, taking), free);
  t.deepEqual(asked, []);
});
