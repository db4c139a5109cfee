import test, { type ExecutionContext } from "ava";
import { Hosts } from "../../../provider/lifecycle/hosts.js";
import { lifecycle } from "../../../provider/lifecycle.js";
import { nfsExport } from "../../../provider/resources/nfs-export.js";
import { nfsMount } from "../../../provider/resources/nfs-mount.js";
import { configurationOf } from "../../fleet/connections.js";
import { fleetOf, type Health } from "../../fleet/fleet.js";
import { findNothingToDo, managedOn, refresh } from "../../fleet/refresh.js";
import { simulate } from "../../fleet/simulated-host.js";
import { newKey } from "../provider/host/ssh-server.js";

delete process.env.SSH_AUTH_SOCK;

interface Fleet {
  readonly hosts: number;
  readonly volumes: number;
  readonly unwell?: Record<number, Health>;
  readonly delayMs?: number;
  readonly dialSeconds?: number;
}

/** Simulated hosts in this process, and the provider's own lifecycle over them. */
async function fleet(t: ExecutionContext, { hosts, volumes, unwell, delayMs = 0, dialSeconds = 60 }: Fleet) {
  const simulated = fleetOf(hosts, volumes, unwell);
  const key = newKey();
  const line = { delayMs, slowMs: 1500 };
  const running = await Promise.all(simulated.map((host) => simulate(host, line, key.private)));
  const reached = new Hosts();
  t.teardown(async () => {
    await reached.close();
    for (const host of running) host.close();
  });
  const listening = { ports: running.map(({ port }) => port), hostKey: key.public };
  reached.configure(configurationOf(simulated, listening, dialSeconds));
  const providers = {
    NfsExport: lifecycle(nfsExport, reached),
    NfsMount: lifecycle(nfsMount, reached),
  };
  const managed = await Promise.all(simulated.map((host) => managedOn(host, providers)));
  return { managed: managed.flat(), counts: () => running.map((host) => host.counts()) };
}

const errorsIn = (outcomes: readonly { error?: Error }[]) => outcomes.flatMap(({ error }) => error ?? []);

test("a fleet is read as its state says, and there is nothing to do", async (t) => {
  const { managed } = await fleet(t, { hosts: 3, volumes: 4 });
  const outcomes = await refresh(managed, managed.length);
  t.deepEqual(errorsIn(outcomes), []);
  t.is(outcomes.length, 12);
  await t.notThrowsAsync(findNothingToDo(managed));
});

test("what a host has otherwise than the state says is told", async (t) => {
  const { managed } = await fleet(t, { hosts: 1, volumes: 1 });
  const before = managed.map((each) => ({ ...each, inputs: { ...each.inputs, clients: [] } }));
  const errors = errorsIn(await refresh(before, 1));
  t.regex(errors[0]?.message ?? "", /^data-1-1 was found changed: \{.*"address":"10\.77\.0\.0\/24"/);
});

test("one connection for each host, and no more round trips for more volumes or fewer reads at once", async (t) => {
  const seen = async (volumes: number, parallel: number) => {
    const { managed, counts } = await fleet(t, { hosts: 2, volumes });
    t.deepEqual(errorsIn(await refresh(managed, parallel)), []);
    return counts().map(({ connections, channels, scripts }) => ({ connections, channels, scripts }));
  };
  const few = await seen(3, 1000);
  t.deepEqual(few, [
    { connections: 1, channels: 1, scripts: 2 },
    { connections: 1, channels: 1, scripts: 2 },
  ]);
  t.deepEqual(await seen(12, 1000), few);
  t.deepEqual(await seen(12, 4), few);
});

test("a dead host fails what is on it, once and for all of it, and nothing else waits for that", async (t) => {
  const { managed, counts } = await fleet(t, { hosts: 3, volumes: 3, unwell: { 0: "dead" }, dialSeconds: 3 });
  const outcomes = await refresh(managed, managed.length);
  t.deepEqual(
    outcomes.map(({ host, error }) => `${host} ${error ? "failed" : "read"}`).sort(),
    ["node-1 read", "storage-1 failed", "storage-2 read"].flatMap((line) => [line, line, line]),
  );
  t.deepEqual(new Set(outcomes.slice(-3).map(({ host }) => host)), new Set(["storage-1"]));
  t.regex(errorsIn(outcomes)[0]?.message ?? "", /^host "storage-1" could not be reached: .* Timed out/);
  t.is(counts()[0]?.connections, 1);
});

test("where few reads are in flight, a dead host holds up the others for one time of its limit", async (t) => {
  const { managed, counts } = await fleet(t, { hosts: 3, volumes: 6, unwell: { 0: "dead" }, dialSeconds: 3 });
  const outcomes = await refresh(managed, 2);
  t.is(errorsIn(outcomes).length, 6);
  t.is(counts()[0]?.connections, 1);
});

test("a slow host delays what is on it alone", async (t) => {
  const { managed } = await fleet(t, { hosts: 3, volumes: 3, unwell: { 1: "slow" } });
  const outcomes = await refresh(managed, managed.length);
  t.deepEqual(errorsIn(outcomes), []);
  t.deepEqual(new Set(outcomes.slice(-3).map(({ host }) => host)), new Set(["node-1"]));
  t.true(outcomes.slice(-3).every(({ ms }) => ms >= 2900));
});

test("the way to a host and back takes its time, from the first packet on", async (t) => {
  const { managed } = await fleet(t, { hosts: 1, volumes: 1, delayMs: 100 });
  const [outcome] = await refresh(managed, 1);
  t.is(outcome?.error, undefined);
  // TCP and SSH before the first script: at least the banner, two exchanges of keys, the login, a channel, a shell.
  t.true((outcome?.ms ?? 0) >= 700, `${outcome?.ms} ms`);
});
