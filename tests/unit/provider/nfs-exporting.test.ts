import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { apply } from "../../../provider/host/apply.js";
import { CommandFailed } from "../../../provider/host/errors.js";
import { sh } from "../../../provider/host/sh.js";
import { run, type Step } from "../../../provider/host/steps.js";
import { exportWithout, reexport, reexportTo, unexport } from "../../../provider/nfs-exporting.js";
import { localHost } from "../local-host.js";

const OPTIONS = { lock: "nfs-a", who: "the test" };

test("a file that another resource removes at that moment is no error; one that is wrong is", async (t) => {
  const { host, directory } = localHost(t, "storage");
  const once = join(directory, "once");
  const vanished = run(
    "play",
    sh`exportfs() { [ -e ${once} ] || { : > ${once}; echo "exportfs: can't open /etc/exports.d/mooring-b.exports for reading" >&2; return 1; }; }`,
  );
  await t.notThrowsAsync(apply(host, () => host, [vanished, exportWithout], OPTIONS));
  const wrong = run("play", sh`exportfs() { echo "exportfs: syntax error" >&2; return 1; }`);
  await t.throwsAsync(
    apply(host, () => host, [wrong, exportWithout], OPTIONS),
    { instanceOf: CommandFailed, message: /syntax error/ },
  );
});

test("an export is to whom it should be, and to nobody else; the list is gone through once for all", async (t) => {
  const { host, directory } = localHost(t, "storage");
  const log = join(directory, "log");
  const listing = `/srv/a  10.77.0.12(rw,sync)
/srv/b  fd00:77::/64(rw,sync)
/srv/b  *(ro)
/srv/c  *.lan(rw)
`;
  const play = run("play", sh`exportfs() { echo "$1" >> ${log}; [ "$1" != -s ] || printf '%s' ${listing}; }`);
  const exporting = (...steps: Step[]) => apply(host, () => host, [play, ...steps], OPTIONS);
  await t.notThrowsAsync(exporting(reexportTo("/srv/a", "10.77.0.12")));
  await t.notThrowsAsync(exporting(reexport("/srv/b")));
  await t.notThrowsAsync(exporting(unexport("/srv/d")));
  const lists = (step: Step, found: string) =>
    t.throwsAsync(exporting(step), {
      instanceOf: CommandFailed,
      message: new RegExp(`exportfs -s lists it for: ${found}\n`),
    });
  await lists(reexportTo("/srv/a", "10.77.0.13"), "10\\.77\\.0\\.12");
  await lists(reexportTo("/srv/b", "fd00:77::/64"), "fd00:77::/64 \\*");
  await lists(reexport("/srv/d"), "nobody");
  await lists(unexport("/srv/c"), "\\*\\.lan");
  const both = { ...reexportTo("/srv/a", "10.77.0.12"), of: ["/srv/a", "10.77.0.12", "/srv/c", ""] };
  await lists(both, "\\*\\.lan");
  t.is(readFileSync(log, "utf8").match(/-s/g)?.length, 8);
});
