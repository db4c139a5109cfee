/** `npm run demo -- --fail-over`: a node loses its power while rows are inserted, and the database starts elsewhere. */
import { setTimeout as sleep } from "node:timers/promises";
import { whereEverythingLives } from "./demo-look";
import { pulumiUp, say, sql, timed } from "./demo-steps";
import { Acknowledgements } from "./faults/suite/acknowledgements";
import { OUTSIDE } from "./faults/suite/writer";
import { type HostName, type Lab, powerOff, powerOn, ssh } from "./lab";
import { hostsConfiguration, type LabStack } from "./lab/stack";

const INSERTING_MS = 5000;

export async function failOver(stack: LabStack, lab: Lab): Promise<void> {
  const said = (lost: boolean) =>
    stack.setSecret("mooring:hosts", hostsConfiguration(lab, lost ? { "node-01": { lost: true } } : {}));
  await said(false);
  await powerOn("node-01");
  await timed("MariaDB on node-01, its data on the storage host", () => pulumiUp(stack, "node-01"));

  const acknowledged = await Acknowledgements.listen();
  await timed("Rows are inserted on node-01; then its power is cut", async () => {
    await startInserts(acknowledged);
    await sleep(INSERTING_MS);
    await powerOff("node-01");
  });
  const rows = acknowledged.entries("rows").map((entry) => entry.split(" ")[0] ?? "");
  say(`  ${rows.length} rows were acknowledged before node-01 died.`);

  say("\nThe decision: node-01 is lost, the database belongs on node-02. In the configuration:");
  say("  mooring:hosts: node-01: lost: true");
  say("  node: node-02");
  const decided = Date.now();
  await timed("pulumi up: fenced on the storage host, attached on node-02, container started", async () => {
    await said(true);
    await pulumiUp(stack, "node-02", { refresh: false });
  });
  const there = await firstAnswer("node-02");
  say(`  From the decision to the first answered query: ${((Date.now() - decided) / 1000).toFixed(1)} s.`);
  const lost = rows.filter((id) => !there.has(id));
  if (lost.length > 0) throw new Error(`${lost.length} of ${rows.length} acknowledged rows are lost`);
  say(`  Every one of the ${rows.length} acknowledged rows is there.`);

  await timed("node-01 gets its power back, by itself", () => powerOn("node-01"));
  const running = await ssh("node-01", "docker ps -q; findmnt -rno TARGET /mnt/mooring/yundream || true");
  if (running.stdout.trim() !== "") throw new Error(`node-01 runs or mounts it again: ${running.stdout}`);
  say("  Its container stays down and its mount point empty: the epoch has moved.");
  await timed("pulumi up, with node-01 no longer lost: what it had left is removed", async () => {
    await said(false);
    await pulumiUp(stack, "node-02", { refresh: false });
  });
  const left = await ssh(
    "node-01",
    "ls -A /mnt/mooring 2>/dev/null; docker ps -aq --filter label=mooring.owner; docker images -q mooring-lab/mariadb:1",
  );
  if (left.stdout.trim() !== "") throw new Error(`node-01 still has: ${left.stdout}`);
  acknowledged.close();
  say(`\n${await whereEverythingLives("node-02")}\n\nRemove it: npm run demo -- --clean`);
}

/** Row after row; the answer to each goes to this machine at once, where no failing host can take it back. */
async function startInserts(acknowledged: Acknowledgements): Promise<void> {
  await sql(
    "node-01",
    "CREATE TABLE IF NOT EXISTS yundream.moments (id INT PRIMARY KEY); DELETE FROM yundream.moments;",
  );
  const script = `n=0
while :; do n=$((n + 1)); echo "INSERT INTO yundream.moments VALUES ($n); SELECT 'rows $n node-01';"; done |
  docker exec -i yundream mariadb --batch --skip-column-names --unbuffered > /dev/tcp/${OUTSIDE}/${acknowledged.port}`;
  await ssh("node-01", `systemd-run -q --collect bash -c "$(cat)"`, { input: script });
  await acknowledged.goOn("rows", 60_000);
}

async function firstAnswer(node: HostName): Promise<ReadonlySet<string>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return new Set((await sql(node, "SELECT id FROM yundream.moments;")).trim().split("\n"));
    } catch (error) {
      if (attempt >= 60) throw error;
      await sleep(1000);
    }
  }
}
