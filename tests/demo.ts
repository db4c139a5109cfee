#!/usr/bin/env node
/** `npm run demo`: a database moves between two real hosts, with every row. */
import { ok } from "node:assert/strict";
import { join } from "node:path";
import { clean } from "./demo-clean";
import { failOver } from "./demo-fail-over";
import { whereEverythingLives } from "./demo-look";
import { pulumiUp, say, sql, timed } from "./demo-steps";
import type { HostName } from "./lab";
import { up } from "./lab";
import { ensurePulumi } from "./lab/pulumi";
import { LabStack } from "./lab/stack";

const ROWS = 1000;

const USAGE = `Usage: npm run demo                 move a database between two hosts
       npm run demo -- --fail-over  cut a node's power while it writes, and start the database elsewhere
       npm run demo -- --clean      remove what the demo made`;

interface Contents {
  rows: number;
  checksum: string;
}

async function main(args: readonly string[]): Promise<void> {
  const unknown = args.find((arg) => !["--fail-over", "--clean", "--help"].includes(arg));
  if (unknown || args.includes("--help")) {
    console.log(USAGE);
    process.exitCode = unknown ? 2 : 0;
    return;
  }
  // Built once, for minutes, and the hosts leave a processor idle now and then.
  const cli = ensurePulumi();
  cli.catch(() => undefined);
  const lab = await timed("Three Linux hosts: a storage host and two container nodes", up);
  const stack = await timed("The Pulumi CLI and a stack for the hosts", async () => {
    await cli;
    return LabStack.open(projectRoot(), lab);
  });
  if (args.includes("--clean")) return clean(stack);
  if (args.includes("--fail-over")) return failOver(stack, lab);

  await timed("MariaDB on node-01, its data on the storage host", () => pulumiUp(stack, "node-01"));
  await timed(`${ROWS} rows inserted on node-01`, () => insert("node-01"));
  const before = await contents("node-01");
  say(`  node-01 holds ${before.rows} rows, checksum ${before.checksum}.`);

  say("\nThe move is one line: pulumi config set node node-02");
  await timed("pulumi up: container stopped, volume detached, attached on node-02, container started", () =>
    pulumiUp(stack, "node-02"),
  );
  const after = await contents("node-02");
  say(`  node-02 holds ${after.rows} rows, checksum ${after.checksum}.`);
  ok(
    after.rows === before.rows && after.checksum === before.checksum,
    "the rows are not the same as before the move",
  );
  say(
    `\nEvery row is there: ${before.rows} before the move, ${after.rows} after it, the checksum is the same.\n`,
  );

  say(await whereEverythingLives("node-02"));
  say(`
Look around:
  npm run lab -- status
  npm run lab -- ssh node-02 docker ps
  npm run lab -- pulumi . stack
Move it back:
  npm run lab -- pulumi . config set node node-01
  npm run lab -- pulumi . up
Remove it:
  npm run demo -- --clean
End the hosts:
  npm run lab -- down`);
}

/** From bin/tests/ to the project that Pulumi.yaml names. */
function projectRoot(): string {
  return join(__dirname, "..", "..");
}

async function insert(node: HostName): Promise<void> {
  await sql(
    node,
    `CREATE TABLE IF NOT EXISTS yundream.log (id INT AUTO_INCREMENT PRIMARY KEY, at TIMESTAMP(6) DEFAULT NOW(6), body CHAR(64));
INSERT INTO yundream.log (body) SELECT SHA2(CONCAT(RAND(), seq), 256) FROM yundream_seq;`.replace(
      "yundream_seq",
      `(WITH RECURSIVE n AS (SELECT 1 AS seq UNION ALL SELECT seq + 1 FROM n WHERE seq < ${ROWS}) SELECT seq FROM n) AS numbers`,
    ),
  );
}

async function contents(node: HostName): Promise<Contents> {
  const said = await sql(node, "SELECT COUNT(*) FROM yundream.log; CHECKSUM TABLE yundream.log;");
  const [rows, checksum] = said.trim().split("\n");
  return { rows: Number(rows), checksum: checksum?.split("\t")[1] ?? "none" };
}

main(process.argv.slice(2)).then(
  // What is kept open, SSH connections say, must not hold the program.
  () => process.exit(),
  (error: Error) => {
    console.error(`\nThe demo failed: ${error.message}\nThe hosts are still there: npm run lab -- status`);
    process.exit(1);
  },
);
