import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { poolFact } from "../../../../provider/facts/pool.js";
import { fixture } from "../../fixture.js";

const TEMPLATE = "/var/lib/mooring/templates/base-914eb934ff2a.qcow2";
const CLONE = "/var/lib/mooring/clones/yundream.qcow2";

const recorded = fixture("pool", "storage");
const [df = "", list = "", encoded = ""] = recorded.split("\n\n");
const headers = Buffer.from(encoded, "base64");
const ofTemplate = headers.subarray(headers.indexOf("QFI"), headers.indexOf("QFI") + 1024);
const ofClone = headers.subarray(-1024);

/** As `head -v` prints it. */
const titled = (path: string, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`==> ${path} <==\n`), content, Buffer.from("\n")]);

test("images are read from their headers, with and without a backing file", (t) => {
  t.deepEqual(poolFact.parse(recorded).images, [
    {
      path: TEMPLATE,
      bytes: 26_017_792,
      allocated: 26_017_792,
      modified: 1_795_525_970,
      virtualSize: 536_870_912,
      backingFile: undefined,
    },
    {
      path: CLONE,
      bytes: 27_197_440,
      allocated: 27_197_440,
      modified: 1_795_526_190,
      virtualSize: 2_147_483_648,
      backingFile: "../templates/base-914eb934ff2a.qcow2",
    },
  ]);
});

test("a template is immutable or not, as lsattr says, and other images say nothing", (t) => {
  const immutable = (attributes: string) =>
    poolFact.parse(`${recorded.trimEnd()}\n\n${attributes}`).images.map((image) => image.immutable);
  t.deepEqual(immutable(`----i---------e------- ${TEMPLATE}\n`), [true, undefined]);
  t.deepEqual(immutable(`--------------e------- ${TEMPLATE}\n`), [false, undefined]);
  t.deepEqual(immutable(""), [undefined, undefined]);
});

test("a storage host without images has none, and the room for them is known", (t) => {
  t.deepEqual(poolFact.parse(`${df}\n\n`), {
    fileSystem: { at: "/", size: 270_553_174_016, used: 21_188_960_256, free: 76_604_334_080 },
    images: [],
  });
});

test("a file that is cut short or is no image has no disk in it, and the images after it are read right", (t) => {
  const broken: [name: string, content: Buffer][] = [
    ["empty", Buffer.alloc(0)],
    ["magic", Buffer.from("QFI\u00fb", "latin1")],
    ["short", ofTemplate.subarray(0, 31)],
    ["text", Buffer.from("no image at all")],
    ["zeros", Buffer.alloc(1024)],
  ];
  for (const [name, content] of broken) {
    const path = `/var/lib/mooring/clones/${name}.qcow2`;
    const said = [`${path}|${content.length}|7|8`, ...list.split("\n")].join("\n");
    const { images } = poolFact.parse(
      `${df}\n\n${said}\n\n${Buffer.concat([titled(path, content), headers]).toString("base64")}`,
    );
    t.deepEqual(
      images[0],
      { path, bytes: content.length, allocated: 4096, modified: 7, virtualSize: 0, backingFile: undefined },
      name,
    );
    t.deepEqual(images.slice(1), poolFact.parse(recorded).images, name);
  }
});

test("a backing file whose name is past what was read is not cut to another name", (t) => {
  const header = Buffer.from(ofClone);
  header.writeBigUInt64BE(60_000n, 8);
  const said = `${df}\n\n${CLONE}|27197440|7|8\n\n${titled(CLONE, header).toString("base64")}`;
  t.throws(() => poolFact.parse(said), { message: /clones\/yundream\.qcow2/ });
});

test("an image that was removed after it was listed is not there", (t) => {
  const [, clone] = poolFact.parse(recorded).images;
  const said = `${df}\n\n${list}\n\n${titled(CLONE, ofClone).toString("base64")}`;
  t.deepEqual(poolFact.parse(said).images, clone ? [clone] : []);
});

test("on this machine: images with what they take, holes not counted, and the room beside them", (t) => {
  const pool = mkdtempSync(join(tmpdir(), "mooring-pool-"));
  t.teardown(() => rmSync(pool, { recursive: true }));
  const read = () => {
    const script = poolFact.command.text.replaceAll("/var/lib/mooring", pool);
    return poolFact.parse(spawnSync("/bin/sh", ["-c", script], { encoding: "utf8" }).stdout);
  };
  t.deepEqual(read().images, []);
  t.true(read().fileSystem.size > 0);
  mkdirSync(join(pool, "clones"));
  const image = join(pool, "clones", "a.qcow2");
  writeFileSync(image, ofClone);
  truncateSync(image, 2 ** 26);
  const [found] = read().images;
  t.deepEqual([found?.path, found?.bytes, found?.virtualSize], [image, 67_108_864, 2_147_483_648]);
  t.true(found !== undefined && found.allocated >= 1024 && found.allocated < 65_536);
  t.is(found?.immutable, undefined);
  mkdirSync(join(pool, "templates"));
  writeFileSync(join(pool, "templates", "b.qcow2"), ofTemplate);
  t.deepEqual(
    read().images.map(({ path, immutable }) => [path, immutable]),
    [
      [join(pool, "templates", "b.qcow2"), false],
      [image, undefined],
    ],
  );
});
