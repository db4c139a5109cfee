import test from "ava";
import { unitsFact } from "../../../../provider/facts/units.js";
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
  const said = `Id=mooring-export-yundream.service
ActiveState=inactive
UnitFileState=static
NeedDaemonReload=no

Id=mooring-export-yundream.socket
ActiveState=active
UnitFileState=enabled
NeedDaemonReload=no
`;
  t.deepEqual(
    [...unitsFact.parse(said)],
    [
      ["mooring-export-yundream.service", { active: "inactive", enabled: false, needsReload: false }],
      ["mooring-export-yundream.socket", running],
    ],
  );
  t.regex(unitsFact.command.text, / \/etc\/systemd\/system\/mooring-\*\.socket /);
});

test("a host without units of ours has none", (t) => {
  t.is(unitsFact.parse("").size, 0);
  t.is(unitsFact.parse("\n").size, 0);
});

test("what systemd does not say is not assumed to be good", (t) => {
  t.deepEqual(unitsFact.parse("Id=mnt-a.mount\n").get("mnt-a.mount"), {
    active: "unknown",
    enabled: false,
    needsReload: false,
  });
});
