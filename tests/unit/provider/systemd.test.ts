import { spawnSync } from "node:child_process";
import test from "ava";
import { enableUnits, escapePath, mountUnit, UNIT_DIRECTORY, unitFile } from "../../../provider/systemd.js";
import { text } from "./plans.js";

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

test("systemd reads changed units again only where it holds an older version of one, and forgets only a failure", (t) => {
  t.is(
    text([enableUnits("a.socket", "a.service")]),
    `## enable a.socket, a.service
set -- 'a.socket' 'a.service'
systemctl enable -q --no-reload "$@"
state=$(systemctl show -p NeedDaemonReload,ActiveState --value -- "$@")
case $state in *yes*) systemctl daemon-reload ;; esac
case $state in *failed*) systemctl reset-failed "$@" 2>/dev/null || true ;; esac
`,
  );
});
