import test from "ava";
import { z } from "zod";
import { common } from "../../../../provider/inputs/common.js";
import { size, volumeName } from "../../../../provider/inputs/schemas.js";
import { checkInputs, containsUnknown, parseInputs } from "../../../../provider/lifecycle/checking.js";
import { Hosts } from "../../../../provider/lifecycle/hosts.js";
import type { AnyResource } from "../../../../provider/resource.js";
import { type Bad, checked } from "../checking.js";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const calls: unknown[] = [];
const resource = {
  kind: "Thing",
  identity: ["name"],
  inputs: z.object({
    ...common,
    name: volumeName,
    size: size.default("1GiB"),
    count: z.number().optional(),
    environment: z.record(z.string(), z.string()).optional(),
    registryAuth: z
      .strictObject({ username: z.string(), password: z.string().min(8, "8 characters") })
      .optional(),
    parts: z.array(z.strictObject({ label: z.string(), amount: z.number().optional() })).optional(),
  }),
  check(inputs: { name?: string }, unjudged: ReadonlySet<string>) {
    calls.push([inputs, [...unjudged]]);
    return inputs.name === "checked" ? [{ property: "name", reason: "refused" }] : [];
  },
} as unknown as AnyResource;

const connection = (more: Record<string, unknown>) => ({
  host: { name: "a", connection: { host: "h", ...more } },
});
const NAME = "1 to 63 lower-case letters, digits and hyphens, not starting or ending with a hyphen";

const OWNER = "a resource name without control characters, and without a backslash at its end";

const bad: Record<string, Bad[]> = {
  "a wrong type says what is allowed and what was given": [
    [{ name: 5 }, `name: ${NAME} (got 5)`],
    [{ name: null }, `name: ${NAME} (got null)`],
    [{ name: ["a"] }, `name: ${NAME} (got a list)`],
    [{ count: "3" }, 'count: a number (got "3"; without quotes)'],
    [{ adopt: "yes" }, 'adopt: true or false (got "yes")'],
    [{ parts: {} }, "parts: a list (got an object)"],
    [{ parts: [3] }, "parts[0]: an object (got 3)"],
    [{ parts: [{ label: "a" }, { label: null }] }, "parts[1].label: a string (got null)"],
    [{ host: null }, "host: a Host (got null)"],
    [{ host: "storage" }, 'host: a Host (got "storage")'],
  ],
  "what is missing is said to be required": [
    [{ name: undefined }, "name: is required"],
    [{ host: undefined }, "host: is required"],
    [{ host: {} }, "host.name: is required"],
    [{ host: { name: "a", connection: {} } }, "host.connection.host: is required"],
    [{ parts: [{}] }, "parts[0].label: is required"],
  ],
  "an unknown property is answered with the likely one, or with those there are": [
    [{ nmae: "a" }, 'nmae: unknown property "nmae"; did you mean "name"?'],
    [{ Size: "1GiB" }, 'Size: unknown property "Size"; did you mean "size"?'],
    [
      { zebra: 1 },
      'zebra: unknown property "zebra"; known are host, adopt, timeouts, name, size, count, environment, registryAuth, parts',
    ],
    [
      { parts: [{ label: "a", amont: 1 }] },
      'parts[0].amont: unknown property "amont"; did you mean "amount"?',
    ],
    [
      { host: { name: "a", adress: "10.0.0.1" } },
      'host.adress: unknown property "adress"; did you mean "address"?',
    ],
    [
      connection({ privatekey: "hush" }),
      'host.connection.privatekey: unknown property "privatekey"; did you mean "privateKey"?',
    ],
    [
      connection({ proxy: { host: "b", usr: "x" } }),
      'host.connection.proxy.usr: unknown property "usr"; did you mean "user"?',
    ],
  ],
  "an owner that would end its line in a file of ours, or take the next one to it, is refused": [
    [{ owner: "urn:x::a\nb" }, `owner: ${OWNER} (got "urn:x::a\\nb")`],
    [{ owner: "urn:x::a\r" }, `owner: ${OWNER} (got "urn:x::a\\r")`],
    [{ owner: "urn:x::a\u0000b" }, `owner: ${OWNER} (got "urn:x::a\\u0000b")`],
    [{ owner: "urn:x::a\u0085b" }, `owner: ${OWNER} (got "urn:x::a\\u{85}b")`],
    [{ owner: "urn:x::a\u2028b" }, `owner: ${OWNER} (got "urn:x::a\\u{2028}b")`],
    [{ owner: "urn:x::a\u2029" }, `owner: ${OWNER} (got "urn:x::a\\u{2029}")`],
    [{ owner: "urn:x::a\\" }, `owner: ${OWNER} (got "urn:x::a\\\\")`],
    [{ owner: "" }, `owner: ${OWNER} (got "")`],
  ],
  "a secret is never shown": [
    [connection({ password: 5150 }), "host.connection.password: a string (got a number)"],
    [connection({ privateKey: ["hush"] }), "host.connection.privateKey: a string (got a list)"],
    [connection({ privateKeyPassword: 5150 }), "host.connection.privateKeyPassword: a string (got a number)"],
    [connection({ proxy: "hush@bastion" }), "host.connection.proxy: an object (got a string)"],
    [{ host: { name: "a", connection: "root:hush@h" } }, "host.connection: an object (got a string)"],
    [{ registryAuth: { username: "u", password: "hush" } }, "registryAuth.password: 8 characters"],
    [{ registryAuth: "hush" }, "registryAuth: an object (got a string)"],
    [{ environment: { PASSWORD: 5150 } }, "environment.PASSWORD: a string (got a number)"],
    [{ environment: "hush" }, "environment: an object (got a string)"],
  ],
};

