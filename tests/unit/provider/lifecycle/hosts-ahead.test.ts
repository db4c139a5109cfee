import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { sh } from "../../../../provider/host/sh.js";
import { Hosts } from "../../../../provider/lifecycle/hosts.js";
import { until } from "../../until.js";
import { sshServer, type TestServer } from "../host/ssh-server.js";

const connectionTo = ({ port, hostKey }: TestServer) => ({ host: "127.0.0.1", port, hostKey, password: "x" });

/** Hosts in the configuration, each a server of its own. */
async function configured(t: ExecutionContext, names: readonly string[], more: Record<string, object> = {}) {
  const servers = await Promise.all(names.map(() => sshServer(t, { password: "x" })));
  const entries = names.map((name, index) => {
    const server = servers[index] as TestServer;
    return [name, { connection: connectionTo(server), ...more[name] }] as const;
  });
  const hosts = new Hosts();
  hosts.configure(JSON.stringify(Object.fromEntries(entries)));
  t.teardown(() => hosts.close());
  return { hosts, servers, connections: () => servers.map((server) => server.connections()) };
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `node-0${index}`);

test("with the first host that is needed, the few of the configuration have a shell, and the lost have none", async (t) => {
  const { hosts, servers, connections } = await configured(t, ["storage", "node-01", "node-02"], {
    "node-02": { lost: true },
  });
  t.deepEqual(connections(), [0, 0, 0]);
  hosts.reach({ name: "storage" });
  const sessions = () => servers.map((server) => server.sessions());
  await until(() => sessions().filter(Boolean).length === 2);
  await sleep(300);
  t.deepEqual(connections(), [1, 1, 0]);
  for (const name of ["storage", "node-01"])
    t.is(await hosts.reach({ name }).run("asking", sh`echo here`), "here\n");
  t.deepEqual(connections(), [1, 1, 0], "it is the connection that was there already");
  t.deepEqual(sessions(), [1, 1, 0], "and the shell");
});

test("eight are few, and of nine those alone that are needed", async (t) => {
  const eight = await configured(t, numbered(8));
  eight.hosts.reach({ name: "node-00" });
  await until(() => eight.connections().filter(Boolean).length === 8);
  const nine = await configured(t, numbered(9));
  nine.hosts.reach({ name: "node-00" });
  await sleep(500);
  t.deepEqual(nine.connections().filter(Boolean), [1]);
});

test("one that can't be reached yet is tried anew by who needs it, with all tries", async (t) => {
  const late = await sshServer(t, { password: "x" });
  const wrong = { ...connectionTo(late), password: "not yet" };
  const { hosts, connections } = await configured(t, ["storage", "node-01"], {
    "node-01": { connection: wrong },
  });
  hosts.reach({ name: "storage" });
  await until(() => late.connections() === 1);
  await sleep(300);
  const error = await t.throwsAsync(hosts.reach({ name: "node-01" }).run("asking", sh`true`));
  t.regex(error.message, /^host "node-01" could not be reached: SSH to 127\.0\.0\.1:/);
  t.is(late.connections(), 2);
  t.deepEqual(connections(), [1, 0]);
});

test("what the program says beside the configuration is another way to the host: the connection that nobody used ends", async (t) => {
  const { hosts, servers, connections } = await configured(t, ["storage", "node-01"]);
  hosts.reach({ name: "storage" });
  await until(() => connections()[1] === 1);
  hosts.reach({ name: "node-01", address: "10.77.0.12" });
  await until(() => servers[1]?.open() === 0);
  t.deepEqual(connections(), [1, 1]);
});
