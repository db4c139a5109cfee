import { z } from "zod";
import { POOL } from "../pool.js";
import { mountUnit } from "../unit-name.js";

/** The forms that inputs of several resources share, each with its message and its canonical form. */

/** The message for what is no object at all. */
export function noObject(text: string) {
  return { error: ({ code }: { code: string }) => (code === "invalid_type" ? text : undefined) };
}

const NAME = "1 to 63 lower-case letters, digits and hyphens, not starting or ending with a hyphen";

export const volumeName = z.string(NAME).regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, NAME);

const PORT = "a port, 1 to 65535";

export const port = z.number(PORT).int(PORT).min(1, PORT).max(65_535, PORT);

/** Directories of the system that nothing of a volume's belongs into, and whose replacement would cost the host. */
const SYSTEM = [
  "/",
  "/bin",
  "/boot",
  "/dev",
  "/etc",
  "/home",
  "/lib",
  "/lib64",
  "/proc",
  "/root",
  "/run",
  "/sbin",
  "/srv",
  "/sys",
  "/tmp",
  "/usr",
  "/var",
  "/var/lib",
  "/var/lib/containerd",
  "/var/lib/docker",
  "/var/lib/systemd",
  "/var/log",
  "/var/tmp",
  "/opt",
  "/mnt",
  "/media",
];

const PATH = "an absolute path of letters, digits and . _ @ + - /";

export const hostPath = z
  .string(PATH)
  .regex(/^\/[A-Za-z0-9._@+/-]*$/, { error: PATH, abort: true })
  .refine((path) => !/(^|\/)\.\.?(\/|$)/.test(path), {
    error: 'a path without "." and ".." in it',
    abort: true,
  })
  .transform((path) => path.replaceAll(/\/+/g, "/").replace(/(?<=.)\/$/, ""))
  .refine(
    (path) => !SYSTEM.includes(path) && !/^\/(etc|proc|sys|dev|boot|usr|bin|sbin|lib|lib64|run)\//.test(path),
    'a path outside the system\'s own directories, such as "/srv/NAME" or "/mnt/NAME"',
  )
  .refine((path) => path.length <= 1024 && path.split("/").every((part) => part.length <= 255), {
    error: "a path of at most 1024 characters, 255 between two slashes",
    abort: true,
  });

/** Where something is mounted, or made: not among Mooring's own files, and its unit's name fits into a file name. */
export const ownPath = hostPath
  .refine(
    (path) => path !== POOL && !path.startsWith(`${POOL}/`),
    `a path outside ${POOL}, which is Mooring's own`,
  )
  .refine((path) => mountUnit(path).length <= 255, "a shorter path: systemd names a unit after it");

const UNITS = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

const SIZE = "a whole number with a binary unit";

export const size = z
  .string({ error: ({ input }) => sizeProblem(input) })
  .regex(/^[1-9]\d*(KiB|MiB|GiB|TiB)$/, { error: ({ input }) => sizeProblem(input), abort: true })
  .refine((text) => Number.isSafeInteger(bytesOf(text)), { error: "at most 8191TiB", abort: true })
  .refine((text) => bytesOf(text) % UNITS.MiB === 0, "a multiple of 1 MiB")
  .transform((text) => formatSize(bytesOf(text)));

/** "4GB", "4G", "4 gib" and "1.5GiB" are near to something; which bytes are meant is not guessed. */
function sizeProblem(given: unknown): string {
  if (typeof given === "string" && /^0+(\.0+)?\s*([KMGT]i?B?)?$/i.test(given)) return "at least 1MiB";
  const [, number, letter = ""] =
    typeof given === "string" ? (given.trim().match(/^0*(\d+(?:\.\d+)?)\s*([KMGT])i?B?$/i) ?? []) : [];
  const bytes = Number(number) * UNITS[`${letter.toUpperCase()}iB` as keyof typeof UNITS];
  const near = Number.isSafeInteger(bytes) && bytes > 0 && bytes % UNITS.MiB === 0;
  return near ? `${SIZE}; did you mean "${formatSize(bytes)}"?` : `${SIZE}, such as "512MiB" or "4GiB"`;
}

export function bytesOf(text: string): number {
  const [, number, unit] = text.match(/^(\d+)(KiB|MiB|GiB|TiB)$/) ?? [];
  return Number(number) * UNITS[unit as keyof typeof UNITS];
}

/** The canonical form: the largest unit that divides it. */
export function formatSize(bytes: number): string {
  const unit = (["TiB", "GiB", "MiB", "KiB"] as const).find((name) => bytes % UNITS[name] === 0);
  return unit ? `${bytes / UNITS[unit]}${unit}` : `${bytes}B`;
}

const DURATION = 'a whole number with a unit, such as "30s" or "5m"';

export const duration = z
  .string(DURATION)
  .regex(/^\d+(ms|s|m|h)$/, { error: DURATION, abort: true })
  .refine((text) => millisecondsOf(text) <= 86_400_000, "at most 24h")
  .transform((text) => formatDuration(millisecondsOf(text)));

/** Where none at all means something else. */
export const someTime = duration.refine((text) => text !== "0s", "more than nothing");

export function millisecondsOf(text: string): number {
  const [, number, unit] = text.match(/^(\d+)(ms|s|m|h)$/) ?? [];
  return Number(number) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit as "ms" | "s" | "m" | "h"];
}

function formatDuration(milliseconds: number): string {
  if (milliseconds % 1000 !== 0) return `${milliseconds}ms`;
  return `${milliseconds / 1000}s`;
}

const MODE = 'octal permissions as a string, such as "0755"';

export const fileMode = z
  .string(MODE)
  .regex(/^0?[0-7]{3,4}$/, MODE)
  .transform((text) => text.padStart(4, "0").slice(-4));

const USER = 'a user\'s or group\'s name or number as a string, such as "www-data" or "33"';

export const userName = z.string(USER).regex(/^([a-z_][a-z0-9_-]{0,31}|\d{1,10})$/, USER);

export const onDelete = z
  .enum(["trash", "retain", "destroy"], '"trash", "retain" or "destroy"')
  .default("trash");
