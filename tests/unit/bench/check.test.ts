import test from "ava";
import { differences, expected, normalised } from "../../bench/check.js";
import { volumesOf } from "../../bench/works.js";

const MIB = 1024 * 1024;

test("what a work wants is a line for each part of each volume", (t) => {
  t.deepEqual(expected("containers", volumesOf("containers", 1, true)), [
    "storage export /srv/mooring/v0001 10.77.0.0/24",
    "node-01 nfs-mount v0001 10.77.0.11:/srv/mooring/v0001",
    `node-01 container v0001 ${48 * MIB} /mnt/mooring/v0001/data`,
  ]);
  t.deepEqual(expected("nbd", volumesOf("nbd", 1, true)), [
    `storage clone v0001 ${192 * MIB}`,
    "storage server v0001",
    `node-01 attached v0001 ${192 * MIB}, its file system as large`,
  ]);
  t.deepEqual(expected("nfs", []), []);
});

test("what a host says is brought to the same form", (t) => {
  const said = `export /srv/mooring/v0001 10.77.0.0/24
clone v0001            134217728
container /v0001 33554432 /mnt/mooring/v0001/data
attached v0001 134217728 uuid-1 121634816
attached v0002 201326592 uuid-2 121634816
attached v0003 134217728 uuid-1 121634816
`;
  t.deepEqual(normalised(said), [
    "export /srv/mooring/v0001 10.77.0.0/24",
    "clone v0001 134217728",
    "container v0001 33554432 /mnt/mooring/v0001/data",
    "attached v0001 134217728, its file system as large",
    "attached v0002 201326592, its file system smaller",
    "attached v0003 134217728, its UUID is another's",
  ]);
});

test("both what is missing and what is there too much is wrong", (t) => {
  t.deepEqual(differences(["a", "b"], ["b", "c"]), ["missing: a", "too much: c"]);
  t.deepEqual(differences(["a"], ["a"]), []);
});
