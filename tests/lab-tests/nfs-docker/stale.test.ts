import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { labHosts, makeStack, ssh } from "../harness.js";

const program = async (): Promise<void> => {
  const storage = mooring.Host.fromConfig("storage");
  const data = new mooring.NfsExport("data", { host: storage, name: "stale", clients: ["10.77.0.0/24"] });
  new mooring.NfsMount("mount", {
    host: mooring.Host.fromConfig("node-01"),
    name: "stale",
    source: data.source,
  });
};

test.serial("a mount whose exported directory was replaced is drift, and is mounted anew", async (t) => {
  await labHosts();
  const stack = await makeStack(t, { program });
  await stack.up();
  await ssh(
    "storage",
    "cd /srv/mooring && mv stale stale.old && mkdir stale && echo new > stale/file && exportfs -f",
  );
  t.teardown(() => ssh("storage", "rm -rf /srv/mooring/stale.old"));
  // The node asks again when what it remembers is a minute old (nfs(5), acdirmax).
  await ssh(
    "node-01",
    "for try in $(seq 90); do stat /mnt/mooring/stale >/dev/null 2>&1 || exit 0; sleep 1; done; exit 1",
  );
  const change = await stack.up({ refresh: true });
  t.is(change.operations.mount, "update");
  t.is(await ssh("node-01", "cat /mnt/mooring/stale/file"), "new");
  t.deepEqual((await stack.up({ refresh: true })).operations, {});
  await stack.destroy();
});
