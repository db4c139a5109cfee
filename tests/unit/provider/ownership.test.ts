import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { apply } from "../../../provider/host/apply.js";
import { Overtaken } from "../../../provider/host/errors.js";
import { commandOf } from "../../../provider/host/steps.js";
import { write } from "../../../provider/host/writing.js";
import { compareOwner, header, ownerIn } from "../../../provider/ownership.js";
import { fakeNode } from "../fake-node.js";
import { localHost } from "../local-host.js";

const URN = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NfsExport::";

test("who owns a file of ours is read as it was written, blanks and all", (t) => {
  for (const name of ["shop", "My shop", " my  shop ", "Läden #1 (alt)", "a\\b", "# Owner: me"]) {
    const owner = `${URN}${name}`;
    t.is(ownerIn(`${header(owner)}/srv/shop 10.77.0.0/24(rw)\n`), owner);
    t.is(ownerIn(`#!/bin/sh\n${header(owner)}set -eu\n`), owner);
  }
});

test("a file without an owner's line is nobody's", (t) => {
  for (const text of ["", "[Unit]\n", "# Owner: \n", "# Owners: a\n", `Description=# Owner: ${URN}a\n`])
    t.is(ownerIn(text), undefined, text);
});

const FILE = "/etc/systemd/system/mnt-a.mount";
const by = (owner: string, adopt?: boolean) => ({ host: { name: "node-01" }, owner, adopt });

/** A node on which a file may be compared, as a script of steps does it. */
function comparing(t: ExecutionContext) {
  const node = fakeNode(t, { devices: 0 });
  return {
    ...node,
    /** What is said against it; nothing, where it may be written. */
    compare(owner: string, before = owner, file = FILE) {
      const script = compareOwner(file, by(owner), by(before), true).map((step) => commandOf(step).text);
      const { status, stdout, stderr } = node.run(`set -eu\n${script.join("\n")}`);
      t.deepEqual([status, stdout], [stderr === "" ? 0 : 1, ""]);
      return stderr;
    },
  };
}

const whose = (owner: string) => `another program made it meanwhile; it belongs to ${owner}\n`;

test("a file may be written where none is, or one of ours under today's name or the one before", (t) => {
  const { file, compare } = comparing(t);
  t.is(compare(`${URN}a`), "");
  for (const text of [
    header(`${URN}a`),
    `${header(`${URN}a`)}[Unit]\n`,
    `#!/bin/sh\n${header(`${URN}a`)}set -eu\n`,
  ]) {
    file(FILE, undefined, text);
    t.is(compare(`${URN}a`), "", text);
    t.is(compare(`${URN}b`, `${URN}a`), "", text);
    t.is(compare(`${URN}a`, `${URN}b`), "", text);
    t.is(compare(`${URN}b`), whose(`${URN}a`), text);
    t.is(compare(`${URN}b`, `${URN}c`), whose(`${URN}a`), text);
  }
});

test("what another made, or nobody of ours, is not written over; the first owner's line is the one that counts", (t) => {
  const { file, compare, run } = comparing(t);
  // A power cut leaves empty files; a link to nothing is somebody's, such as a unit that is masked.
  file(FILE, undefined, "");
  t.is(compare(`${URN}a`), "");
  t.is(run(`ln -sf /dev/null ${FILE}`).status, 0);
  t.is(compare(`${URN}a`), whose("somebody else"));
  t.is(run(`rm ${FILE}`).status, 0);
  for (const text of [
    "\n",
    "[Unit]\n",
    "# Owners: a\n",
    ` # Owner: ${URN}a\n`,
    `Description=# Owner: ${URN}a\n`,
  ]) {
    file(FILE, undefined, text);
    t.is(compare(`${URN}a`), whose("somebody else"), text);
  }
  file(FILE, undefined, `${header(`${URN}b`)}# Owner: ${URN}a\n`);
  t.is(compare(`${URN}a`), whose(`${URN}b`));
  file(FILE, undefined, `${header(`${URN}a`)}# Owner: ${URN}b\n`);
  t.is(compare(`${URN}a`), "");
});

