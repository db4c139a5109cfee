import * as pulumi from "@pulumi/pulumi";
import test from "ava";
import { type ConnectionArgs, Host, NfsMount } from "../../../sdk/index.js";
import { program, settled } from "./program.js";

/** What a host puts into a resource's inputs. */
async function input(make: () => Host, config = {}): Promise<unknown> {
  const { registered } = await program(() => new NfsMount("a", { host: make(), source: "h:/x" }), { config });
  return registered[0]?.inputs.host;
}

test.serial(
  "the secrets of a connection are marked, of its bastion too, and the rest can be read",
  async (t) => {
    const connection: ConnectionArgs = {
      host: "10.0.0.1",
      port: 2222,
      user: "admin",
      password: "one",
      privateKey: pulumi.output("two"),
      privateKeyPassword: Promise.resolve("three"),
      hostKey: "ssh-ed25519 AAAA",
      sudo: true,
      proxy: { host: "10.0.0.9", password: "four", privateKeyFile: "~/.ssh/id" },
    };
    t.deepEqual(
      await input(() => new Host("node-01", { connection, address: "10.77.0.12", install: true })),
      {
        name: "node-01",
        address: "10.77.0.12",
        install: true,
        connection: {
          host: "10.0.0.1",
          port: 2222,
          user: "admin",
          password: ["secret", "one"],
          privateKey: ["secret", "two"],
          privateKeyPassword: ["secret", "three"],
          hostKey: "ssh-ed25519 AAAA",
          sudo: true,
          proxy: { host: "10.0.0.9", password: ["secret", "four"], privateKeyFile: "~/.ssh/id" },
        },
      },
    );
  },
);

test.serial("a connection that is an output is secret as a whole, and so is a bastion", async (t) => {
  const connection = { host: "10.0.0.1", password: "one" };
  t.deepEqual(await input(() => new Host("a", { connection: pulumi.output(connection) })), {
    name: "a",
    connection: ["secret", connection],
  });
  t.deepEqual(await input(() => new Host("a", { connection: Promise.resolve(connection) })), {
    name: "a",
    connection: ["secret", connection],
  });
  const proxied = { host: "10.0.0.2", proxy: pulumi.output(connection) };
  t.deepEqual(await input(() => new Host("a", { connection: proxied })), {
    name: "a",
    connection: { host: "10.0.0.2", proxy: ["secret", connection] },
  });
});

test.serial("the address is the connection's host unless it is given", async (t) => {
  const connection = { host: "10.0.0.1", password: "one" };
  const address = async (host: Host) => (await settled(host.address)).value;
  t.is(await address(new Host("a", { connection })), "10.0.0.1");
  t.is(await address(new Host("a", { connection: pulumi.output(connection) })), "10.0.0.1");
  t.is(await address(new Host("a", { connection, address: pulumi.output("10.77.0.1") })), "10.77.0.1");
});

const CONFIG = {
  "mooring:hosts": JSON.stringify({
    "node-01": { connection: { host: "10.0.0.1", password: "one" }, address: "10.77.0.12" },
    "node-02": { connection: { host: "10.0.0.2", password: "two" } },
  }),
};

test.serial("a host from the configuration puts its name alone into the inputs", async (t) => {
  t.deepEqual(await input(() => Host.fromConfig("node-01"), CONFIG), { name: "node-01" });
  pulumi.runtime.setAllConfig(CONFIG);
  t.is((await settled(Host.fromConfig("node-01").address)).value, "10.77.0.12");
  t.is((await settled(Host.fromConfig("node-02").address)).value, "10.0.0.2");
  t.true(Host.fromConfig("node-02") instanceof Host);
});

test.serial(
  "a host that the configuration does not have is an error with those it has, and the command",
  async (t) => {
    pulumi.runtime.setAllConfig(CONFIG);
    t.throws(() => Host.fromConfig("node-03"), {
      instanceOf: pulumi.RunError,
      message: `host "node-03" is not in the stack's configuration (mooring:hosts has: node-01, node-02). Add it with: pulumi config set --path 'mooring:hosts["node-03"].connection.host' ADDRESS`,
    });
    pulumi.runtime.setAllConfig({});
    t.throws(() => Host.fromConfig("node-03"), { message: /\(mooring:hosts has: none\)/ });
  },
);

