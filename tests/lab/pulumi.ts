import { chmod, copyFile, mkdir, realpath, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { cached } from "./cache.js";
import { onPath } from "./packages.js";
import { type Progress, progress } from "./progress.js";
import { run } from "./run.js";

export interface PulumiTools {
  /** The `pulumi` command. */
  bin: string;
  /** What a caller adds to its environment; the backend and the passphrase are the caller's own. */
  env: Record<string, string>;
}

const OLDEST_CLI = [3, 200] as const;
const CLI = "v3.259.0";
/** The newest version whose language host is a Go module; later ones are in a module of their own that isn't served. */
const LANGUAGE_HOST = "v3.68.0";
/** From 1.21 on, Go fetches by itself the newer toolchain a module asks for. */
const OLDEST_GO = [1, 21] as const;
const PARTS = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"] as const;

/** The Pulumi CLI: the one on PATH when it will do, otherwise one built from the Go module proxy, once. */
export async function ensurePulumi(): Promise<PulumiTools> {
  const installed = await installedCli();
  if (installed) return tools(installed);
  const key = { cli: CLI, languageHost: LANGUAGE_HOST, go: await goVersion() };
  return tools(join(await cached("pulumi-cli", key, build), "pulumi"));
}

function tools(bin: string): PulumiTools {
  const PATH = [dirname(bin), process.env.PATH].filter(Boolean).join(delimiter);
  return {
    bin,
    env: {
      PATH,
      PULUMI_SKIP_UPDATE_CHECK: "1",
      // The CLI would fetch a plugin for every Pulumi package it finds in node_modules, used or not. All of
      // ours are dynamic resources: without a network, each `up` would retry in vain for seconds.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    },
  };
}

async function installedCli(): Promise<string | undefined> {
  const bin = await onPath("pulumi");
  if (!bin) return undefined;
  const version = await run(bin, ["version"], { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "1" } });
  if (!atLeast(version, OLDEST_CLI)) return undefined;
  const beside = dirname(await realpath(bin));
  for (const part of PARTS) {
    if (!(await onPath(part)) && !(await onPath(part, [beside]))) return undefined;
  }
  return bin;
}

async function goVersion(): Promise<string> {
  const ways =
    "Install the Pulumi CLI (https://www.pulumi.com/docs/install/), " +
    `or Go ${OLDEST_GO.join(".")} or newer (https://go.dev/dl/) and it is built from the Go module proxy.`;
  if (!(await onPath("go")))
    throw new Error(`there is no Pulumi CLI on PATH and no Go to build one. ${ways}`);
  const version = (await run("go", ["env", "GOVERSION"])).trim();
  if (atLeast(version, OLDEST_GO)) return version;
  throw new Error(
    `there is no Pulumi CLI on PATH, and ${version || "this Go"} is too old to build one. ${ways}`,
  );
}

function atLeast(version: string, [wantedMajor, wantedMinor]: readonly [number, number]): boolean {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return false;
  return Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor);
}

/** Three programs that look for each other in one directory. */
async function build(dir: string): Promise<void> {
  const step = progress(`Building the Pulumi CLI ${CLI} from the Go module proxy (once)`);
  // Modules and build cache take 2 GB. They are of no use later, so they aren't left in the user's own caches.
  const work = join(dir, "work");
  try {
    await goBuild(step, work, {
      packagePath: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      beside: [`github.com/pulumi/pulumi/sdk/v3@${CLI}`],
      version: CLI,
      output: join(dir, "pulumi"),
    });
    await goBuild(step, work, {
      packagePath: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
      beside: [],
      version: LANGUAGE_HOST,
      output: join(dir, "pulumi-language-nodejs"),
    });
    const dynamic = join(dir, "pulumi-resource-pulumi-nodejs");
    await copyFile(launcher(), dynamic);
    await chmod(dynamic, 0o755);
    await rm(work, { recursive: true, maxRetries: 3 });
    step.finish();
  } catch (error) {
    step.fail("see the error");
    throw error;
  }
}

interface GoProgram {
  packagePath: string;
  /** Modules that must have a version of their own choosing too. */
  beside: string[];
  version: string;
  output: string;
}

async function goBuild(step: Progress, work: string, program: GoProgram): Promise<void> {
  const name = program.packagePath.split("/").at(-1) ?? "";
  const cwd = join(work, name);
  await mkdir(cwd, { recursive: true });
  const env = {
    ...process.env,
    GOPATH: join(work, "gopath"),
    GOMODCACHE: join(work, "gopath", "pkg", "mod"),
    GOCACHE: join(work, "gocache"),
    // Modules are read-only by default, and then can't be removed by anyone but root.
    GOFLAGS: `${process.env.GOFLAGS ?? ""} -modcacherw`.trim(),
    GOWORK: "off",
    GO111MODULE: "on",
    CGO_ENABLED: "0",
    // A compiler that collects less garbage, and no debugging data that the linker would throw away: a third less time.
    GOGC: "400",
  };
  // The hosts may be booting meanwhile, and are waited for no longer than that takes them.
  const go = (args: string[], onLine: (line: string) => void = () => {}) =>
    run("nice", ["go", ...args], { cwd, env, onLine });

  let fetched = 0;
  const fetching = (line: string) => {
    if (line.includes("downloading")) step.update(`${name}: ${++fetched} modules fetched`);
  };
  await go(["mod", "init", "mooring.invalid/pulumi"]);
  // By the package's path, not its module's: only so does go.sum get what the package imports.
  await go(["get", `${program.packagePath}@${program.version}`, ...program.beside], fetching);
  const packages = (await go(["list", "-deps", program.packagePath], fetching)).trim().split("\n");

  let compiled = 0;
  const flags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${program.version}`;
  const args = [
    "build",
    "-v",
    "-gcflags=all=-dwarf=false",
    "-ldflags",
    flags,
    "-o",
    program.output,
    program.packagePath,
  ];
  await go(args, () => step.update(`${name}: ${++compiled} of ${packages.length} packages compiled`));
}

/** The dynamic-provider launcher: a small shell script, the same in every release, that runs the program's own SDK. */
function launcher(): string {
  return join(dirname(require.resolve("@pulumi/pulumi/package.json")), "pulumi-resource-pulumi-nodejs");
}
