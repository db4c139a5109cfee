import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { commandOf, type Step } from "../../../../provider/host/steps.js";
import { makeClone } from "../../../../provider/images/clone-making.js";
import { makeBlank, makeFromImage } from "../../../../provider/images/template-making.js";
import { linkedClone } from "../../../../provider/resources/linked-clone.js";
import { readVolumeRecord, recordText } from "../../../../provider/volume-record.js";
import { fakeNode } from "../../fake-node.js";
import { isFree, until } from "../../until.js";
import { inputsOf } from "../plans.js";
import { poolOf } from "../pools.js";

/** An image is a text here, long enough to have something where qcow2 has the size of its disk. */
const IMAGE = "not qcow2, and long enough for its header";
const SUM = createHash("sha256").update(IMAGE).digest("hex");

/** The scripts themselves, on a pool of the test. */
function storage(t: ExecutionContext) {
  const node = fakeNode(t, { devices: 1 });
  const pool = join(node.root, "pool");
  node.put(
    "qemu-nbd",
    `for arg; do case $arg in
--connect=*) echo 1 > "$root/sys/\${arg##*/}/pid"; echo 8 > "$root/sys/\${arg##*/}/size" ;;
--pid-file=*) echo 4194305 > "\${arg#*=}" ;;
esac; done
[ "$1" != --disconnect ] || rm -f "$root/sys/\${2##*/}/pid"`,
  );
  node.put("udevadm", "");
  node.put("blockdev", "echo 1");
  node.put("chattr", "");
  for (const tool of ["mkfs.ext4", "e2fsck", "resize2fs", "tune2fs"]) node.put(tool, "");
  node.put("blkid", `case $3 in PTTYPE) exit 2;; TYPE) echo ext4;; esac`);
  node.put(
    "qemu-img",
    `case $1 in convert) cp "$4" "$5";; create) while [ $# -gt 2 ]; do shift; done; printf %s '${IMAGE}' > "$1";; esac`,
  );
  writeFileSync(join(node.root, "source"), IMAGE);
  return {
    ...node,
    source: join(node.root, "source"),
    inPool: (path: string) => join(pool, path),
    /** What is in a directory of the pool; `undefined`: there is none. */
    list: (path = "") => (existsSync(join(pool, path)) ? readdirSync(join(pool, path)).sort() : undefined),
    apply(steps: readonly Step[]) {
      const script = steps.map((step) => commandOf(step).text.replaceAll("/var/lib/mooring", pool));
      // The devices here are plain files.
      return node.run(`set -eu\nlock_wait=0.2\n${script.join("\n").replaceAll("[ -b ", "[ -e ")}`);
    },
  };
}

const wanted = { name: "base", owner: "urn:base", host: { name: "storage" } };
const file = `base-${SUM.slice(0, 12)}.qcow2`;

test("an image becomes a template: its file is named by its content, and its record tells what it is", (t) => {
  const host = storage(t);
  t.deepEqual(host.apply(makeFromImage(wanted, { path: host.source, sha256: SUM })), {
    status: 0,
    stdout: "",
    stderr: "",
  });
  t.deepEqual(host.list("templates"), [file, "base.json"]);
  const { modified, size, ...record } = JSON.parse(readFileSync(host.inPool("templates/base.json"), "utf8"));
  t.true(Number.isInteger(modified) && Number.isInteger(size));
  t.deepEqual(record, {
    owner: "urn:base",
    file,
    sha256: SUM,
    fsType: "ext4",
    partitioned: false,
    bytes: IMAGE.length,
  });
});

test("a device of the storage host itself is nobody else's until its server has ended, which removes its socket last", (t) => {
  const host = storage(t);
  const look = `flock -n "$root/run/nbd0.lock" true && echo "$0 free" >> "$root/seen" || echo "\${0##*/} held" >> "$root/seen"`;
  host.put("mkfs.ext4", look);
  // The server takes its time to end.
  const connect = readFileSync(join(host.root, "bin/qemu-nbd"), "utf8").replace("rm -f", ":");
  writeFileSync(join(host.root, "bin/qemu-nbd"), connect);
  host.put("sleep", `${look}\nrm -f "$root/sys/nbd0/pid"`);
  t.is(host.apply([makeBlank({ ...wanted, size: "64MiB" })]).status, 0);
  t.is(readFileSync(join(host.root, "seen"), "utf8"), "mkfs.ext4 held\nsleep held\n");
  t.true(isFree(join(host.root, "run/nbd0.lock")));
});

