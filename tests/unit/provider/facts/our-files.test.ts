import test from "ava";
import { ourFilesFact } from "../../../../provider/facts/our-files.js";
import { Refused } from "../../../../provider/host/errors.js";
import { readTemplateRecord } from "../../../../provider/images/template-making.js";
import { ownerIn } from "../../../../provider/ownership.js";
import { readVolumeRecord } from "../../../../provider/volume-record.js";
import { fixture } from "../../fixture.js";

test("the files of a storage host are read whole, each under its path", (t) => {
  const files = ourFilesFact.parse(fixture("our-files", "storage"));
  t.deepEqual([...files.keys()].sort(), [
    "/etc/exports.d/mooring-shared.exports",
    "/etc/systemd/system/mooring-export-yundream.service",
    "/var/lib/mooring/templates/base.json",
    "/var/lib/mooring/volumes/yundream.env",
    "/var/lib/mooring/volumes/yundream.json",
  ]);
  t.is(
    files.get("/etc/exports.d/mooring-shared.exports"),
    `# Made by Mooring; changes by hand are drift.
# Owner: urn:pulumi:dev::p1::pulumi-nodejs:dynamic/mooring:NfsExport::shared
/srv/mooring/shared 10.77.0.0/24(no_root_squash,no_subtree_check,rw,sync,fsid=af51811e-2d49-53f6-8d6e-c61d0595249b)
`,
  );
  t.is(files.get("/var/lib/mooring/volumes/yundream.env"), "MOORING_PORT=10809\nMOORING_EPOCH=3\n");
  t.deepEqual(readVolumeRecord(files, "yundream", "storage")?.holder, {
    owner: "urn:pulumi:dev::p1::pulumi-nodejs:dynamic/mooring:NbdAttachment::yundream",
    node: "node-02",
  });
});

test("the units of exports are read, services and sockets; key files are not", (t) => {
  t.regex(
    ourFilesFact.command.text,
    / \/etc\/systemd\/system\/mooring-\*\.service \/etc\/systemd\/system\/mooring-\*\.socket /,
  );
  t.notRegex(ourFilesFact.command.text, /psk|keys/);
});

test("empty lines, backslashes in a name and a script are kept", (t) => {
  const files = ourFilesFact.parse(fixture("our-files", "node"));
  const script = files.get("/var/lib/mooring/attachments/yundream.sh") ?? "";
  t.regex(script, /^#!\/bin\/sh\n# Made by Mooring/);
  t.regex(script, /\n\nattach\(\) \{\n/);
  t.regex(script, /\nesac\n$/);
  t.is(ownerIn(script), "urn:pulumi:dev::p1::pulumi-nodejs:dynamic/mooring:NbdAttachment::yundream");
  t.deepEqual(
    [...ourFilesFact.parse("/etc/systemd/system/a\\x2db.mount\0[Mount]\n")],
    [["/etc/systemd/system/a\\x2db.mount", "[Mount]\n"]],
  );
});

test("a host without files of ours has none", (t) => {
  t.is(ourFilesFact.parse("").size, 0);
});

test("a NUL in a file's own text does not make another file of it", (t) => {
  t.deepEqual(
    [...ourFilesFact.parse("/a\0one\0two\n/b\0\n")],
    [
      ["/a", "one\0two\n"],
      ["/b", "\n"],
    ],
  );
});

test("a record that is damaged is an error that names it, not a volume that is not there", (t) => {
  const files = new Map([["/var/lib/mooring/volumes/a.json", '{"owner":']]);
  t.throws(() => readVolumeRecord(files, "a", "storage"), {
    message:
      'the record of volume "a" on host "storage" is damaged (/var/lib/mooring/volumes/a.json); nothing was changed. Its content is: {"owner":',
  });
  t.is(readVolumeRecord(files, "b", "storage"), undefined);
});

test("so is a template's", (t) => {
  const files = new Map([["/var/lib/mooring/templates/a.json", '{"owner":']]);
  t.throws(() => readTemplateRecord(files, "a", "storage"), {
    instanceOf: Refused,
    message:
      'the record of template "a" on host "storage" is damaged (/var/lib/mooring/templates/a.json); nothing was changed. Its content is: {"owner":',
  });
  t.is(readTemplateRecord(files, "b", "storage"), undefined);
  const known = ourFilesFact.parse(fixture("our-files", "storage"));
  t.is(readTemplateRecord(known, "base", "storage")?.file, "base-914eb934ff2a.qcow2");
});

test("a template's record has the form that it was made with: its file is a name beside it, and nothing is missing", (t) => {
  const record = {
    owner: "urn:pulumi:dev::p1::pulumi-nodejs:dynamic/mooring:Qcow2Template::My base",
    file: "a-914eb934ff2a.qcow2",
    sha256: "914eb934ff2a".padEnd(64, "0"),
    size: 2 ** 31,
    fsType: "xfs",
    partitioned: true,
    bytes: 26_017_792,
    modified: 1_795_525_970,
  };
  const read = (more: object) => {
    const text = `${JSON.stringify({ ...record, ...more })}\n`;
    return readTemplateRecord(new Map([["/var/lib/mooring/templates/a.json", text]]), "a", "storage");
  };
  for (const more of [{}, { owner: "" }, { fsType: "ext4", partitioned: false }])
    t.deepEqual(read(more) as object, { ...record, ...more });
  for (const more of [
    { file: "../clones/yundream.qcow2" },
    { file: "/srv/a.qcow2" },
    { file: "a b.qcow2" },
    { file: "$(reboot).qcow2" },
    { file: "a.qcow2\n" },
    { file: "a.raw" },
    { file: ".qcow2" },
    { size: -1 },
    { size: "2GiB" },
    { fsType: "btrfs" },
    { partitioned: "true" },
    { bytes: 1.5 },
    ...Object.keys(record).map((name) => ({ [name]: undefined })),
  ]) {
    const said = {
      instanceOf: Refused,
      message: /^the record of template "a" on host "storage" is damaged /,
    };
    t.throws(() => read(more), said, JSON.stringify(more));
  }
});
