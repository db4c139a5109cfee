import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { commandOf } from "../../../../provider/host/steps.js";
import { linkedClone } from "../../../../provider/resources/linked-clone.js";
import { recordText } from "../../../../provider/volume-record.js";
import { fakeNode } from "../../fake-node.js";
import { inputsOf } from "../plans.js";
import { poolOf } from "../pools.js";

const BASE = "base-0123456789ab.qcow2";
const GIB = 2 ** 30;

/** The kernel's part of it: what is immutable can't be linked. */
const CHATTR = `[ "$2" = "$root/var/lib/mooring/templates/${BASE}" ] || { echo "chattr: $2: no such image" >&2; exit 1; }
case $1 in
-i) rm "$root/immutable" ;;
+i) : > "$root/immutable" ;;
esac`;
const LN = `[ ! -e "$root/immutable" ] || { echo "ln: Operation not permitted" >&2; exit 1; }
/bin/sleep 0.3
[ ! -e "$root/immutable" ] || { echo "ln: Operation not permitted" >&2; exit 1; }
exec /bin/ln "$@"`;

/** A storage host with clones of one template, whose image is immutable. */
function storage(t: ExecutionContext, ...clones: string[]) {
  const host = fakeNode(t, { devices: 0 });
  const at = (path: string) => join(host.root, "var/lib/mooring", path);
  host.put("chattr", CHATTR);
  host.put("ln", LN);
  host.put("qemu-img", "");
  for (const directory of ["templates", "clones", "volumes"]) mkdirSync(at(directory), { recursive: true });
  writeFileSync(at(`templates/${BASE}`), "the image");
  writeFileSync(join(host.root, "immutable"), "");
  const scripts = clones.map((name) => {
    const record = {
      ...{ owner: "urn:x", template: "base", fsType: "ext4" as const, partitioned: false, epoch: 3 },
      fsUuid: "d15c02ab-c949-4451-a9b8-cef990c39494",
    };
    writeFileSync(at(`clones/${name}.qcow2`), name);
    writeFileSync(at(`volumes/${name}.json`), recordText(record));
    const path = `/var/lib/mooring/clones/${name}.qcow2`;
    const backingFile = `../templates/${BASE}`;
    const image = { path, backingFile, bytes: GIB, allocated: GIB, modified: 7, virtualSize: 2 * GIB };
    const observed = { template: undefined, record, image, pool: poolOf([]) };
    const inputs = inputsOf(linkedClone, { owner: "urn:x", name, template: "base" });
    const steps = linkedClone.plan(undefined, observed, inputs);
    return `set -eu\n${steps.map((step) => commandOf(step).text).join("\n")}`;
  });
  return {
    ...host,
    /** Moves all of them to the trash at the same time, each in a shell of its own. Answers with what each ended with. */
    remove() {
      const began = scripts.map((script, index) => `( ${script}\n) & p${index}=$!`);
      const ended = scripts.map((_, index) => `wait $p${index} && echo 0 || echo $?`);
      const { stdout, stderr } = host.run([...began, ...ended].join("\n"));
      return { codes: stdout.trim().split("\n").map(Number), stderr };
    },
    isImmutable: () => existsSync(join(host.root, "immutable")),
    /** Of the template's image: how often it is marked, unmarked and linked. */
    done: () =>
      host
        .log()
        .filter((line) => /^(chattr|ln) /.test(line))
        .map((line) => line.split(" ", 2).join(" ")),
    list: (path: string) => (existsSync(at(path)) ? readdirSync(at(path)).sort() : undefined),
    /** The template's image and what the trash has of it are one file. */
    isLinked: () => statSync(at(`trash/templates/${BASE}`)).ino === statSync(at(`templates/${BASE}`)).ino,
    modeOf: (path: string) => (statSync(at(path)).mode & 0o777).toString(8),
  };
}

const LINKED = ["chattr -i", "ln --", "chattr +i"];
const MARKED = ["chattr +i"];
const nameOf = (file: string) => file.replace(/-\d{8}T\d{6}Z/, "");

test("two clones of one template that go at once: its image is linked into the trash once, and is immutable again", (t) => {
  const host = storage(t, "shop", "blog");
  t.deepEqual(host.remove(), { codes: [0, 0], stderr: "" });
  t.deepEqual(host.done(), [...LINKED, ...MARKED]);
  t.true(host.isImmutable());
  t.true(host.isLinked());
  t.deepEqual(host.list("trash/clones")?.map(nameOf), ["blog.json", "blog.qcow2", "shop.json", "shop.qcow2"]);
  t.deepEqual([host.list("clones"), host.list("volumes")], [undefined, undefined]);
  t.deepEqual(host.list("trash/templates"), [BASE]);
  t.is(host.modeOf("trash"), "700");
});

test("one that goes after another finds the image there, and sees to its mark: who linked it may have been killed before", (t) => {
  const host = storage(t, "shop");
  t.deepEqual(host.remove(), { codes: [0], stderr: "" });
  const next = storage(t, "blog");
  next.file(`/var/lib/mooring/trash/templates/${BASE}`);
  t.deepEqual(next.remove(), { codes: [0], stderr: "" });
  t.deepEqual([host.done(), next.done()], [LINKED, MARKED]);
  t.true(next.isImmutable());
});

test("where the template's image is in the trash alone, the clone goes there too", (t) => {
  const host = storage(t, "shop");
  host.file(`/var/lib/mooring/trash/templates/${BASE}`);
  rmSync(join(host.root, "var/lib/mooring/templates", BASE));
  host.put("chattr", "echo 'chattr: No such file or directory' >&2; exit 1");
  t.deepEqual(host.remove(), { codes: [0], stderr: "" });
  t.deepEqual(host.list("trash/clones")?.map(nameOf), ["shop.json", "shop.qcow2"]);
});

test("where the image can't be linked it is immutable again all the same, and the clone stays where it is", (t) => {
  const host = storage(t, "shop", "blog");
  host.put("ln", "echo 'ln: No space left on device' >&2; exit 1");
  const { codes, stderr } = host.remove();
  t.deepEqual([codes, stderr], [[1, 1], "ln: No space left on device\n".repeat(2)]);
  t.deepEqual(host.done(), [...LINKED, ...LINKED]);
  t.true(host.isImmutable());
  t.deepEqual(host.list("trash/templates"), []);
  t.deepEqual(host.list("clones"), ["blog.qcow2", "shop.qcow2"]);
  t.deepEqual(host.list("volumes"), ["blog.json", "shop.json"]);
  host.put("ln", LN);
  t.deepEqual(host.remove(), { codes: [0, 0], stderr: "" });
  t.true(host.isImmutable());
});
