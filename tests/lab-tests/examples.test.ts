import { readdirSync } from "node:fs";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigMap } from "@pulumi/pulumi/automation/index.js";
import test, { type ExecutionContext } from "ava";
import type { HostName } from "../lab/index.js";
import { footprint, footprintSince } from "./footprint.js";
import { type LabStack, labHosts, makeStack, ssh } from "./harness.js";

const root = process.cwd();
const PASSWORD = "root-password-of-the-test";

/** There is no registry in the lab: images come from archives on the hosts. */
function configOf(example: string): ConfigMap {
  const image = example.endsWith("mariadb") ? "mariadb" : "tiny";
  return {
    image: { value: `mooring-lab/${image}:1` },
    imageArchive: { value: `/srv/images/${image}.tar` },
    rootPassword: { value: PASSWORD, secret: true },
  };
}

for (const example of readdirSync(join(root, "examples"))) {
  test.serial(`examples/${example} deploys, has then nothing to do, and is destroyed`, async (t) => {
    await labHosts();
    const before = await footprint();
    // A copy: the stack's configuration is written beside the program.
    const folder = await mkdtemp(join(tmpdir(), `mooring-${example}-`));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    await cp(join(root, "examples", example), folder, {
      recursive: true,
      filter: (path) => !/node_modules|Pulumi\..+\.yaml$/.test(path.slice(root.length)),
    });
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    const stack = await makeStack(t, { folder }, configOf(example));
    await stack.up();
    t.deepEqual((await stack.up({ refresh: true })).operations, {});
    await stack.previewNoChanges();
    if (example === "floating-mariadb") await databaseMoves(t, stack);
    t.false((await stack.stateText()).includes(PASSWORD), "the password stands in the state");
    await stack.destroy();
    t.deepEqual(await footprintSince(before), [], "what destroy left behind");
  });
}

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
