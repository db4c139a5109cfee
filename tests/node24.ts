import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { cached, cacheRoot } from "./lab/cache.js";
import { withLock } from "./lab/lock.js";
import { progress } from "./lab/progress.js";
import { run } from "./lab/run.js";
import { type Counts, failures, runAva } from "./tap.js";
import { unitFiles } from "./unit-files.js";

const NODE_PACKAGE = `node-${process.platform}-${process.arch}`;
const NODE_RANGE = "24";
/** What checks the sources, and the link to ourselves: nothing a test needs at run time. */
const LEFT_OUT = [
  "@arethetypeswrong/cli",
  "@biomejs/biome",
  "@pulumi/pulumi",
  "knip",
  "publint",
  "pulumi-mooring",
];
/** What tests read beside the package itself. */
const BESIDE = [
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "Pulumi.yaml",
  "README.md",
  "SECURITY.md",
  "bin/tests",
  "docs",
  "examples",
  "package.json",
  "sdk",
  "tests",
  "tsconfig.json",
];

/** The package as users have it: packed, installed, on a newer Node and with the newest Pulumi SDK. */
interface Newer {
  dir: string;
  node: string;
  title: string;
  env: NodeJS.ProcessEnv;
}

/** The tests without hosts. */
export async function node24HostFree(root: string): Promise<Counts> {
  return onNewer(root, async ({ dir, node, env, title }) =>
    runAva({
      title: `Tests without hosts, ${title}`,
      cwd: dir,
      node,
      env,
      args: await unitFiles(dir),
    }),
  );
}

/** One move on the lab: the demo, as it is, from the other directory. It counts as one test. */
export async function node24Move(root: string): Promise<Counts> {
  return onNewer(root, async ({ dir, node, env, title }) => {
    const step = progress(`The demo's move, ${title}`);
    try {
      await run(node, ["bin/tests/demo.js"], { cwd: dir, env, onLine: (line) => step.update(line) });
      step.finish();
      return { passed: 1, failed: 0, skipped: 0 };
    } catch (error) {
      step.fail("see the error");
      console.error((error as Error).message);
      failures.push((error as Error).message);
      return { passed: 0, failed: 1, skipped: 0 };
    }
  });
}

async function onNewer(root: string, work: (newer: Newer) => Promise<Counts>): Promise<Counts> {
  const nodeVersion = await newest(`${NODE_PACKAGE}@${NODE_RANGE}`);
  const pulumiVersion = await newest("@pulumi/pulumi@latest");
  const own = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Record<
    string,
    Record<string, string>
  >;
  const dependencies = Object.fromEntries(
    Object.entries({ ...own.dependencies, ...own.devDependencies }).filter(
      ([name]) => !LEFT_OUT.includes(name),
    ),
  );
  dependencies["@pulumi/pulumi"] = pulumiVersion;
  dependencies[NODE_PACKAGE] = nodeVersion;
  const installed = await cached("node24", dependencies, (dir) => install(dir, dependencies));

  return withLock(join(cacheRoot, "node24-run.lock"), "the tests on a newer Node", async () => {
    const dir = join(cacheRoot, "node24-run");
    await rm(dir, { recursive: true, force: true });
    await assemble(root, installed, dir);
    const node = join(dir, "node_modules", NODE_PACKAGE, "bin", "node");
    const PATH = [dirname(node), process.env.PATH].join(delimiter);
    const counts = await work({
      dir,
      node,
      title: `Node ${nodeVersion}, @pulumi/pulumi ${pulumiVersion}`,
      env: { ...process.env, PATH },
    });
    // What failed can be looked at until the next run.
    if (counts.failed === 0) await rm(dir, { recursive: true });
    return counts;
  });
}

async function newest(spec: string): Promise<string> {
  const answer = JSON.parse(await run("npm", ["view", spec, "version", "--json"])) as string | string[];
  // Versions that fit a range come in the order they were published.
  const byNumber = new Intl.Collator("en", { numeric: true }).compare;
  const version = [answer].flat().sort(byNumber).at(-1);
  if (!version) throw new Error(`the registry has no ${spec}`);
  return version;
}

async function install(dir: string, dependencies: Record<string, string>): Promise<void> {
  const step = progress("Installing a newer Node and the newest Pulumi SDK (once)");
  await writeFile(join(dir, "package.json"), JSON.stringify({ private: true, dependencies }));
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--no-progress"];
  try {
    // The npm that runs here may be on an older Node than the newest SDK asks for: it only warns.
    await run("npm", ["install", ...flags], { cwd: dir, onLine: (line) => step.update(line) });
    step.finish();
  } catch (error) {
    step.fail("see the error");
    throw error;
  }
}

/** `dir` as if the tarball had been installed there, and the tests beside it. */
async function assemble(root: string, installed: string, dir: string): Promise<void> {
  await mkdir(join(dir, "bin"), { recursive: true });
  // Hard links: no copy of 200 MB, and the real layout, which a tree of symbolic links would not be.
  await run("cp", ["-al", join(installed, "node_modules"), join(dir, "node_modules")]);
  const packed = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", dir], {
    cwd: root,
  });
  const [tarball] = JSON.parse(packed) as { filename: string }[];
  if (!tarball) throw new Error("npm pack made no tarball");
  const self = join(dir, "node_modules", "pulumi-mooring");
  await mkdir(self);
  await run("tar", ["-xzf", join(dir, tarball.filename), "-C", self, "--strip-components=1"]);
  for (const path of BESIDE) {
    await cp(join(root, path), join(dir, path), {
      recursive: true,
      filter: (source) => !source.includes("node_modules"),
    });
  }
  // Tests reach into the package by relative paths: they get the installed files.
  for (const part of ["sdk", "provider"]) await symlink(join(self, "bin", part), join(dir, "bin", part));
}
