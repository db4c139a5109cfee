import test from "ava";
import { attachedFact } from "../../../../provider/facts/attached.js";
import { fixture } from "../../fixture.js";

test("an attached volume has its device and the bytes of it", (t) => {
  t.deepEqual(
    [...attachedFact.parse(fixture("attached", "node"))],
    [["yundream", { device: "/dev/nbd0", bytes: 2_147_483_648, errors: 0, hasRoom: false }]],
  );
});

test("nothing attached is nothing", (t) => {
  t.is(attachedFact.parse(fixture("attached", "none")).size, 0);
  t.is(attachedFact.parse("\n").size, 0);
});

test("a partition is as large as its disk and has its own errors; a link without a connected device is none; a device of others is none", (t) => {
  const said = `a /dev/nbd10p1
b /dev/nbd1
c /dev/nbd3
d /nowhere
+ /run/mooring/attach-b.room
+ /run/mooring/attach-c.room
= /sys/block/nbd1/pid 2048
= /sys/block/nbd10/pid 4096
= /sys/block/nbd2/pid 8
! /sys/fs/ext4/nbd10p1/errors_count 195
! /sys/fs/ext4/nbd1/errors_count 0
`;
  t.deepEqual(
    [...attachedFact.parse(said)],
    [
      ["a", { device: "/dev/nbd10p1", bytes: 2_097_152, errors: 195, hasRoom: false }],
      ["b", { device: "/dev/nbd1", bytes: 1_048_576, errors: 0, hasRoom: true }],
    ],
  );
});

test("a device that another client has by now is not the volume's that the link belongs to", (t) => {
  const said = `a /dev/nbd1
b /dev/nbd2
= /sys/block/nbd1/pid 2048 77
= /sys/block/nbd2/pid 2048 12
~ /run/mooring/attach-a.task 12
~ /run/mooring/attach-b.task 12
`;
  t.deepEqual([...attachedFact.parse(said).keys()], ["b"]);
});

test("an xfs that has shut down has an error, on a disk or in a partition", (t) => {
  const said = `a /dev/nbd1
b /dev/nbd2p1
c /dev/nbd3
= /sys/block/nbd1/pid 2048 77
= /sys/block/nbd2/pid 2048 78
= /sys/block/nbd3/pid 2048 79
! /sys/fs/xfs/nbd1 1
! /sys/fs/xfs/nbd2p1 1
`;
  t.deepEqual(
    [...attachedFact.parse(said).values()].map(({ errors }) => errors),
    [1, 1, 0],
  );
});
