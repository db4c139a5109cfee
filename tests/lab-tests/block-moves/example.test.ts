import test, { type ExecutionContext } from "ava";
import type { HostName } from "../../lab/index.js";
import { deploys } from "../examples.js";
import { type LabStack, ssh } from "../harness.js";

deploys(test, "floating-mariadb", databaseMoves);

async function databaseMoves(t: ExecutionContext, stack: LabStack): Promise<void> {
  await sql(
    "node-01",
    "CREATE TABLE moves (id INT PRIMARY KEY, text VARCHAR(100)); INSERT INTO moves SELECT seq, MD5(seq) FROM seq_1_to_1000",
  );
  const before = await contents("node-01");
  t.regex(before, /^1000\t/);
  await stack.setConfig("node", "node-02");
  await stack.up();
  t.is(await contents("node-02"), before, "rows and checksum are those of before the move");
}

async function contents(node: HostName): Promise<string> {
  const rows = await sql(node, "SELECT COUNT(*) FROM moves");
  return `${rows}\t${await sql(node, "CHECKSUM TABLE moves")}`;
}

function sql(node: HostName, statements: string): Promise<string> {
  return ssh(node, "docker exec -i yundream mariadb --batch --skip-column-names yundream", statements);
}
