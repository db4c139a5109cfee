import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { FOREVER, TINY, TINY_ARCHIVE } from "../docker.js";
import { footprint, footprintSince } from "../footprint.js";
import { labHosts, makeStack, ssh } from "../harness.js";

const NAMES = ["few-1", "few-2", "few-3"];
/** Other tests use the same hosts meanwhile, as another user. */
const USER = { user: "mooring", sudo: true };
const FEW = "/etc/ssh/sshd_config.d/00-few-sessions.conf";

async function program(): Promise<void> {
  const [storage, node] = [mooring.Host.fromConfig("storage"), mooring.Host.fromConfig("node-01")];
  for (const name of NAMES) {
    const volume = new mooring.DataVolume(name, { storage, backend: "nfs" });
    const image = { image: TINY, imageArchive: TINY_ARCHIVE };
    new mooring.StatefulContainer(name, { node, ...image, volume, mountPath: "/data", command: FOREVER });
  }
}

test.serial("hosts whose sshd allows two sessions on a connection are slower, and no error", async (t) => {
  const hosts = await labHosts();
  const before = await footprint(NAMES);
  for (const host of ["storage", "node-01"] as const) {
    t.teardown(() => ssh(host, `rm -f ${FEW}; systemctl reload ssh`));
    await ssh(
      host,
      `printf 'Match User ${USER.user}\n  MaxSessions 2\n' > ${FEW}; systemctl reload ssh; sshd -T -C user=${USER.user} | grep -ix 'maxsessions 2'`,
    );
  }
  const since = await ssh("node-01", "date +%s");
  const { storage, "node-01": node } = hosts;
  const configured = {
    storage: { ...storage, connection: { ...storage.connection, ...USER } },
    "node-01": { ...node, connection: { ...node.connection, ...USER } },
  };
  const stack = await makeStack(t, { program }, {}, configured);
  await stack.up();
  t.is(await ssh("node-01", "docker ps --format '{{.Names}}' | grep -c '^few-'"), "3");
  t.deepEqual((await stack.up({ refresh: true })).operations, {});
  await stack.destroy();
  t.regex(await ssh("node-01", `journalctl -u ssh --since @${since} -o cat --no-pager`), /no more sessions/);
  t.deepEqual(await footprintSince(before), []);
});
