import test from "ava";
import { Refused } from "../../../../provider/host/errors.js";
import { bytesOfFormat, bytesOfGrowth, requireRoom, warnOfRoom } from "../../../../provider/images/room.js";
import { poolOf } from "../pools.js";

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const clone = (name: string, virtualSize: number, allocated: number) => ({
  path: `/var/lib/mooring/clones/${name}.qcow2`,
  bytes: allocated,
  allocated,
  modified: 1_795_526_190,
  virtualSize,
  backingFile: "../templates/base-0123456789ab.qcow2",
});

test("what fits beside the reserve is let through, to the byte", (t) => {
  const pool = poolOf([], { free: 3 * GIB });
  t.notThrows(() => requireRoom('template "base"', "storage", 2 * GIB, pool));
  t.throws(() => requireRoom('template "base"', "storage", 2 * GIB + 1, pool), {
    instanceOf: Refused,
    message: `no room for template "base" on host "storage": it needs 2 GiB, and 1 GiB stay free for the volumes in use, but of the file system of /var/lib/mooring (/, 100 GiB) 3 GiB are free. Nothing was changed.
Make room there: what was deleted is in /var/lib/mooring/trash, and can be removed. Or make the file system larger.`,
  });
});

test("the reserve is a twentieth of a small file system", (t) => {
  const pool = poolOf([], { size: 160 * MIB, free: 12 * MIB });
  t.notThrows(() => requireRoom('volume "a"', "storage", 4 * MIB, pool));
  t.throws(() => requireRoom('volume "a"', "storage", 5 * MIB, pool), {
    message: /it needs 5 MiB, and 8 MiB stay free .* \(\/, 160 MiB\) 12 MiB are free\./,
  });
});

test("a volume that was just made or grown tells that its host is overcommitted; others do not", (t) => {
  const images = [
    clone("shop", 40 * GIB, GIB),
    clone("yundream", 20 * GIB, 8 * GIB),
    { ...clone("base", 90 * GIB, GIB), path: "/var/lib/mooring/templates/base-0123456789ab.qcow2" },
    { ...clone("gone", 90 * GIB, GIB), path: "/var/lib/mooring/trash/clones/gone-20260102T030405Z.qcow2" },
  ];
  t.deepEqual(warnOfRoom("storage", poolOf(images), true), [
    {
      about: "overcommitted",
      text: 'the storage of host "storage" is overcommitted: its linked clones (2) can still grow by 51 GiB, and 50 GiB are free on their file system (/). When it is full, writes fail in all of them: watch it, and give it space in time.',
    },
  ]);
  t.deepEqual(warnOfRoom("storage", poolOf(images), false), []);
  t.deepEqual(warnOfRoom("storage", poolOf(images, { free: 51 * GIB }), true), []);
});

test("an image that takes more than its disk, as its own tables do, makes no other smaller", (t) => {
  const images = [clone("full", 10 * GIB, 12 * GIB), clone("shop", 50 * GIB, 0)];
  t.deepEqual(warnOfRoom("storage", poolOf(images), true), []);
});

test("a file system that is nearly full is told whenever it is seen", (t) => {
  t.deepEqual(warnOfRoom("storage", poolOf([], { used: 85 * GIB, free: 15 * GIB }), false), []);
  t.deepEqual(warnOfRoom("storage", poolOf([], { used: 86 * GIB, free: 14 * GIB }), false), [
    {
      about: "full",
      text: 'the file system of /var/lib/mooring on host "storage" (/) is more than 85 % full: 14 GiB of 100 GiB are free. When it is full, writes fail in every volume on it. Make room: what was deleted is in /var/lib/mooring/trash, and can be removed. Or make it larger.',
    },
  ]);
});

/** Of `dumpe2fs -h`, "Overhead clusters" in MiB, after the mkfs.ext4 of a template (e2fsprogs 1.47.0). */
const OVERHEAD: [size: number, overhead: number][] = [
  [64 * MIB, 9.3],
  [256 * MIB, 26.1],
  [512 * MIB, 24.8],
  [GIB, 50.6],
  [2 * GIB, 102.1],
  [4 * GIB, 144.3],
  [16 * GIB, 429.1],
  [40 * GIB, 946.8],
  [100 * GIB, 2179.1],
  [1024 * GIB, 17_557.6],
];

test("what formatting takes is known well enough: never much less than mkfs wrote, nor twice as much", (t) => {
  for (const [size, overhead] of OVERHEAD) {
    const estimate = bytesOfFormat(size, "ext4") / MIB;
    t.true(estimate > 0.99 * overhead && estimate < 2 * overhead, `${size / MIB} MiB: ${estimate}`);
  }
  t.is(bytesOfFormat(300 * MIB, "xfs"), 72 * MIB);
  t.is(bytesOfFormat(1024 * GIB, "xfs"), 520 * MIB);
});

test("what growing takes depends on what the file system was made for", (t) => {
  t.is(bytesOfGrowth(512 * MIB, 2 * GIB, 512 * MIB, "ext4"), 32 * MIB);
  t.is(bytesOfGrowth(64 * MIB, 16 * GIB + 64 * MIB, 64 * MIB, "ext4"), 1032 * MIB);
  t.is(bytesOfGrowth(2 * GIB, 2 * GIB, 2 * GIB, "ext4"), 8 * MIB);
  t.is(bytesOfGrowth(2 * GIB, 200 * GIB, 2 * GIB, "xfs"), 8 * MIB);
});
