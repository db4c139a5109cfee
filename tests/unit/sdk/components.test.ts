import test from "ava";
import { DataVolume, Host, Qcow2Template, StatefulContainer } from "../../../sdk/index.js";
import { IMAGE_ID, program, type Registered } from "./program.js";

const host = (name: string, address: string) =>
  new Host(name, { connection: { host: "127.0.0.1" }, address });
const nodes = { "node-01": "10.77.0.12", "node-02": "10.77.0.13" };

/** The program of the README: MariaDB with its data on the storage host. */
function mariadb(node: keyof typeof nodes) {
  const storage = host("storage", "10.77.0.11");
  const template = new Qcow2Template("base", { host: storage, size: "2GiB", fsType: "ext4" });
  const volume = new DataVolume("yundream", { storage, template, size: "4GiB" });
  new StatefulContainer("shop", {
    node: host(node, nodes[node]),
    image: "mariadb:11",
    volume,
    mountPath: "/var/lib/mysql",
    environment: { MARIADB_ROOT_PASSWORD: "hush" },
  });
}

/** Each resource as "Kind name", with the names of its parent and of what it waits for. */
function tree(registered: readonly Registered[]): Record<string, { in: string; after: string[] }> {
  const label = (urn: string): string => {
    const found = registered.find((each) => each.urn === urn);
    return found ? `${found.type.replace(/^.*:/, "")} ${found.name}` : "";
  };
  return Object.fromEntries(
    registered.map(({ urn, parent, dependencies }) => [
      label(urn),
      { in: label(parent), after: dependencies.map(label).sort() },
    ]),
  );
}

test.serial(
  "a block volume is a clone and its export; a container on it is an image, an attachment and itself",
  async (t) => {
    const { registered } = await program(() => mariadb("node-01"));
    const all = tree(registered);
    t.deepEqual(all["LinkedClone yundream"], { in: "DataVolume yundream", after: ["Qcow2Template base"] });
    t.deepEqual(all["NbdExport yundream"], { in: "DataVolume yundream", after: ["LinkedClone yundream"] });
    t.deepEqual(all["DockerImage shop-node-01"], { in: "StatefulContainer shop", after: [] });
    t.is(all["NbdAttachment shop"]?.in, "StatefulContainer shop");
    t.is(all["DockerContainer shop"]?.in, "StatefulContainer shop");
    t.true(all["NbdAttachment shop"]?.after.includes("NbdExport yundream"));
    t.true(
      all["NbdAttachment shop"]?.after.includes("DockerImage shop-node-01"),
      "the image is there before the volume moves",
    );
    for (const needed of ["DockerImage shop-node-01", "NbdAttachment shop", "NbdExport yundream"])
      t.true(all["DockerContainer shop"]?.after.includes(needed), needed);
    t.is(registered.length, 8);
  },
);

test.serial("how long writers wait is said of the volume, and goes to its attachment", async (t) => {
  const { registered } = await program(() => {
    const storage = host("storage", "10.77.0.11");
    const volume = new DataVolume("v", { storage, template: "base", size: "4GiB", reconnectDelay: "5m" });
    volume.attach("a", { node: host("node-01", "10.77.0.12") });
  });
  const { inputs } = registered.find(({ type }) => type.endsWith(":NbdAttachment")) ?? {};
  t.is(inputs?.reconnectDelay, "5m");
  t.is(inputs?.size, "4GiB");
});

test.serial(
  "adopt is passed on to what a volume is made of on the storage host, and to no attachment",
  async (t) => {
    const { registered } = await program(() => {
      const volume = new DataVolume("v", {
        storage: host("storage", "10.77.0.11"),
        template: "base",
        adopt: true,
      });
      volume.attach("a", { node: host("node-01", "10.77.0.12") });
    });
    const adopts = registered
      .filter(({ custom }) => custom)
      .map(({ type, inputs }) => [type.replace(/^.*:/, ""), inputs.adopt]);
    t.deepEqual(Object.fromEntries(adopts), { LinkedClone: true, NbdExport: true, NbdAttachment: undefined });
  },
);

test.serial("container, attachment, export and clone have the volume's one name", async (t) => {
  const { registered } = await program(() => mariadb("node-01"));
  const names = registered
    .filter(({ custom }) => custom)
    .map(({ type, inputs }) => [type.replace(/^.*:/, ""), inputs.name]);
  t.deepEqual(Object.fromEntries(names), {
    Qcow2Template: "base",
    LinkedClone: "yundream",
    NbdExport: "yundream",
    DockerImage: undefined,
    NbdAttachment: "yundream",
    DockerContainer: "yundream",
  });
  const container = registered.find(({ type }) => type.endsWith(":DockerContainer"));
  t.deepEqual(container?.inputs.volumes, [{ source: "/mnt/mooring/yundream", target: "/var/lib/mysql" }]);
  t.deepEqual(container?.inputs.environment, ["secret", { MARIADB_ROOT_PASSWORD: "hush" }]);
  t.is(container?.inputs.image, "mariadb:11");
  const image = registered.find(({ type }) => type.endsWith(":DockerImage"));
  t.is(container?.inputs.imageOwner, image?.urn);
  t.is(container?.inputs.imageId, IMAGE_ID);
});

