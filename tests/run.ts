import { join } from "node:path";
import { faultsPart } from "./faults/part.js";
import { down, reset } from "./lab/index.js";
import { ensurePulumi } from "./lab/pulumi.js";
import { type Footprint, footprint, footprintSince } from "./lab-tests/footprint.js";
import { node24HostFree, node24Move } from "./node24.js";
import { programPart } from "./program-part.js";
import { add, type Counts, failures, runAva, summary } from "./tap.js";
import { unitFiles } from "./unit-files.js";

const root = join(__dirname, "..", "..");

/**
 * The folders of tests on the lab, and after which others each begins. Two run at a time: one alone leaves half of two
 * cores idle. Those at the same time have other names for what they make, other images, and do not do the same to
 * hosts: of any two, one works on storage and node-01 alone and leaves both on, and one at most has NFS exports.
 */
const LANES = {
  block: [],
  "nfs-moves": [],
  "block-moves": ["nfs-moves"],
  "nfs-docker": ["block", "nfs-moves"],
} as const satisfies Record<string, readonly string[]>;

type Lane = keyof typeof LANES;

/** Everything `npm test` runs, one after another: two cores carry one lab. */
const parts: Record<string, () => Promise<Counts>> = {
  unit: async () =>
    runAva({
      title: "Tests without hosts",
      cwd: root,
      node: process.execPath,
      args: await unitFiles(root),
    }),
  node24: () => node24HostFree(root),
  lab: async () => {
    // Up before the first test file, so that the files find it there and share it; the CLI is built beside the hosts.
    labTouched = true;
    await Promise.all([reset(), ensurePulumi()]);
    const before = await footprint();
    const counts = (await Promise.all(allLanes())).reduce(add);
    return interrupted ? counts : add(counts, await nothingLeft(before));
  },
  faults: async () => {
    labTouched = true;
    // Up before, so that the suite finds it there and does not end it.
    await reset();
    return faultsPart(root);
  },
  bench: async () => {
    labTouched = true;
    await reset();
    return programPart({
      title: "Counts of the benchmark",
      cwd: root,
      args: ["bin/tests/bench/index.js", "--short"],
    });
  },
  move24: () => {
    labTouched = true;
    return node24Move(root);
  },
};

let interrupted = false;
let labTouched = false;

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !parts[name]);
  if (unknown.length > 0)
    throw new Error(`no part ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      interrupted = true;
    });
  }
  let total: Counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (interrupted || (wanted.length > 0 && !wanted.includes(name))) continue;
      total = add(total, await counted(name, part));
    }
  } finally {
    if (labTouched) total = add(total, await counted("lab down", labDown));
  }
  if (failures.length > 0) console.error(["", "What failed:", ...failures].join("\n"));
  if (interrupted) console.error("interrupted");
  process.exitCode = interrupted ? 130 : total.failed > 0 || total.passed === 0 ? 1 : 0;
  console.log(summary(total));
}

function allLanes(): Promise<Counts>[] {
  const begun = new Map<Lane, Promise<Counts>>();
  const begin = (name: Lane): Promise<Counts> => {
    const lane = begun.get(name) ?? Promise.all(LANES[name].map(begin)).then(() => run(name));
    begun.set(name, lane);
    return lane;
  };
  const run = async (name: Lane): Promise<Counts> => {
    if (interrupted) return { passed: 0, failed: 0, skipped: 0 };
    return runAva({
      title: `Tests on the lab, ${name}`,
      cwd: root,
      node: process.execPath,
      args: ["--serial", "--concurrency=1", "--timeout=20m", `bin/tests/lab-tests/${name}/*.test.js`],
      each: true,
    });
  };
  return (Object.keys(LANES) as Lane[]).map(begin);
}

/** Each of the tests has looked for what has its names; this is for the rest. It counts as one test. */
async function nothingLeft(before: Footprint): Promise<Counts> {
  const left = await footprintSince(before);
  if (left.length === 0) return { passed: 1, failed: 0, skipped: 0 };
  const text = ["Tests on the lab: left behind on the hosts:", ...left].join("\n");
  console.error(text);
  failures.push(text);
  return { passed: 0, failed: 1, skipped: 0 };
}

/** A part that can't even start is a failure like a failed test. */
async function counted(name: string, part: () => Promise<Counts>): Promise<Counts> {
  try {
    return await part();
  } catch (error) {
    if (!interrupted) console.error(`${name}:`, error);
    failures.push(`${name}: ${error instanceof Error ? error.message : error}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** A lab left running is gigabytes that nobody asked for: not being able to end it is a failure. */
async function labDown(): Promise<Counts> {
  await down();
  return { passed: 0, failed: 0, skipped: 0 };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
