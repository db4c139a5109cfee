import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { cloneScript, type Stage, stagesOf } from "../../bench/contestants/script-stages.js";
import { wired } from "../../bench/contestants/wiring.js";
import { SOURCES } from "../../bench/sources.js";
import { operations, type VolumeOperation, type VolumeWork, volumesOf } from "../../bench/works.js";

function stages(work: VolumeWork, operation: VolumeOperation, count = 2): Stage[] {
  return stagesOf(work, operation, wired(volumesOf(work, count, operation === "one change"), "seed"));
}

/** Host by host, what is called there and for which volumes. */
function told(work: VolumeWork, operation: VolumeOperation, count?: number): string[][] {
  return stages(work, operation, count).map((stage) =>
    stage.map(({ host, text, input }) => {
      const calls = text
        .trimEnd()
        .split("\n")
        .filter((line) => /^(make|remove|grow|take|release)_\w+$/.test(line));
      const names = input
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" ")[0]);
      return `${host}: ${calls.join(", ")} of ${names.length === 1 ? names[0] : names.length}`;
    }),
  );
}

test("a script is correct shell, in every work and operation", (t) => {
  for (const work of ["nfs", "nbd", "containers", "scale"] as const) {
    for (const operation of operations) {
      for (const { host, text } of stages(work, operation).flat()) {
        const { status, stderr } = spawnSync("sh", ["-n"], { input: text, encoding: "utf8" });
        t.is(status, 0, `${work}, ${operation}, ${host}: ${stderr}`);
      }
    }
  }
});

test("the storage host is first when something is made, and last when it is removed", (t) => {
  t.deepEqual(told("nfs", "create"), [["storage: make_nfs_exports of 2"], ["node-01: make_nfs_mounts of 2"]]);
  t.deepEqual(told("containers", "destroy"), [
    ["node-01: remove_containers, remove_nfs_mounts of 2"],
    ["storage: remove_nfs_exports of 2"],
  ]);
});

test("no change is the same script again, and where nodes have no part there is none for them", (t) => {
  t.deepEqual(stages("scale", "no change"), stages("scale", "create"));
  t.deepEqual(told("scale", "create"), [["storage: make_nfs_exports, make_clones of 2"]]);
});

test("two nodes are worked on at the same time, each with its own volumes", (t) => {
  t.deepEqual(told("nbd", "create", 60), [
    ["storage: make_clones, make_nbd_exports of 60"],
    ["node-01: make_attachments of 50", "node-02: make_attachments of 10"],
  ]);
});

test("for a disk that grows nothing but its own volume is touched", (t) => {
  t.deepEqual(told("nbd", "one change", 60), [
    ["node-01: release_attachments of v0001"],
    ["storage: grow_clones of v0001"],
    ["node-01: take_attachments of v0001"],
  ]);
});

/** Runs a piece of shell after the prelude and another part's functions, on this machine. */
function inShell(part: string, body: string, input: string): string {
  const sources = ["prelude", part].map((name) => `. ${join(SOURCES, "script", `${name}.sh`)}`);
  const script = [...sources, body].join("\n");
  const { stdout, stderr, status } = spawnSync("sh", ["-c", script], { input, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

test("what the tools copy to make a clone is correct shell, and ends with the clone that its arguments name", (t) => {
  const { status, stderr } = spawnSync("sh", ["-n"], { input: cloneScript(), encoding: "utf8" });
  t.is(status, 0, stderr);
  t.regex(cloneScript(), /\nname=\$1\nsize=\$2\nmake_template\nmake_clone\n$/);
});

test("a clone's size is read from its image, many at once", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mooring-sizes-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  spawnSync("mkdir", [join(folder, "clones")]);
  const image = (name: string, mib: number) => {
    // The head of a qcow2 image: the size is at byte 24 (qemu's docs/interop/qcow2.rst).
    const head = Buffer.alloc(104, 0x51);
    head.writeBigUInt64BE(BigInt(mib * 2 ** 20), 24);
    writeFileSync(join(folder, "clones", `${name}.qcow2`), head);
  };
  image("v0001", 192);
  image("v0002", 128);
  const input = "v0001 c 192 32 1 0 k\nv0002 c 128 32 2 1 k\n";
  t.is(inShell("clones", `pool=${folder}\nsizes`, input), "192\n128\n");
});

test("a function gets every volume, also when a command in it reads its input", (t) => {
  const body =
    'one() { cat > /dev/null; echo "$name $client $size $memory $port $device $key"; }\neach one </dev/null';
  const input = "v0001 10.77.0.0/24 128 32 10809 0 k1\nv0002 10.77.0.12 192 48 10810 1 k2\n";
  t.is(inShell("containers", body, input), input);
});

test("only our names are taken from a list", (t) => {
  const body = "printf 'v0001\\nv00010\\nother\\nv0002\\n' | ours\nprintf 'other\\n' | ours";
  t.is(inShell("containers", body, "v0001 x\nv0002 x\n"), "v0001\nv0002\n");
});
