import test from "ava";
import fc from "fast-check";
import { shown, shownBytes } from "../../../../provider/inputs/shown.js";

test("a value is shown on one short line, with nothing in it that can't be seen", (t) => {
  const values: [value: unknown, text: string][] = [
    ["", '""'],
    ['a "b" ä', '"a \\"b\\" ä"'],
    ["a\n\t\0\u007f\u202e\u200b\u00a0b", '"a\\n\\t\\u0000\\u{7f}\\u{202e}\\u{200b}\\u{a0}b"'],
    ["x".repeat(80), `"${"x".repeat(80)}"`],
    ["x".repeat(81), `"${"x".repeat(60)}…", 81 characters`],
    [["a"], "a list"],
    [[], "an empty list"],
    [{}, "an object"],
    [null, "null"],
    [undefined, "undefined"],
    [Number.NaN, "NaN"],
    [false, "false"],
  ];
  for (const [value, text] of values) t.is(shown(value), text);
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      t.regex(shown(text), /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u);
      t.true(shown(text).length < 700);
    }),
  );
});

test("a key or a password is not shown", (t) => {
  t.is(shown("-----BEGIN OPENSSH PRIVATE KEY-----\nhush"), "a private key");
  t.is(shown("root:hush@h"), '"root:…@h"');
  t.is(shown("https://me:hush@registry.example.org/app"), '"https:…@registry.example.org/app"');
  const digest = `mariadb:11@sha256:${"a".repeat(12)}`;
  t.is(shown(digest), JSON.stringify(digest));
});

test("bytes are shown in the largest binary unit that there is one of", (t) => {
  const values: [number, string][] = [
    [0, "0 bytes"],
    [1023, "1023 bytes"],
    [1024, "1 KiB"],
    [1_572_864, "1.5 MiB"],
    [1060 * 2 ** 20, "1.04 GiB"],
    [2 ** 40, "1 TiB"],
    [2 ** 52, "4096 TiB"],
  ];
  for (const [bytes, text] of values) t.is(shownBytes(bytes), text);
});