test("a blank one too; made again where its file was retained, that one stays as it is", (t) => {
  const host = storage(t);
  const blank = makeBlank({ ...wanted, size: "64MiB", fsType: "ext4" });
  t.is(host.apply([blank]).status, 0);
  const record = readFileSync(host.inPool("templates/base.json"), "utf8");
  writeFileSync(host.inPool("templates/base.json"), "");
  t.is(host.apply([blank]).status, 0);
  t.is(readFileSync(host.inPool("templates/base.json"), "utf8"), record);
  t.deepEqual(host.list("templates"), [file, "base.json"]);
  t.true((JSON.parse(record) as { blank?: unknown }).blank);
});

test("another checksum than was said is an error with both, and nothing was made", (t) => {
  const host = storage(t);
  const { status, stderr } = host.apply(
    makeFromImage(wanted, { path: host.source, sha256: "ab".repeat(32) }),
  );
  t.is(status, 1);
  t.is(
    stderr,
    `image.sha256: the file has ${SUM}, expected '${"ab".repeat(32)}'. Nothing was made: bring the right file, or give its own sha256.\n`,
  );
  t.is(host.list(), undefined);
});

test("whatever fails while it is made, nothing is left of it", (t) => {
  const failures: [tool: string, body: string, said: string][] = [
    [
      "blkid",
      "case $3 in PTTYPE) exit 2;; TYPE) echo ntfs;; esac",
      "the image holds ntfs; ext4 and xfs are supported\n",
    ],
    ["qemu-img", 'echo "no space" >&2; exit 1', "no space\n"],
    ["chattr", 'echo "not supported" >&2; exit 1', "not supported\n"],
  ];
  for (const [tool, body, said] of failures) {
    const host = storage(t);
    host.put(tool, body);
    const made = host.apply(makeFromImage(wanted, { path: host.source, sha256: SUM }));
    t.deepEqual(made, { status: 1, stdout: "", stderr: said }, tool);
    t.is(host.list(), undefined, tool);
  }
});

const template = {
  owner: "urn:base",
  file,
  sha256: SUM,
  size: 2 ** 26,
  fsType: "ext4" as const,
  partitioned: false,
  bytes: IMAGE.length,
  modified: 7,
};
const clone = { name: "yundream", owner: "urn:yundream", template: "base", mmp: true };

function storageWithTemplate(t: ExecutionContext) {
  const host = storage(t);
  mkdirSync(host.inPool("templates"), { recursive: true });
  writeFileSync(host.inPool(`templates/${file}`), IMAGE);
  return host;
}

test("a clone has its record before its name", (t) => {
  const host = storageWithTemplate(t);
  t.deepEqual(host.apply([makeClone(clone, template, 2 ** 26)]), { status: 0, stdout: "", stderr: "" });
  t.deepEqual(host.list("clones"), ["yundream.qcow2"]);
  const { fsUuid, ...record } = JSON.parse(readFileSync(host.inPool("volumes/yundream.json"), "utf8"));
  t.regex(fsUuid, /^[0-9a-f-]{36}$/);
  t.deepEqual(record, {
    owner: "urn:yundream",
    template: "base",
    fsType: "ext4",
    partitioned: false,
    mmp: true,
    epoch: 0,
  });
});

test("a clone that fails leaves neither image nor record, and an image that is there stays", (t) => {
  const failing = storageWithTemplate(t);
  failing.put("e2fsck", "echo bad; exit 4");
  t.deepEqual(failing.apply([makeClone(clone, template, 2 ** 26)]), {
    status: 1,
    stdout: "",
    stderr: "bad\n",
  });
  t.deepEqual(failing.list(), ["templates"]);

  const taken = storageWithTemplate(t);
  mkdirSync(taken.inPool("clones"));
  writeFileSync(taken.inPool("clones/yundream.qcow2"), "another's data");
  t.is(taken.apply([makeClone(clone, template, 2 ** 26)]).status, 1);
  t.deepEqual([taken.list("clones"), taken.list("volumes")], [["yundream.qcow2"], []]);
  t.is(readFileSync(taken.inPool("clones/yundream.qcow2"), "utf8"), "another's data");
});

