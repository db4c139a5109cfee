import test, { type ExecutionContext } from "ava";
import { unitsFact } from "../../../../provider/facts/units.js";
import { fakeNode } from "../../fake-node.js";
import { fixture } from "../../fixture.js";

const running = { active: "active", enabled: true, needsReload: false };

test("the units of a node and of a storage host are read", (t) => {
  t.deepEqual(
    [...unitsFact.parse(fixture("units", "node"))],
    [
      ["mooring-attach-yundream.service", running],
      ["mnt-mooring-shared.mount", running],
      ["mnt-mooring-yundream.mount", running],
    ],
  );
  t.deepEqual(
    [...unitsFact.parse(fixture("units", "storage"))],
    [["mooring-export-yundream.service", running]],
  );
});

test("failed, starting, stopped, changed and unloadable units are told apart", (t) => {
  const units = unitsFact.parse(fixture("units", "states"));
  t.deepEqual(Object.fromEntries(units), {
    "mooring-container-dk-one.service": { active: "activating", enabled: true, needsReload: false },
    "mooring-ut-bad.service": { active: "inactive", enabled: false, needsReload: false },
    "mooring-ut-failed.service": { active: "failed", enabled: true, needsReload: false },
    "mooring-ut-static.service": { active: "active", enabled: false, needsReload: true },
    "mnt-mooring-dk\\x2dx.mount": running,
    "mnt-ut.mount": { active: "inactive", enabled: false, needsReload: false },
  });
});

test("a socket is one of ours as its service is, and has an activation of its own", (t) => {
  const said = `file mooring-export-yundream.service
file mooring-export-yundream.socket
wanted mooring-export-yundream.socket
mooring-export-yundream.service loaded inactive dead    Mooring: data volume yundream
mooring-export-yundream.socket  loaded active   running Mooring: data volume yundream
`;
  t.deepEqual(
    [...unitsFact.parse(said)],
    [
      ["mooring-export-yundream.service", { active: "inactive", enabled: false, needsReload: false }],
      ["mooring-export-yundream.socket", running],
    ],
  );
});

test("a host without units of ours has none", (t) => {
  t.is(unitsFact.parse("").size, 0);
  t.is(unitsFact.parse("-.mount loaded active mounted Root Mount\n").size, 0);
});

test("what systemd has not loaded does not run", (t) => {
  t.deepEqual(unitsFact.parse("file mnt-a.mount\nwanted mnt-a.mount\n").get("mnt-a.mount"), {
    active: "inactive",
    enabled: true,
    needsReload: false,
  });
});

const OLD = new Date("2026-01-01T00:00:00Z");
const NEW = new Date("2026-01-02T00:00:00Z");

/** A node with these unit files, as old as they are said to be. */
function nodeWith(t: ExecutionContext, files: Record<string, Date>) {
  const node = fakeNode(t, { devices: 0 });
  for (const [file, modified] of Object.entries(files)) node.file(file, modified);
  node.put(
    "systemctl",
    `[ "$1" != show ] || printf 'Id=%s\\nNeedDaemonReload=yes\\n' "$5"
[ "$1" != list-units ] || echo "mooring-a.service loaded active running a"`,
  );
  return node;
}

test("systemd is asked only of units whose file is not older than its last reading", (t) => {
  const files = {
    "/etc/systemd/system/mooring-a.service": OLD,
    "/etc/systemd/system/mnt-b\\x2dc.mount": OLD,
    "/etc/systemd/system/mooring-d.socket": NEW,
  };
  const asked = (read: Record<string, Date>): string[] => {
    const node = nodeWith(t, { ...files, ...read });
    t.is(node.run(unitsFact.command.text).status, 0);
    return node.log().filter((line) => line.startsWith("systemctl show"));
  };
  const show = "systemctl show -p Id,NeedDaemonReload --";
  t.deepEqual(asked({}), [`${show} mooring-a.service mooring-d.socket mnt-b\\x2dc.mount`]);
  t.deepEqual(asked({ "/run/mooring/units-read": OLD }), asked({}), "as old is not newer");
  const between = new Date("2026-01-01T12:00:00Z");
  t.deepEqual(asked({ "/run/mooring/units-read": between }), [`${show} mooring-d.socket`]);
  t.deepEqual(asked({ "/run/systemd/generator": between }), [`${show} mooring-d.socket`]);
  t.deepEqual(asked({ "/run/mooring/units-read": OLD, "/run/systemd/generator": new Date() }), []);
});

test("what the host says is what is read of it", (t) => {
  const node = nodeWith(t, {
    "/etc/systemd/system/mooring-a.service": NEW,
    "/etc/systemd/system/mnt-b\\x2dc.mount": OLD,
    "/run/mooring/units-read": new Date("2026-01-01T12:00:00Z"),
  });
  node.link("/etc/systemd/system/multi-user.target.wants/mnt-b\\x2dc.mount");
  t.deepEqual(
    [...unitsFact.parse(node.run(unitsFact.command.text).stdout)],
    [
      ["mooring-a.service", { active: "active", enabled: false, needsReload: true }],
      ["mnt-b\\x2dc.mount", { active: "inactive", enabled: true, needsReload: false }],
    ],
  );
});

test("a container's link that was made since systemd read everything is found", (t) => {
  const unit = "mooring-container-db.service";
  const unread = (read: Record<string, Date>): boolean | undefined => {
    const node = nodeWith(t, { [`/etc/systemd/system/${unit}`]: OLD, "/run/systemd/private": OLD, ...read });
    node.link(`/etc/systemd/system/docker.service.wants/${unit}`);
    return unitsFact.parse(node.run(unitsFact.command.text).stdout).get(unit)?.unreadLinks;
  };
  const later = new Date(Date.now() + 60_000);
  t.true(unread({}));
  t.true(unread({ "/run/systemd/generator": OLD, "/run/mooring/links-read": OLD }));
  t.is(unread({ "/run/systemd/generator": later }), undefined);
  t.is(unread({ "/run/mooring/links-read": later }), undefined);
  t.is(unread({ "/run/systemd/private": later }), undefined, "it was started since");
});

test("when systemd does not answer, nothing is taken for stopped", (t) => {
  const node = nodeWith(t, { "/etc/systemd/system/mooring-a.service": OLD });
  node.put("systemctl", '[ "$1" = show ] || { echo "Connection timed out" >&2; exit 1; }');
  t.is(node.run(unitsFact.command.text).status, 1);
  node.put("systemctl", '[ "$1" != show ] || { echo "Connection timed out" >&2; exit 1; }');
  t.is(node.run(unitsFact.command.text).status, 1);
});