for (const [title, cases] of Object.entries(bad)) {
  test(title, (t) => {
    for (const [input, ...failures] of cases) {
      const { failures: said } = checked(resource, { name: "a", ...input });
      t.deepEqual(said, failures);
      t.notRegex(said.join(), /hush|5150/);
    }
  });
}

test("an owner may be any other resource name, with blanks too", (t) => {
  for (const owner of ["urn:x::My shop", "urn:x:: my  shop ", "urn:x::Läden #1", "urn:x::a\\b"])
    t.deepEqual(checked(resource, { name: "a", owner }).failures, []);
});

test("all that is wrong is said at once", (t) => {
  t.deepEqual(checked(resource, { name: "A", size: "1", nmae: 1 }).failures, [
    'nmae: unknown property "nmae"; did you mean "name"?',
    `name: ${NAME} (got "A")`,
    'size: a whole number with a binary unit, such as "512MiB" or "4GiB" (got "1")',
  ]);
});

test("the resource's own check sees canonical inputs, and the names of those that can't be judged", (t) => {
  const rest = { host: { name: "storage" }, owner: "urn:x" };
  const seen = (news: Record<string, unknown>) => {
    calls.length = 0;
    checked(resource, news);
    return calls;
  };
  t.deepEqual(seen({ name: "a", size: "2048MiB", count: undefined }), [
    [{ ...rest, name: "a", size: "2GiB" }, []],
  ]);
  t.deepEqual(seen({ name: "A" }), [[{ ...rest, size: "1GiB" }, ["name"]]]);
  t.deepEqual(seen({ name: UNKNOWN }), [[{ ...rest, size: "1GiB" }, ["name"]]]);
  t.deepEqual(seen({ name: "a", parts: [{ label: UNKNOWN }] }), [
    [{ ...rest, name: "a", size: "1GiB" }, ["parts"]],
  ]);
});

test("what the resource's own check says is said beside the rest", (t) => {
  t.deepEqual(checked(resource, { name: "checked", count: "three" }).failures, [
    'count: a number (got "three")',
    "name: refused",
  ]);
});

