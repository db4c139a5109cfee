import { z } from "zod";
import { common } from "../inputs/common.js";
import { bytesOf, duration, noObject, size, someTime, volumeName } from "../inputs/schemas.js";
import { shown } from "../inputs/shown.js";
import type { CheckFailure } from "../resource.js";
import { imageReference } from "./image-reference.js";
import { ports } from "./ports.js";
import { volumes } from "./volumes.js";

const words = z.array(
  z.string("a word").refine((word) => !word.includes("\0"), "a word without NUL"),
  'a list of words, such as ["sleep", "60"]',
);

const RETRIES = "a whole number, at least 1";

const healthCheckSchema = z.strictObject(
  {
    command: words
      .min(1, "at least the command's name")
      .refine(([first = ""]) => !/^(CMD|CMD-SHELL|NONE)$/.test(first), {
        error: 'the command\'s own words, without Docker\'s "CMD"; for a shell: ["sh", "-c", "…"]',
      }),
    // Docker's own interval is 30 s, and nothing is known before the first check: a move would wait for it.
    interval: someTime.default("5s"),
    timeout: someTime.default("30s"),
    retries: z.number(RETRIES).int(RETRIES).min(1, RETRIES).default(3),
    // Failures do not count until then, and the first success ends it.
    startPeriod: duration.default("60s"),
  },
  noObject('a health check, such as { command: ["mysqladmin", "ping"] }'),
);

export type HealthCheck = z.infer<typeof healthCheckSchema>;

const ENVIRONMENT = 'an object of names and values, such as { TZ: "Europe/Berlin" }';

const environment = z
  .record(
    z.string(),
    z.string().refine((value) => !value.includes("\0"), "a value without NUL"),
    ENVIRONMENT,
  )
  .superRefine((variables, context) => {
    for (const name of Object.keys(variables))
      if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)) {
        const message = `a name is letters, digits and _ . -, not starting with a digit (got ${shown(name.replace(/=.*/s, "=…"))})`;
        context.addIssue({ code: "custom", message });
      }
  });

/** The prefix of the labels that are Mooring's own. */
export const LABEL = "mooring.";

const labels = z
  .record(z.string(), z.string(), 'an object of names and values, such as { team: "shop" }')
  .superRefine((all, context) => {
    for (const name of Object.keys(all))
      if (name === "" || name.startsWith(LABEL)) {
        const message = `a name that is not empty and does not start with "${LABEL}" (got ${shown(name)})`;
        context.addIssue({ code: "custom", message });
      }
  });

const USER = 'a user or user:group as a string, such as "999:999"';
/** As the Engine counts CPUs. */
export const NANO_CPUS = 1e9;

const CPUS = "a number of CPUs, at least 0.01";

export const containerInputs = z.object({
  ...common,
  name: volumeName.refine((name) => name.length > 1, "at least two characters: Docker wants it so"),
  image: imageReference,
  imageId: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, "an image id, such as the imageId of a DockerImage")
    .optional(),
  /** Not for the program: the owner of the image's record, so that it goes with what a lost node kept. */
  imageOwner: z.string().optional(),
  command: words.min(1, "at least one word").optional(),
  entrypoint: words.min(1, "at least one word").optional(),
  environment: environment.optional(),
  ports: ports.optional(),
  volumes: volumes.optional(),
  user: z
    .string(USER)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/, USER)
    .optional(),
  networkMode: z
    .string()
    .regex(
      /^(container:)?[A-Za-z0-9][A-Za-z0-9_.-]*$/,
      '"bridge", "host", "none", "container:NAME" or the name of a Docker network',
    )
    // Newer Engines answer "bridge" to it.
    .transform((mode) => (mode === "default" ? "bridge" : mode))
    .default("bridge"),
  memory: size
    .refine((text) => bytesOf(text) >= bytesOf("6MiB"), "at least 6MiB: Docker wants it so")
    .optional(),
  cpus: z
    .number(CPUS)
    .min(0.01, CPUS)
    // The Engine counts in whole billionths.
    .transform((cpus) => Math.round(cpus * NANO_CPUS) / NANO_CPUS)
    .optional(),
  labels: labels.optional(),
  healthCheck: healthCheckSchema.optional(),
  stopGrace: duration.default("30s"),
  restart: z.enum(["no", "on-failure", "always"], '"no", "on-failure" or "always"').default("always"),
  waitTimeout: someTime.default("300s"),
  /** Not for the program: what `read` finds instead is drift. */
  status: z.string().default("running"),
});

export type DockerContainerInputs = z.infer<typeof containerInputs>;

/** Publishes ports. */
export function hasPorts(networkMode = ""): boolean {
  return !/^(host|none|container:.*)$/.test(networkMode);
}

/** Another network mode than Docker's own networks has no ports of its own. */
export function checkContainer({
  networkMode = "",
  ports = [],
}: Partial<DockerContainerInputs>): CheckFailure[] {
  if (ports.length === 0 || hasPorts(networkMode)) return [];
  const reason = `networkMode "${networkMode}" publishes no ports: leave ports or networkMode out`;
  return [{ property: "ports", reason }];
}
