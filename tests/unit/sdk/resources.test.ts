import * as pulumi from "@pulumi/pulumi";
import test from "ava";
import type { DynamicProvider } from "../../../provider/lifecycle.js";
import * as mooring from "../../../sdk/index.js";
import { providerText } from "../../../sdk/resource.js";
import { program, settled } from "./program.js";

/** As the provider process finds it: by the package's name. */
const provider = require("pulumi-mooring/provider") as Record<string, DynamicProvider>;

const storage = () =>
  new mooring.Host("storage", { connection: { host: "127.0.0.1" }, address: "10.77.0.11" });
const node = () =>
  new mooring.Host("node-01", { connection: { host: "127.0.0.1", port: 2222 }, address: "10.77.0.12" });

const kinds: Record<string, (name: string) => pulumi.CustomResource> = {
  NfsExport: (name) => new mooring.NfsExport(name, { host: storage(), clients: ["10.77.0.0/24"] }),
  NfsMount: (name) => new mooring.NfsMount(name, { host: node(), source: "10.77.0.11:/srv/mooring/a" }),
  Qcow2Template: (name) => new mooring.Qcow2Template(name, { host: storage(), size: "2GiB", fsType: "ext4" }),
  LinkedClone: (name) => new mooring.LinkedClone(name, { host: storage(), template: "base" }),
  NbdExport: (name) => new mooring.NbdExport(name, { host: storage() }),
  NbdAttachment: (name) => new mooring.NbdAttachment(name, { host: node(), storage: storage() }),
  DockerImage: (name) => new mooring.DockerImage(name, { host: node(), image: "tiny:1" }),
  DockerContainer: (name) => new mooring.DockerContainer(name, { host: node(), image: "tiny:1" }),
};

for (const [kind, make] of Object.entries(kinds)) {
  test.serial(
    `${kind} registers its type, and the provider's text is the constant and reaches the provider`,
    async (t) => {
      const { registered } = await program(() => make("yundream"));
      const [resource] = registered;
      t.is(registered.length, 1);
      t.is(resource?.type, `pulumi-nodejs:dynamic/mooring:${kind}`);
      t.true(resource?.custom);
      const text = `exports.handler=()=>require("pulumi-mooring/provider").${kind}`;
      t.is(resource?.inputs.__provider, text);
      t.is(providerText(kind), text);
      const module = { exports: {} as { handler?: () => unknown } };
      new Function("exports", "require", text)(module.exports, require);
      t.is(module.exports.handler?.(), provider[kind]);
    },
  );

  test.serial(`what ${kind} gives the provider passes its check, with the URN as the owner`, async (t) => {
    // The provider knows what it was told of others: no two mounts are at one place.
    const name = kind.toLowerCase();
    const { registered } = await program(() => make(name));
    const inputs = registered[0]?.inputs ?? {};
    t.is(inputs.owner, `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:${kind}::${name}`);
    t.is(inputs.owner, registered[0]?.urn);
    const { failures } = (await provider[kind]?.check({}, inputs)) ?? { failures: [kind] };
    t.deepEqual(failures, []);
  });
}

test.serial(
  "a replacement deletes first, whatever asks for it: --replace does not ask the provider how",
  async (t) => {
    for (const [kind, make] of Object.entries(kinds)) {
      const { registered } = await program(() => make("yundream"));
      t.true(registered[0]?.deletedFirst, kind);
    }
  },
);

test.serial("the list of kinds is whole", (t) => {
  t.deepEqual(Object.keys(kinds).sort(), Object.keys(provider).sort());
});

test.serial("a volume's name is the resource's unless it is given, and the paths follow it", async (t) => {
  const { registered } = await program(() => {
    kinds.NfsExport?.("a");
    kinds.NfsMount?.("b");
    kinds.NbdAttachment?.("c");
    new mooring.NfsMount("d", { host: node(), source: "h:/x", name: pulumi.output("other") });
    new mooring.NfsMount("e", { host: node(), source: "h:/x", path: "/data/e" });
  });
  const paths = Object.fromEntries(registered.map(({ name, inputs }) => [name, [inputs.name, inputs.path]]));
  t.deepEqual(paths, {
    a: ["a", "/srv/mooring/a"],
    b: ["b", "/mnt/mooring/b"],
    c: ["c", "/mnt/mooring/c"],
    d: ["other", "/mnt/mooring/other"],
    e: ["e", "/data/e"],
  });
});

test.serial("in a component the owner is the URN within it", async (t) => {
  const { registered } = await program(() => {
    const parent = new pulumi.ComponentResource("shop:index:Part", "part");
    new mooring.NfsMount("a", { host: node(), source: "h:/x" }, { parent });
  });
  const mount = registered.find(({ name }) => name === "a");
  t.is(
    mount?.inputs.owner,
    "urn:pulumi:dev::shop::shop:index:Part$pulumi-nodejs:dynamic/mooring:NfsMount::a",
  );
  t.is(mount?.parent, registered.find(({ name }) => name === "part")?.urn);
});

test.serial(
  "the source of an export is known at preview, and what mounts it waits for the export",
  async (t) => {
    const { result, registered } = await program(
      () => {
        const nfs = new mooring.NfsExport("a", { host: storage(), clients: ["10.77.0.0/24"] });
        new mooring.NfsMount("b", { host: node(), source: nfs.source });
        return settled(nfs.source);
      },
      { preview: true },
    );
    t.deepEqual(result, { value: "10.77.0.11:/srv/mooring/a", known: true, secret: false });
    const [nfs, mount] = ["a", "b"].map((name) => registered.find((each) => each.name === name));
    t.deepEqual(mount?.dependencies, [nfs?.urn]);
    t.is(mount?.inputs.source, "10.77.0.11:/srv/mooring/a");
  },
);

test.serial("a clone of a template waits for it and has its name", async (t) => {
  const { registered } = await program(() => {
    const template = new mooring.Qcow2Template("base", { host: storage(), size: "2GiB", fsType: "ext4" });
    const clone = new mooring.LinkedClone("a", { host: storage(), template });
    new mooring.NbdExport("b", { host: storage(), name: clone.name });
  });
  const [template, clone, served] = ["base", "a", "b"].map((name) =>
    registered.find((each) => each.name === name),
  );
  t.deepEqual([clone?.inputs.template, clone?.dependencies], ["base", [template?.urn]]);
  t.deepEqual([served?.inputs.name, served?.dependencies], ["a", [clone?.urn]]);
  t.is(served?.inputs.address, "10.77.0.11");
});

test.serial("environment and registry credentials are secret", async (t) => {
  const { registered } = await program(() => {
    new mooring.DockerContainer("ab", { host: node(), image: "tiny:1", environment: { A: "1" } });
    new mooring.DockerImage("b", {
      host: node(),
      image: "tiny:1",
      registryAuth: { username: "u", password: pulumi.output("p") },
    });
  });
  t.deepEqual(registered.find(({ name }) => name === "ab")?.inputs.environment, ["secret", { A: "1" }]);
  t.deepEqual(registered.find(({ name }) => name === "b")?.inputs.registryAuth, [
    "secret",
    { username: "u", password: "p" },
  ]);
});
