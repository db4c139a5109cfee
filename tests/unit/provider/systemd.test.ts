import { spawnSync } from "node:child_process";
import test, { type ExecutionContext } from "ava";
import { enableUnits, stopUnit, UNIT_DIRECTORY, unitFile } from "../../../provider/systemd.js";
import { escapePath, mountUnit } from "../../../provider/unit-name.js";
import { fakeNode } from "../fake-node.js";

const names: Record<string, string> = {
  "/mnt/mooring/yundream": "mnt-mooring-yundream",
  "/mnt/a-b": "mnt-a\\x2db",
  "/mnt/a.b_c:d": "mnt-a.b_c:d",
  "/mnt/.a/.b": "mnt-.a-.b",
  "/.a": "\\x2ea",
  "/mnt/a@b+c": "mnt-a\\x40b\\x2bc",
};

test("a mount's unit has the name that systemd expects", (t) => {
  for (const [path, name] of Object.entries(names)) {
    t.is(escapePath(path), name);
    t.is(mountUnit(path), `${name}.mount`);
  }
  t.is(unitFile("a.mount"), `${UNIT_DIRECTORY}/a.mount`);
});

const escaping = (paths: readonly string[]) =>
  spawnSync("/bin/sh", ["-c", 'exec systemd-escape --path -- "$@"', "sh", ...paths], { encoding: "utf8" });
const withSystemd = escaping(["/a"]).status === 0 ? test : test.skip;

withSystemd("systemd-escape says the same", (t) => {
  t.deepEqual(escaping(Object.keys(names)).stdout.trim().split(" "), Object.values(names));
});

const FILES = "/etc/systemd/system/";
const READ = "/run/mooring/units-read";
const LATE = new Date("2026-01-02T00:00:00Z");

/** What systemctl was asked when units a and b were enabled, on a node where it holds these and says this of them. */
function enabling(t: ExecutionContext, { loaded = "", shown = "no" }) {
  const node = fakeNode(t, { devices: 0 });
  node.put("systemctl", `case $1 in list-units) cat <<'EOF'\n${loaded}\nEOF\n;; show) echo ${shown} ;; esac`);
  for (const unit of [
    "mnt-a\\x2db.mount",
    "mooring-b.service",
    "mooring-other.service",
    "mooring-old.service",
  ])
    node.file(FILES + unit, LATE);
  node.file(`${FILES}mooring-old.service`, new Date("2026-01-01T00:00:00Z"));
  node.file(READ, new Date("2026-01-01T12:00:00Z"));
  const { action } = enableUnits("mnt-a\\x2db.mount", "mooring-b.service");
  const { status, stderr } = node.run(`set -eu\n${action}`, "mnt-a\\x2db.mount", "mooring-b.service");
  t.is(stderr, "");
  return { asked: node.log().filter((line) => !/ (enable|list-units) /.test(line)), status, node };
}

test("systemd is not asked of units that it has not loaded", (t) => {
  const { asked, status } = enabling(t, { loaded: "mooring-old.service loaded active running old" });
  t.is(status, 0);
  t.deepEqual(asked, []);
});

test("systemd reads everything again where it holds an older version, whoever wrote the new one", (t) => {
  const loaded =
    "mnt-a\\x2db.mount     loaded active mounted a\nmooring-other.service loaded active running other\nmooring-old.service loaded active running old";
  const units = "mnt-a\\x2db.mount mooring-other.service";
  const show = `systemctl show -p NeedDaemonReload --value -- ${units}`;
  t.deepEqual(enabling(t, { loaded }).asked, [show]);
  t.deepEqual(enabling(t, { loaded, shown: "yes" }).asked, [show, "systemctl daemon-reload"]);
});

test("systemd forgets a failure of the units alone", (t) => {
  const loaded = "mooring-old.service loaded failed failed old";
  t.deepEqual(enabling(t, { loaded }).asked, ["systemctl reset-failed mnt-a\\x2db.mount mooring-b.service"]);
});

test("what was read is remembered until the next change, and only when it was", (t) => {
  const { node } = enabling(t, {});
  const newer = (file: string) => node.run(`[ ${READ} -nt '${FILES}${file}' ]`).status === 0;
  t.true(newer("mooring-b.service"));
  node.put("systemctl", '[ "$1" != list-units ] || exit 1');
  node.file(`${FILES}mooring-b.service`, new Date(Date.now() + 60_000));
  const { action } = enableUnits("mooring-b.service");
  t.is(node.run(`set -eu\n${action}`, "mooring-b.service").status, 1);
  t.false(newer("mooring-b.service"));
});

/** Stops a mount whose first stop takes longer than its time; `bound`: the unit of a container, as a file. */
function stoppingSlowly(t: ExecutionContext, bound: string) {
  const node = fakeNode(t, { devices: 0 });
  node.put("systemctl", 'if [ ! -e "$root/asked" ]; then : > "$root/asked"; exec /bin/sleep 10; fi');
  node.put("journalctl", "");
  node.file(`${FILES}mooring-container-db.service`, LATE, bound);
  const { action } = stopUnit("mnt-a\\x2db.mount", 180);
  const { status, stderr } = node.run(`set -eu\npatience=1\n${action}`, "mnt-a\\x2db.mount");
  return { status, stderr, stops: node.log().filter((line) => line.startsWith("systemctl stop")).length };
}

test("a container on a mount that is stopped has its stop grace beside the time of the mount", (t) => {
  const bound = "BindsTo=mnt-a\\x2db.mount\nTimeoutStopSec=330\n";
  t.deepEqual(stoppingSlowly(t, bound), { status: 0, stderr: "", stops: 2 });
  const other = stoppingSlowly(t, "BindsTo=mnt-b.mount\nTimeoutStopSec=330\n");
  t.is(other.status, 124);
  t.is(other.stops, 1);
  t.regex(other.stderr, /^not stopped after 1 s/);
});
