import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { wired } from "../../bench/contestants/wiring.js";
import { SOURCES } from "../../bench/sources.js";
import { mostOf, type Part, partsOf, volumesOf } from "../../bench/works.js";

test("the one change is one property of the first volume, in every work", (t) => {
  for (const work of ["nfs", "nbd", "containers", "scale"] as const) {
    const [before, after] = [volumesOf(work, 3, false), volumesOf(work, 3, true)];
    t.deepEqual(before.slice(1), after.slice(1), work);
    const [was, is] = [before[0], after[0]].map((volume) => Object.entries(volume ?? {}).map(String));
    t.is(is?.filter((entry) => !was?.includes(entry)).length, 1, work);
  }
});

test("a thousand volumes have names of the same length, none twice", (t) => {
  const names = volumesOf("scale", 1000, false).map(({ name }) => name);
  t.is(new Set(names).size, 1000);
  t.deepEqual([names.at(0), names.at(-1)], ["v0001", "v1000"]);
});

test("block volumes are spread over the nodes when one has no devices left", (t) => {
  const on = (node: string, count: number) =>
    volumesOf("nbd", count, false).filter((volume) => volume.node === node).length;
  t.deepEqual([on("node-01", 10), on("node-02", 10)], [10, 0]);
  t.deepEqual([on("node-01", 100), on("node-02", 100)], [50, 50]);
  t.is(mostOf("nbd"), 100);
  t.true(volumesOf("nfs", 100, false).every(({ node }) => node === "node-01"));
});

test("each block volume has a port of its own, a device of its own on its node, and a key of its own", (t) => {
  const volumes = wired(volumesOf("nbd", 100, false), "seed");
  const different = (of: (volume: (typeof volumes)[number]) => unknown) => new Set(volumes.map(of)).size;
  t.is(
    different(({ port }) => port),
    100,
  );
  t.is(
    different(({ node, device }) => `${node} ${device}`),
    100,
  );
  t.is(
    different(({ key }) => key),
    100,
  );
  t.true(Math.max(...volumes.map(({ device }) => device)) < 64);
  t.true(volumes.every(({ key }) => /^[0-9a-f]{64}$/.test(key)));
  t.not(wired(volumesOf("nbd", 1, false), "another")[0]?.key, volumes[0]?.key);
});

test("whatever a work consists of, every contestant that takes part has a file for it", (t) => {
  const parts = new Set<Part>((["nfs", "nbd", "containers"] as const).flatMap((work) => partsOf[work]));
  for (const part of [...parts, ...partsOf.scale]) {
    const script = readFileSync(join(SOURCES, "script", `${part}.sh`), "utf8");
    const name = part.replaceAll("-", "_");
    t.regex(script, new RegExp(`^make_${name}\\(\\) {$`, "m"));
    t.regex(script, new RegExp(`^remove_${name}\\(\\) {$`, "m"));
    t.true(existsSync(join(SOURCES, "pyinfra", `${part}.py`)), `pyinfra, ${part}`);
    t.true(existsSync(join(SOURCES, "ansible", `${part}.yml`)), `Ansible, ${part}`);
  }
});