test.serial(
  "an entry of the configuration without address and connection is an error that names it",
  async (t) => {
    pulumi.runtime.setAllConfig({ "mooring:hosts": '{"a":{"install":true}}' });
    t.throws(() => Host.fromConfig("a"), {
      instanceOf: pulumi.RunError,
      message: `host "a" in the stack's configuration has neither address nor connection. Add it with: pulumi config set --path 'mooring:hosts["a"].connection.host' ADDRESS`,
    });
  },
);

test.serial("a bad name of a host is refused", (t) => {
  const connection = { host: "10.0.0.1" };
  for (const name of ["", "A", "-a", "a-", ".a", "a b", "a\n", "$(id)", "ä", "x".repeat(64)]) {
    const expected = {
      instanceOf: pulumi.RunError,
      message: `Host name ${JSON.stringify(name)}: 1 to 63 lower-case letters, digits, dots and hyphens, not starting or ending with a dot or hyphen`,
    };
    t.throws(() => new Host(name, { connection }), expected);
    t.throws(() => Host.fromConfig(name), expected);
  }
  t.notThrows(() => new Host("node-01.example.org", { connection }));
});

const lostIn = (registered: { name: string; inputs: Record<string, unknown> }[]) =>
  Object.fromEntries(registered.map(({ name, inputs }) => [name, inputs.lostHosts]));
const connected = { connection: { host: "10.0.0.1" } };

test.serial("every resource tells of the lost hosts, also of one that is declared later", async (t) => {
  const { registered } = await program(() => {
    new Host("node-01", { ...connected, lost: true });
    new NfsMount("a", { host: new Host("node-02", connected), source: "h:/x" });
    new NfsMount("b", {
      host: new Host("node-03", { ...connected, lost: true, fence: "force" }),
      source: "h:/x",
    });
  });
  const lost = [
    { name: "node-01", lost: true },
    { name: "node-03", lost: true, fence: "force" },
  ];
  t.deepEqual(lostIn(registered), { a: lost, b: lost });
  const on = registered.find(({ name }) => name === "b")?.inputs.host;
  t.deepEqual(on, { name: "node-03", connection: { host: "10.0.0.1" } }, "lost is no change of the resource");
});

test.serial(
  "a host that is declared anew and not lost is back, and without one nothing is said",
  async (t) => {
    const { registered } = await program(() => {
      new Host("node-01", connected);
      new Host("node-03", { ...connected, lost: false });
      new NfsMount("a", { host: new Host("node-02", connected), source: "h:/x" });
    });
    t.is(registered.length, 1);
    t.false("lostHosts" in (registered[0]?.inputs ?? {}));
  },
);

test.serial("what a stack's program says of lost hosts is of no other stack", async (t) => {
  const settings = pulumi.runtime.setMocks;
  const registered: { name: string; inputs: Record<string, unknown> }[] = [];
  const run = async (stack: string, body: () => void) => {
    const mocks = {
      call: () => ({}),
      newResource: ({ name, inputs }: { name: string; inputs: Record<string, unknown> }) => {
        registered.push({ name: `${stack}-${name}`, inputs });
        return { id: name, state: inputs };
      },
    };
    await settings(mocks, "shop", stack, false);
    body();
    await pulumi.runtime.disconnect();
  };
  const mount = () => new NfsMount("a", { host: new Host("node-02", connected), source: "h:/x" });
  await run("one", () => {
    new Host("node-01", { ...connected, lost: true });
    mount();
  });
  await run("two", () => void mount());
  t.deepEqual(lostIn(registered)["one-a"], [{ name: "node-01", lost: true }]);
  t.is(lostIn(registered)["two-a"], undefined);
});