test("an unknown value never fails, at any depth, and is passed on", (t) => {
  const news = {
    host: { name: "a", connection: { host: UNKNOWN, port: 22 } },
    name: UNKNOWN,
    size: UNKNOWN,
    count: UNKNOWN,
    environment: { A: UNKNOWN },
    registryAuth: UNKNOWN,
    parts: [{ label: UNKNOWN }],
  };
  const { inputs, failures } = checked(resource, news);
  t.deepEqual(failures, []);
  t.deepEqual(inputs, { owner: "urn:x", ...news });
});

test("beside an unknown value the others are checked", (t) => {
  t.deepEqual(checked(resource, { name: UNKNOWN, count: "3" }).failures, [
    'count: a number (got "3"; without quotes)',
  ]);
});

test("defaults are filled in, what is absent stays absent, and Pulumi's own property is let through", (t) => {
  const { inputs } = checked(resource, { name: "a", count: undefined, __provider: "text" });
  t.deepEqual(Object.keys(inputs).sort(), ["host", "name", "owner", "size"]);
  t.is(inputs.size, "1GiB");
});

test("a good program's connection is today's for its host; one with unknown values is not", (t) => {
  const hosts = new Hosts();
  const host = (address: string) => ({ name: "a", connection: { host: address } });
  checkInputs(resource, { host: host("10.0.0.1"), owner: "urn:x", name: "a" }, hosts);
  checkInputs(resource, { host: host(UNKNOWN), owner: "urn:x", name: "a" }, hosts);
  t.deepEqual(hosts.resolve({ name: "a" }), host("10.0.0.1"));
});

test("a state's properties are read tolerantly: canonical where they can be, kept where they can't", (t) => {
  t.deepEqual(
    parseInputs(resource, {
      host: { name: "a" },
      owner: "urn:x",
      name: "Old Name",
      size: "1024MiB",
      count: UNKNOWN,
      device: "/dev/nbd0",
      __provider: "text",
    }),
    { host: { name: "a" }, owner: "urn:x", name: "Old Name", size: "1GiB" },
  );
});

test("an unknown value is found at any depth, and nothing else is one", (t) => {
  t.true(containsUnknown(UNKNOWN));
  t.true(containsUnknown([{ a: { b: [1, UNKNOWN] } }]));
  t.false(containsUnknown({ a: `${UNKNOWN} `, b: null, c: undefined, d: [] }));
});

test("the lost hosts that come with every resource are noted, and are no inputs", (t) => {
  const hosts = new Hosts();
  const news = { host: { name: "a" }, owner: "urn:x", name: "a" };
  const check = (lostHosts?: unknown) => checkInputs(resource, { ...news, lostHosts }, hosts);
  const { inputs, failures } = check([{ name: "b", lost: true, fence: "force" }]);
  t.false("lostHosts" in inputs);
  t.deepEqual(failures, []);
  t.true(hosts.isLost({ name: "b" }));
  for (const unknown of [UNKNOWN, [UNKNOWN], [{ name: UNKNOWN, lost: true }]]) {
    const said = check(unknown);
    t.deepEqual([said.inputs, said.failures], [inputs, failures]);
    t.true(hosts.isLost({ name: "b" }), "what is not known yet changes nothing");
  }
  check();
  t.false(hosts.isLost({ name: "b" }));
});

test("lost hosts that are wrong are named like any input, and note nothing", (t) => {
  const hosts = new Hosts();
  const news = { host: { name: "a" }, owner: "urn:x", name: "a" };
  const check = (lostHosts: unknown) => checkInputs(resource, { ...news, lostHosts }, hosts).failures;
  hosts.noteLost([{ name: "b", lost: true }]);
  t.deepEqual(check([{ name: "a", lost: true, fence: "hard" }]), [
    { property: "lostHosts[0].fence", reason: '"force" (got "hard")' },
  ]);
  t.deepEqual(check([{ name: UNKNOWN, lost: "yes" }]), [
    { property: "lostHosts[0].lost", reason: 'true or false (got "yes")' },
  ]);
  t.deepEqual(check("b"), [{ property: "lostHosts", reason: 'a list (got "b")' }]);
  t.true(hosts.isLost({ name: "b" }));
  t.false(hosts.isLost({ name: "a" }));
});
