import test from "ava";
import type { z } from "zod";
import {
  bytesOf,
  duration,
  fileMode,
  formatSize,
  hostPath,
  millisecondsOf,
  onDelete,
  size,
  userName,
  volumeName,
} from "../../../../provider/inputs/schemas.js";

function messages(schema: z.ZodType, value: unknown): string[] {
  return schema.safeParse(value).error?.issues.map(({ message }) => message) ?? [];
}

const NAME = "1 to 63 lower-case letters, digits and hyphens, not starting or ending with a hyphen";
const PATH = "an absolute path of letters, digits and . _ @ + - /";
const SYSTEM = 'a path outside the system\'s own directories, such as "/srv/NAME" or "/mnt/NAME"';
const DOTS = 'a path without "." and ".." in it';
const SIZE = 'a whole number with a binary unit, such as "512MiB" or "4GiB"';
const NEAR = 'a whole number with a binary unit; did you mean "4GiB"?';
const DURATION = 'a whole number with a unit, such as "30s" or "5m"';
const USER = 'a user\'s or group\'s name or number as a string, such as "www-data" or "33"';
const MODE = 'octal permissions as a string, such as "0755"';

const bad: [what: string, schema: z.ZodType, message: string, values: unknown[]][] = [
  [
    "name",
    volumeName,
    NAME,
    ["", "A", "x".repeat(64), ";rm -rf /", "$(id)", "a\nb", "a\n", "../x", "ä", "-a"],
  ],
  ["name's end", volumeName, NAME, ["a-", "a.b", "a_b", " a"]],
  [
    "path's form",
    hostPath,
    PATH,
    ["", "a", "./a", "~/a", "/a b", "/a\nb", "/a\n", "/a'b", "/$(id)", "/ä", "/a,b"],
  ],
  ["path with dots", hostPath, DOTS, ["/srv/../etc", "/srv/..", "/../x", "/.", "/srv/.", "/srv/./a"]],
  [
    "system's path",
    hostPath,
    SYSTEM,
    ["/", "//", "/etc", "/etc/", "/etc/x", "//etc//x", "/var/lib", "/run/x"],
  ],
  [
    "system's path, deep",
    hostPath,
    SYSTEM,
    ["/dev/nbd0", "/usr/share/x", "/lib64/x", "/proc/1", "/mnt", "/srv/"],
  ],
  ["size's form", size, SIZE, ["", "4", "-4GiB", "1.5.2G", "1000kB"]],
  ["size's unit", size, NEAR, ["4GB", "4G", "4 GiB", "04GiB", "4096M", "4GiB\n", " 4GiB", "4gib"]],
  ["size of nothing", size, "at least 1MiB", ["0", "0GiB"]],
  ["size's step", size, "a multiple of 1 MiB", ["1KiB", "1023KiB", "1500KiB"]],
  ["size's end of numbers", size, "at most 8191TiB", ["8192TiB", "99999999999999999999TiB"]],
  ["duration's form", duration, DURATION, ["", "5", "-5s", "1.5s", "5 s", "5d", "s", "5s\n"]],
  ["duration's length", duration, "at most 24h", ["25h", "86401s", "99999999h"]],
  ["mode", fileMode, MODE, ["", "75", "999", "rwx", "0o755", "07555 ", "077777"]],
  ["user", userName, USER, ["", "Root", "Ä", "a b", "-a", "a:b", "x".repeat(33), "12345678901"]],
  ["onDelete", onDelete, '"trash", "retain" or "destroy"', ["", "keep", "TRASH"]],
];

for (const [what, schema, message, values] of bad) {
  test(`a bad ${what} is refused with one message`, (t) => {
    for (const value of values) t.deepEqual(messages(schema, value), [message], JSON.stringify(value));
  });
}

const good: [what: string, schema: z.ZodType, forms: Record<string, string>][] = [
  ["name", volumeName, { a: "a", "0": "0", "a--b": "a--b", ["x".repeat(63)]: "x".repeat(63) }],
  [
    "path",
    hostPath,
    {
      "/srv/a": "/srv/a",
      "//srv///a//": "/srv/a",
      "/mnt/a/": "/mnt/a",
      "/srv/.a": "/srv/.a",
      "/srv/..a": "/srv/..a",
      "/srv/a..": "/srv/a..",
      "/etcetera": "/etcetera",
    },
  ],
  [
    "size",
    size,
    {
      "1MiB": "1MiB",
      "1024KiB": "1MiB",
      "1024MiB": "1GiB",
      "1536MiB": "1536MiB",
      "2048GiB": "2TiB",
      "8191TiB": "8191TiB",
    },
  ],
  [
    "duration",
    duration,
    {
      "0s": "0s",
      "1000ms": "1s",
      "1500ms": "1500ms",
      "2m": "120s",
      "1h": "3600s",
      "24h": "86400s",
      "030s": "30s",
    },
  ],
  ["mode", fileMode, { "755": "0755", "0755": "0755", "1777": "1777", "01777": "1777", "000": "0000" }],
  ["user", userName, { root: "root", _apt: "_apt", "33": "33", "systemd-network": "systemd-network" }],
];

for (const [what, schema, forms] of good) {
  test(`a ${what} has one form, and that form is kept`, (t) => {
    for (const [given, form] of Object.entries(forms)) {
      t.is(schema.parse(given), form);
      t.is(schema.parse(form), form);
    }
  });
}

test("what is removed goes to the trash unless it is said otherwise", (t) => {
  t.is(onDelete.parse(undefined), "trash");
});

test("sizes and durations are counted", (t) => {
  t.is(bytesOf("4GiB"), 4_294_967_296);
  t.is(bytesOf("512MiB"), 536_870_912);
  t.is(formatSize(4_294_967_296), "4GiB");
  t.is(formatSize(5_368_709_121), "5368709121B");
  t.is(millisecondsOf("2h"), 7_200_000);
  t.is(millisecondsOf("250ms"), 250);
});
