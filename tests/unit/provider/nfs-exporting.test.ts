import { join } from "node:path";
import test from "ava";
import { apply } from "../../../provider/host/apply.js";
import { CommandFailed } from "../../../provider/host/errors.js";
import { sh } from "../../../provider/host/sh.js";
import { run } from "../../../provider/host/steps.js";
import { exportWithout } from "../../../provider/nfs-exporting.js";
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
