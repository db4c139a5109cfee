import test from "ava";
import { mountsFact } from "../../../../provider/facts/mounts.js";
import { fixture } from "../../fixture.js";

test("every mount of a node is read, with source, type and options", (t) => {
  const mounts = mountsFact.parse(fixture("mounts", "node"));
  t.deepEqual(
    mounts.find(({ target }) => target === "/mnt/mooring/yundream"),
    {
      target: "/mnt/mooring/yundream",
      source: "/dev/nbd0",
      fsType: "ext4",
      options: ["rw", "noatime", "mb_optimize_scan=0"],
    },
  );
  const shared = mounts.find(({ target }) => target === "/mnt/mooring/shared");
  t.is(shared?.source, "10.77.0.11:/srv/mooring/shared");
  t.is(shared?.fsType, "nfs4");
  t.true(shared?.options.includes("vers=4.2"));
  t.is(mounts.find(({ target }) => target === "/")?.fsType, "ext4");
});

test("blanks in a path and a source are kept, and what is mounted over is there before what hides it", (t) => {
  const mounts = mountsFact.parse(fixture("mounts", "spaces"));
  t.deepEqual(
    mounts.filter(({ target }) => target.startsWith("/mnt/ut")),
    [
      {
        target: "/mnt/ut dir",
        source: "ut source",
        fsType: "tmpfs",
        options: ["rw", "relatime", "inode64"],
      },
      {
        target: "/mnt/ut-twice",
        source: "ut-first",
        fsType: "tmpfs",
        options: ["rw", "relatime", "size=1024k", "inode64"],
      },
      {
        target: "/mnt/ut-twice",
        source: "ut-second",
        fsType: "tmpfs",
        options: ["ro", "relatime", "size=2048k", "inode64"],
      },
    ],
  );
});

test("output that is cut off or none at all is not taken for a host without mounts", (t) => {
  t.throws(() => mountsFact.parse(""), { instanceOf: SyntaxError });
  t.throws(() => mountsFact.parse(fixture("mounts", "storage").slice(0, 300)), { instanceOf: SyntaxError });
});
