import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { sh } from "../../../provider/host/sh.js";
import { Hosts } from "../../../provider/hosts.js";
import { until } from "../until.js";
import { sshServer } from "./host/ssh-server.js";

/** As many hosts in the configuration as there are names, each with its connections counted. */
async function configured(t: ExecutionContext, names: readonly string[], more: Record<string, object> = {}) {
  const server = await sshServer(t, { password: "x" });
  const connection = { host: "127.0.0.1", port: server.port, hostKey: server.hostKey, password: "x" };
  const hosts = new Hosts();
  hosts.configure(
    JSON.stringify(Object.fromEntries(names.map((name) => [name, { connection, ...more[name] }]))),
  );
  t.teardown(() => hosts.close());
  return { hosts, connections: server.connections };
}

test("with the first host that is needed, the few of the configuration are connected to", async (t) => {
  const { hosts, connections } = await configured(t, ["storage", "node-01", "node-02"], {
    "node-02": { lost: true },
  });
  t.is(connections(), 0);
  hosts.reach({ name: "storage" });
  // The first is connected to by who asks it, and the lost one by nobody.
  await until(() => connections() === 1);
  const node = hosts.reach({ name: "node-01" });
  t.is(hosts.reach({ name: "node-01" }), node);
  await sleep(500);
  t.is(connections(), 1);
});

test("of many hosts, those alone that are needed", async (t) => {
  const names = Array.from({ length: 9 }, (_, index) => `node-0${index}`);
  const { hosts, connections } = await configured(t, names);
  hosts.reach({ name: "node-01" });
  await sleep(500);
  t.is(connections(), 0);
});

test("one that can't be reached is told to who needs it, and to nobody else", async (t) => {
  const gone = { host: "127.0.0.1", insecureIgnoreHostKey: true, privateKeyFile: "/nowhere/key" };
  const { hosts, connections } = await configured(t, ["storage", "node-01", "node-02"], {
    "node-01": { connection: gone },
  });
  hosts.reach({ name: "storage" });
  await until(() => connections() === 1);
  await t.throwsAsync(hosts.reach({ name: "node-01" }).run("asking", sh`true`), {
    message: /^host "node-01" could not be reached: private key file: ENOENT/,
  });
});