/** They mean something to a shell, in a pattern or elsewhere. */
const ODD = [
  "My shop",
  " my  shop ",
  "*",
  "?",
  "a*",
  "[ab]",
  "[!x]",
  "it's",
  '"a"',
  "a) echo b ;; *",
  "a | b",
  "*) exit 0 ;; esac; case a in a",
  "$(echo a)",
  "`echo a`",
  "$whose",
  "~",
  "#1 (alt)",
  "a\\b",
  "a;b&c",
  "Läden",
];

test("owners are compared by their letters, whatever those mean to a shell", (t) => {
  const { file, run } = comparing(t);
  const all = [...ODD, "a", "b", "ab", "a b", "my  shop", "$owner", "*x"].map((name) => `${URN}${name}`);
  const pairs = all.flatMap((owner): [string, string][] => [
    [owner, "another"],
    ["another", owner],
  ]);
  const script = pairs.map(([owner, before], index) => {
    const [step] = compareOwner(FILE, by(owner), by(before), true);
    return `( ${step && commandOf(step)}\n) 2>/dev/null && echo ${index}`;
  });
  for (const owner of all) {
    file(FILE, undefined, `${header(owner)}[Mount]\n`);
    const written = run(`${script.join("\n")}\ntrue`)
      .stdout.trim()
      .split("\n");
    t.deepEqual(
      written.map((index) => pairs[Number(index)]),
      [
        [owner, "another"],
        ["another", owner],
      ],
      owner,
    );
  }
});

test("the file's own name is a word of the shell, too", (t) => {
  const { file, compare } = comparing(t);
  const odd = "/etc/systemd/system/mnt-it's\\x2da $(b) *.mount";
  t.is(compare(`${URN}a`, undefined, odd), "");
  file(odd, undefined, header(`${URN}b`));
  t.is(compare(`${URN}b`, undefined, odd), "");
  t.is(compare(`${URN}a`, undefined, odd), whose(`${URN}b`));
});

test("what is adopted is not compared", (t) => {
  t.deepEqual(compareOwner(FILE, by(`${URN}a`, true), by(`${URN}a`), true), []);
  t.is(compareOwner(FILE, by(`${URN}a`, false), by(`${URN}a`, true), true).length, 1);
});

test("who finds that another was faster writes nothing, and looks again", async (t) => {
  const { host, directory } = localHost(t, "node-01");
  const file = join(directory, "a.mount");
  const writing = (owner: string) =>
    apply(host, () => host, [...compareOwner(file, by(owner), by(owner), true), write(file, header(owner))], {
      lock: `mount-${owner}`,
      who: "the test",
    });
  await writing("urn:a");
  await writing("urn:a");
  await t.throwsAsync(writing("urn:b"), {
    instanceOf: Overtaken,
    message: new RegExp(`^compare the owner of ${file} on host "node-01" failed .*:\n  ${whose("urn:a")}`),
  });
  t.is(readFileSync(file, "utf8"), header("urn:a"));
  writeFileSync(file, header("urn:b"));
  await t.throwsAsync(writing("urn:a"), { instanceOf: Overtaken });
  t.is(readFileSync(file, "utf8"), header("urn:b"));
});

test("of several files that are compared at once, only the one that is another's is not written", async (t) => {
  const { host, directory } = localHost(t, "node-01");
  const fileOf = (name: string) => join(directory, `${name}.mount`);
  const owners = { a: "urn:a", b: "urn:b", c: "urn:c" };
  writeFileSync(fileOf("b"), header("urn:other"));
  const writing = Object.entries(owners).map(([name, owner]) =>
    apply(
      host,
      () => host,
      [...compareOwner(fileOf(name), by(owner), by(owner), true), write(fileOf(name), header(owner))],
      { lock: `mount-${name}`, who: "the test" },
    ),
  );
  const results = await Promise.allSettled(writing);
  t.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  t.true((results[1] as PromiseRejectedResult).reason instanceof Overtaken);
  t.deepEqual(
    Object.keys(owners).map((name) => readFileSync(fileOf(name), "utf8")),
    [header("urn:a"), header("urn:other"), header("urn:c")],
  );
});
