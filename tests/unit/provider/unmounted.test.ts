import test, { type ExecutionContext } from "ava";
import { commandOf } from "../../../provider/host/steps.js";
import { checkMounted } from "../../../provider/unmounted.js";
import { fakeNode } from "../fake-node.js";

/** On a host where systemd knows these mounts that are not mounted; `automounts` are mounted by whoever looks. */
function check(t: ExecutionContext, path: string, where: string[], automounts: string[] = []) {
  const node = fakeNode(t, { devices: 0 });
  const units = where.map((_, index) => `unit-${index}.mount loaded inactive dead A disk`);
  node.put(
    "systemctl",
    `case $1 in
list-units) printf '%s\\n' ${[...units, "gone.mount not-found inactive dead gone.mount"].map((line) => `'${line}'`).join(" ")} ;;
show) printf '%s\\n\\n' ${where.map((each) => `'${each}'`).join(" ")} ;;
is-active) case '${automounts.join(" ")}' in *"$3"*) ;; *) exit 3 ;; esac ;;
esac`,
  );
  node.put("systemd-escape", 'echo "automount-of-$3"');
  return node.run(`set -eu\n${commandOf(checkMounted(path))}`);
}

const FREE = { status: 0, stdout: "", stderr: "" };
const refused = (where: string) => ({
  status: 1,
  stdout: "",
  stderr: `${where} is a mount point, and nothing is mounted there now: what is made below it would be hidden once that is. Mount it first: mount ${where}; or, if it is no mount point any more: systemctl daemon-reload\n`,
});

test("what is to be made on a disk that is not mounted is refused, at its mount point and anywhere below", (t) => {
  t.deepEqual(check(t, "/srv/mooring/a", ["/mnt/other", "/srv/mooring"]), refused("/srv/mooring"));
  t.deepEqual(check(t, "/srv/mooring", ["/srv/mooring"]), refused("/srv/mooring"));
  t.deepEqual(check(t, "/srv/mooring/a", ["/srv"]), refused("/srv"));
});

test("what lies elsewhere is not in the way, nor what is mounted when it is looked at", (t) => {
  t.deepEqual(check(t, "/srv/mooring/a", []), FREE);
  t.deepEqual(check(t, "/srv/mooring/a", ["/srv/moor", "/srv/mooring/b", "/srv/mooring/a/deeper"]), FREE);
  t.deepEqual(check(t, "/srv/mooring/a", ["/srv/mooring"], ["automount-of-/srv/mooring"]), FREE);
});
