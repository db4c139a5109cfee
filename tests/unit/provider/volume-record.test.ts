import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { Refused } from "../../../provider/host/errors.js";
import { commandOf, type Step } from "../../../provider/host/steps.js";
import { makeRecord } from "../../../provider/nfs/record.js";
import { compareRecord, readVolumeRecord, recordText, writeRecord } from "../../../provider/volume-record.js";

/** A storage host's records, in a directory of this machine. */
function records(t: ExecutionContext) {
  const directory = mkdtempSync(join(tmpdir(), "mooring-records-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const volumes = join(directory, "volumes");
  mkdirSync(volumes);
  const file = join(volumes, "a.json");
  return {
    file,
    run(...steps: Step[]) {
      const script = steps.map((step) => commandOf(step).text).join("\n");
      const input = `set -eu\n${script.replaceAll("/var/lib/mooring", directory)}\n`;
      const { status, stderr } = spawnSync("/bin/sh", { input, encoding: "utf8" });
      return { status, stderr };
    },
  };
}

const free = { owner: "urn:x", kind: "nfs", path: "/srv/a", fsid: "f", epoch: 1 } as const;
const taken = { ...free, epoch: 2, holder: { owner: "urn:y", node: "node-01", address: "10.0.0.1" } };
const others = { ...free, epoch: 2, holder: { owner: "urn:z", node: "node-02", address: "10.0.0.2" } };

test("a change of a record can be done again, and nothing else can be in its place", (t) => {
  const { file, run } = records(t);
  writeFileSync(file, recordText(free));
  const steps = [compareRecord("a", free, taken), writeRecord("a", taken)];
  for (const _ of ["at first", "again"]) t.is(run(...steps).status, 0);
  t.is(readFileSync(file, "utf8"), recordText(taken));
  writeFileSync(file, recordText(others));
  const { status, stderr } = run(...steps);
  t.is(status, 1);
  t.regex(stderr, /another program took the volume meanwhile; its record is now: \{.*"node-02"/);
  t.is(readFileSync(file, "utf8"), recordText(others));
  rmSync(file);
  t.is(run(...steps).status, 1);
});

test("a record that somebody saved without its last newline is the same", (t) => {
  const { file, run } = records(t);
  writeFileSync(file, recordText(free).trimEnd());
  t.is(run(compareRecord("a", free)).status, 0);
});

test("a record can be made again, and is not made in the place of another", (t) => {
  const { file, run } = records(t);
  for (const _ of ["at first", "again"]) t.is(run(...makeRecord("a", free)).status, 0);
  t.is(readFileSync(file, "utf8"), recordText(free));
  writeFileSync(file, recordText(others));
  const { status, stderr } = run(...makeRecord("a", free));
  t.deepEqual([status, /another program made a volume of that name/.test(stderr)], [1, true]);
});

const block = {
  owner: "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::My shop",
  template: "base",
  fsType: "xfs",
  fsUuid: "d15c02ab-c949-4451-a9b8-cef990c39494",
  partitioned: true,
  epoch: 0,
};
const read = (content: string) =>
  readVolumeRecord(new Map([["/var/lib/mooring/volumes/a.json", `${content}\n`]]), "a", "storage");

test("a block volume's record is read as it is, with what a newer release put there", (t) => {
  const holder = { owner: "urn:y", node: "node-01", address: "10.0.0.1", later: 1 };
  const others = [{ growing: true, mmp: false }, { later: [1] }, { fsType: "ext4", epoch: 2 ** 31 }];
  for (const more of [{}, ...others, { owner: "" }, { holder }])
    t.deepEqual(read(JSON.stringify({ ...block, ...more })) as object, { ...block, ...more });
});

test("what would get into nodes' scripts and is not what it is there for, or no owner, makes a record a damaged one", (t) => {
  const others = [
    { fsType: "btrfs" },
    { fsType: "ext4; reboot" },
    { fsUuid: "$(reboot)" },
    { fsUuid: `${block.fsUuid}'` },
    { fsUuid: `${block.fsUuid}\n` },
    { partitioned: "true" },
    { epoch: "3" },
    { epoch: -1 },
    { epoch: 1.5 },
    { owner: 3 },
    { holder: null },
    { holder: "node-01" },
    { holder: { owner: "urn:y" } },
    { holder: { node: "node-01" } },
    { holder: { owner: "urn:y", node: ["node-01"] } },
    ...["fsType", "fsUuid", "partitioned", "epoch", "owner"].map((name) => ({ [name]: undefined })),
  ];
  const damaged = [...others.map((other) => JSON.stringify({ ...block, ...other })), "null", "[]", "3", "{"];
  for (const content of damaged) {
    t.throws(
      () => read(content),
      {
        instanceOf: Refused,
        message: `the record of volume "a" on host "storage" is damaged (/var/lib/mooring/volumes/a.json); nothing was changed. Its content is: ${`${content}\n`.slice(0, 200)}`,
      },
      content,
    );
  }
});
