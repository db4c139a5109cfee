import test, { type ExecutionContext } from "ava";
import { commandOf, type Step } from "../../../provider/host/steps.js";
import { startServing, stopServing } from "../../../provider/serving.js";
import { fakeNode } from "../fake-node.js";

const UNITS = "mooring-export-yundream.socket mooring-export-yundream.service";

/** What a step says on a host where systemctl does as `body` says. */
function serving(t: ExecutionContext, step: Step, body: string, before = "") {
  const host = fakeNode(t, { devices: 0 });
  host.put("systemctl", body);
  host.put("journalctl", "echo 'the unit says this'");
  const said = host.run(`set -eu\n${before}\n${commandOf(step).text}`);
  return { ...said, log: host.log() };
}

test("an export that can't be stopped is an error in systemd's own words", (t) => {
  t.deepEqual(serving(t, stopServing("yundream"), "echo 'Failed to connect to bus' >&2; exit 1"), {
    status: 1,
    stdout: "",
    stderr: "Failed to connect to bus\nthe unit says this\n",
    log: [
      `systemctl stop ${UNITS}`,
      "journalctl -q -o cat -n 12 -u mooring-export-yundream.socket -u mooring-export-yundream.service --no-pager",
    ],
  });
});

test("an export that systemd does not know is stopped", (t) => {
  const said = serving(t, stopServing("yundream"), "echo 'Unit not loaded.' >&2; exit 5");
  t.deepEqual(
    [said.status, said.log],
    [0, [`systemctl stop ${UNITS}`, ...UNITS.split(" ").map((unit) => `systemctl stop ${unit}`)]],
  );
});

for (const [step, wanted] of [
  [stopServing("yundream"), "stopped"],
  [startServing("yundream"), "active"],
] as const) {
  test(`only a time-out is called one, and it has the steps' time: not ${wanted}`, (t) => {
    const slow = "[ $1 = reset-failed ] || exec /bin/sleep 5";
    const said = serving(t, step, slow, "patience=1");
    t.deepEqual(
      [said.status, said.stderr],
      [124, `not ${wanted} after 1 s (timeouts.steps gives it longer)\nthe unit says this\n`],
    );
  });
}