test.serial(
  "a move is another node in attachment and container, another address that is let in, an image for the new node, and nothing else",
  async (t) => {
    const [before, after] = [
      await program(() => mariadb("node-01")),
      await program(() => mariadb("node-02")),
    ];
    const byUrn = new Map(before.registered.map((each) => [each.urn, each]));
    const changed = after.registered.flatMap((each) => {
      const old = byUrn.get(each.urn)?.inputs;
      if (!old) return [`new ${each.name}`];
      const keys = Object.keys(each.inputs).filter(
        (key) => JSON.stringify(each.inputs[key]) !== JSON.stringify(old[key]),
      );
      return keys.map((key) => `${each.type.replace(/^.*:/, "")} ${key}`);
    });
    t.deepEqual(changed.sort(), [
      "DockerContainer host",
      "DockerContainer imageOwner",
      "NbdAttachment address",
      "NbdAttachment host",
      "new shop-node-02",
    ]);
    t.is(after.registered.length, before.registered.length);
  },
);

test.serial("a directory volume is an export that one mount has, and its container uses that", async (t) => {
  const { registered } = await program(() => {
    const storage = host("storage", "10.77.0.11");
    const volume = new DataVolume("files", {
      storage,
      backend: "nfs",
      onDelete: "retain",
    });
    new StatefulContainer("web", {
      node: host("node-01", "10.77.0.12"),
      image: "tiny:1",
      volume,
      mountPath: "/srv",
    });
  });
  const all = tree(registered);
  t.deepEqual(all["NfsExport files"], { in: "DataVolume files", after: [] });
  t.is(all["NfsMount web"]?.in, "StatefulContainer web");
  t.true(all["NfsMount web"]?.after.includes("NfsExport files"));
  t.true(all["DockerContainer web"]?.after.includes("NfsMount web"));
  const inputs = (kind: string) => registered.find(({ type }) => type.endsWith(`:${kind}`))?.inputs;
  t.is(inputs("NfsExport")?.onDelete, "retain");
  t.is(inputs("NfsMount")?.source, "10.77.0.11:/srv/mooring/files");
  t.is(inputs("NfsMount")?.name, "files");
  t.is(inputs("NfsExport")?.access, "single");
  t.like(inputs("NfsMount")?.storage, { name: "storage" });
  t.is(inputs("NfsMount")?.address, "10.77.0.12");
});

test.serial("a shared directory is exported to its clients, and no mount takes it", async (t) => {
  const { registered } = await program(() => {
    const storage = host("storage", "10.77.0.11");
    const clients = ["10.77.0.0/24"];
    const volume = new DataVolume("files", { storage, backend: "nfs", mode: "shared", clients });
    volume.attach("mount", { node: host("node-01", "10.77.0.12") });
  });
  const inputs = (kind: string) => registered.find(({ type }) => type.endsWith(`:${kind}`))?.inputs;
  t.like(inputs("NfsExport"), { access: "shared", clients: ["10.77.0.0/24"] });
  t.is(inputs("NfsMount")?.storage, undefined);
  t.is(inputs("NfsMount")?.address, undefined);
});

test.serial("timeouts of a component are those of its resources", async (t) => {
  const { registered } = await program(() => {
    const storage = host("storage", "10.77.0.11");
    const volume = new DataVolume("yundream", { storage, template: "base", timeouts: { steps: "30m" } });
    const node = host("node-01", nodes["node-01"]);
    const timeouts = { read: "2m" };
    new StatefulContainer("shop", { node, image: "tiny:1", volume, mountPath: "/data", timeouts });
  });
  const found = registered
    .filter(({ custom }) => custom)
    .map(({ type, inputs }) => [type.replace(/^.*:/, ""), inputs.timeouts]);
  t.deepEqual(Object.fromEntries(found), {
    LinkedClone: { steps: "30m" },
    NbdExport: { steps: "30m" },
    DockerImage: { read: "2m" },
    NbdAttachment: { read: "2m" },
    DockerContainer: { read: "2m" },
  });
});

test.serial(
  "what is protected can move all the same: the image on the old node is not protected",
  async (t) => {
    let shop: StatefulContainer | undefined;
    await program(() => {
      const storage = host("storage", "10.77.0.11");
      const volume = new DataVolume("data", { storage, backend: "nfs" });
      shop = new StatefulContainer(
        "shop",
        { node: host("node-01", "10.77.0.12"), image: "tiny:1", volume, mountPath: "/data" },
        { protect: true },
      );
    });
    const isProtected = (resource: unknown) => (resource as { __protect?: boolean }).__protect;
    t.deepEqual([shop, shop?.container, shop?.attachment, shop?.image].map(isProtected), [
      true,
      true,
      true,
      false,
    ]);
  },
);
