import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { commandOf, type Step } from "../../../provider/host/steps.js";
import { makeRecord } from "../../../provider/nfs-record.js";
import { compareRecord, recordText, writeRecord } from "../../../provider/volume-record.js";

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
