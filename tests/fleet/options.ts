import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

export interface Options {
  readonly hosts: number;
  readonly volumes: number;
  readonly delayMs: number;
  readonly slowMs: number;
  readonly parallel: number;
  /** Nothing was asked for: a run that the page is written from. */
  readonly isDefault: boolean;
}

/** Pulumi's own default of --parallel. */
const PARALLEL = 4 * availableParallelism();

const MOST_RESOURCES = 100_000;

const NUMBERS = {
  hosts: { least: 4, most: 1000, default: 100, what: "simulated hosts" },
  volumes: {
    least: 1,
    most: 1000,
    default: 100,
    what: "volumes of each: exports on a storage host, mounts on a node",
  },
  delay: { least: 0, most: 1000, default: 50, what: "ms from a host and back" },
  slow: { least: 0, most: 30_000, default: 5000, what: "ms that the slow host thinks about every script" },
  parallel: {
    least: 1,
    most: 100_000,
    default: PARALLEL,
    what: "reads in flight where the engine limits them",
  },
} as const;

export const HELP = `A fleet of simulated hosts: real SSH, recorded answers, no kernel, no disk. How long does a refresh take, with all
hosts healthy, and with one that is slow and one that never answers?

Usage: npm run fleet [-- OPTION…]

${Object.entries(NUMBERS)
  .map(([name, { least, most, default: value, what }]) =>
    `  --${name} N`.padEnd(16).concat(`${what}: ${least} to ${most}; ${value} when not given`),
  )
  .join("\n")}
  --help        this text

A run without options writes the table in docs/scale.md.
`;

/** `undefined`: help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ hosts: text, volumes: text, delay: text, slow: text, parallel: text },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return undefined;
  const options = {
    hosts: numberOf("hosts", values.hosts),
    volumes: numberOf("volumes", values.volumes),
    delayMs: numberOf("delay", values.delay),
    slowMs: numberOf("slow", values.slow),
    parallel: numberOf("parallel", values.parallel),
    isDefault: args.length === 0,
  };
  if (options.hosts * options.volumes > MOST_RESOURCES)
    throw new Error(
      `--hosts times --volumes is ${options.hosts * options.volumes}: at most ${MOST_RESOURCES}`,
    );
  return options;
}

function numberOf(name: keyof typeof NUMBERS, given: string | undefined): number {
  const { least, most, default: value } = NUMBERS[name];
  if (given === undefined) return value;
  const number = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Error(`--${name} is ${JSON.stringify(given)}: a whole number from ${least} to ${most}`);
}
