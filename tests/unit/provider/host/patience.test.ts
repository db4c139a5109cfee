import { spawnSync } from "node:child_process";
import test from "ava";
import { setPatience, waitUntil } from "../../../../provider/host/patience.js";
import { type Sh, sh } from "../../../../provider/host/sh.js";

/** Runs it with a `sleep` that only counts. */
function counted(script: Sh, patience: Sh) {
  const run = sh`set -eu
slept=0
sleep() { slept=$((slept + 1)); }
trap 'echo "$slept"' EXIT
${patience}
${script}`;
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", run.text], { encoding: "utf8" });
  return [status, Number(stdout), stderr];
}

const never = waitUntil(sh`false`, 3, sh`echo "it is not there"`);

test("what is there is not waited for; what comes is waited for no longer than that", (t) => {
  t.deepEqual(counted(waitUntil(sh`true`, 3, sh`echo no`), setPatience(undefined)), [0, 0, ""]);
  t.deepEqual(counted(waitUntil(sh`[ "$slept" = 7 ]`, 3, sh`echo no`), setPatience(undefined)), [0, 7, ""]);
});

test("a wait in vain ends with its reason, after its usual time or the one that the user gave the steps", (t) => {
  t.deepEqual(counted(never, setPatience(undefined)), [1, 29, "it is not there\n"]);
  t.deepEqual(counted(never, setPatience(60_000)), [1, 539, "it is not there\n"]);
  t.deepEqual(counted(never, setPatience(1000)), [1, 9, "it is not there\n"]);
});
