import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { run } from "../../lab/run.js";
import { footprint, footprintSince, QUIET_HOSTS } from "../footprint.js";
import { labHosts, makeStack, ssh } from "../harness.js";
import { checkState } from "../state.js";

const PROGRAM = `const mooring = require("pulumi-mooring");
const host = mooring.Host.fromConfig("storage");
const packed = new mooring.NfsExport("packed", { host, clients: ["10.77.0.0/24"] });
exports.source = packed.source;
`;

test.serial("the packed tarball, installed into an empty folder, serves a program there", async (t) => {
  await labHosts();
  const before = await footprint(["packed"], QUIET_HOSTS);
  const folder = await mkdtemp(join(tmpdir(), "mooring-packed-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const packed = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder]);
  const [tarball] = JSON.parse(packed) as { filename: string }[];
  const own = JSON.parse(await readFile("package.json", "utf8")) as {
    devDependencies: Record<string, string>;
  };
  const dependencies = {
    "pulumi-mooring": `file:${tarball?.filename}`,
    "@pulumi/pulumi": own.devDependencies["@pulumi/pulumi"],
  };
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  await writeFile(join(folder, "index.js"), PROGRAM);
  await writeFile(join(folder, "Pulumi.yaml"), "name: packed\nruntime: nodejs\n");
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--omit=dev"];
  const started = Date.now();
  await run("npm", ["install", ...flags], { cwd: folder });
  t.log(`npm install: ${((Date.now() - started) / 1000).toFixed(1)} s`);

  const stack = await makeStack(t, { folder });
  await stack.up();
  t.deepEqual(await stack.outputs(), { source: "10.77.0.11:/srv/mooring/packed" });
  t.regex(await ssh("storage", "exportfs -s"), /^\/srv\/mooring\/packed /m);
  t.deepEqual((await stack.up({ refresh: true })).operations, {});
  await checkState(t, stack, []);
  await stack.destroy();
  t.deepEqual(await footprintSince(before), []);
});