test("the template's lock is shared while the clone begins to name it, and no longer", async (t) => {
  const host = storageWithTemplate(t);
  const lock = join(host.root, "run/template-base.lock");
  const locked = `! flock -n ${lock} true || { echo "not locked" >&2; exit 1; }`;
  host.put("qemu-img", `[ "$1" != create ] || { ${locked}; echo image > "$9"; }`);
  host.put("e2fsck", `flock -n ${lock} true || { echo "still locked"; exit 4; }`);
  t.deepEqual(host.apply([makeClone(clone, template, 2 ** 26)]), { status: 0, stdout: "", stderr: "" });

  const other = spawn("/bin/sh", ["-c", 'exec flock -s "$0" cat', lock]);
  t.teardown(() => other.stdin.end());
  await until(() => !isFree(lock));
  host.put("e2fsck", "");
  t.is(host.apply([makeClone({ ...clone, name: "shop" }, template, 2 ** 26)]).status, 0);
  t.deepEqual(host.list("clones"), ["shop.qcow2", "yundream.qcow2"]);
});

test("a clone is not begun while its template is being removed, nor when it is gone", async (t) => {
  const host = storageWithTemplate(t);
  const lock = join(host.root, "run/template-base.lock");
  writeFileSync(lock, "Qcow2Template base\n");
  const remover = spawn("/bin/sh", ["-c", 'exec flock "$0" cat', lock]);
  t.teardown(() => remover.stdin.end());
  await until(() => !isFree(lock));
  t.deepEqual(host.apply([makeClone(clone, template, 2 ** 26)]), {
    status: 1,
    stdout: "",
    stderr: "another program holds '/run/template-base.lock': Qcow2Template base\n",
  });
  t.deepEqual(host.list(), ["templates"]);
  remover.stdin.end();
  await until(() => isFree(lock));
  rmSync(host.inPool(`templates/${file}`));
  t.deepEqual(host.apply([makeClone(clone, template, 2 ** 26)]), {
    status: 1,
    stdout: "",
    stderr: `the template's image '${file}' is gone\n`,
  });
  t.deepEqual(host.list("clones"), undefined);
});

test("a growth that ends between the disk and its partition is in the record until it went on", (t) => {
  const host = storageWithTemplate(t);
  host.put("systemctl", "echo inactive; exit 3");
  writeFileSync(join(host.root, "dev/nbd0p1"), "");
  for (const directory of ["clones", "volumes"]) mkdirSync(host.inPool(directory));
  const [image, kept] = ["/var/lib/mooring/clones/yundream.qcow2", host.inPool("volumes/yundream.json")];
  const record = {
    owner: "urn:x",
    template: "base",
    fsType: "ext4",
    fsUuid: "d15c02ab-c949-4451-a9b8-cef990c39494",
    partitioned: true,
    epoch: 3,
  };
  writeFileSync(kept, recordText(record));
  const wanted = inputsOf(linkedClone, { name: "yundream", template: "base", size: "128MiB" });
  const plan = (virtualSize: number) => {
    const files = new Map([["/var/lib/mooring/volumes/yundream.json", readFileSync(kept, "utf8")]]);
    const found = { path: image, bytes: 1, allocated: 1, modified: 7, virtualSize, backingFile: undefined };
    const pool = poolOf([found]);
    const seen = { template, record: readVolumeRecord(files, "yundream", "storage"), image: found, pool };
    return linkedClone.plan(wanted, seen, wanted);
  };

  host.put("sfdisk", 'echo "no such device" >&2; exit 1');
  t.is(host.apply(plan(2 ** 26)).status, 1);
  t.deepEqual(JSON.parse(readFileSync(kept, "utf8")), { ...record, growing: 2 ** 26 });
  host.put("sfdisk", "");
  t.is(host.apply(plan(2 ** 27)).status, 0);
  t.deepEqual(JSON.parse(readFileSync(kept, "utf8")), record);
  t.deepEqual(plan(2 ** 27), []);
});
