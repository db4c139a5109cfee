import assert from "node:assert";
import { spawnSync } from "node:child_process";
import test from "ava";
import fc from "fast-check";
import { lines, quote, type Sh, sh } from "../../../../provider/host/sh.js";

/** What `/bin/sh` makes of a script that it reads from its stdin, as bytes. */
function output(script: Sh): Buffer {
  const { stdout, stderr, status } = spawnSync("/bin/sh", ["-eu"], { input: script.text });
  if (status !== 0) throw new Error(`exit code ${status}: ${stderr.toString()}`);
  return stdout;
}

/** The words that a command gets from the shell. */
function wordsOf(arrange: Sh): string[] {
  const printed = output(sh`set -- ${arrange}
[ $# = 0 ] || printf '%s\\0' "$@"`).toString();
  return printed.split("\0").slice(0, -1);
}

/** Every string without NUL, and often of the characters that mean something to a shell. */
const word = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.replaceAll("\0", "")),
  fc.string({
    unit: fc.constantFrom(
      ..."'\"\\$`!*?[]{}()<>|&;#~=%^ \t\n\r-/abn0",
      "\u0001",
      "\u001e",
      "\u007f",
      "\u0081",
      "\u0088",
      "ä",
      "\u2028",
      "\ufeff",
      "💾",
    ),
    maxLength: 60,
  }),
);

const hostile = [
  "",
  " ",
  "'",
  "''",
  "'\\''",
  "\\",
  "\\'",
  "a\\",
  "\n",
  "a\n",
  "\n\nb",
  "\r\n",
  "-n",
  "--",
  "-rf",
  "$(id)",
  "`id`",
  "$HOME",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's variable, not ours
  "${IFS}",
  "*",
  "~",
  "~root",
  "!!",
  "#no comment",
  ";rm -rf /",
  "a && b",
  "'; id; '",
  "%s\\0",
  "\u0001\u0002\u001b[31m",
  "\u0081\u0082\u0083\u0084\u0085\u0086\u0087\u0088",
  "ÿþ",
  "ä\u0308\u200b\u202e",
  "💾",
  "x".repeat(100_000),
];

test("hostile words reach the shell's commands as they are, one word each", (t) => {
  t.deepEqual(wordsOf(sh`${hostile}`), hostile);
});

test("every string without NUL survives, one word each", (t) => {
  const property = fc.property(fc.array(word, { minLength: 60, maxLength: 120 }), (words) => {
    assert.deepStrictEqual(wordsOf(sh`${words}`), words);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 40 }));
});

test("every string survives where it is part of a word, and where it is quoted twice", (t) => {
  const property = fc.property(fc.array(word, { minLength: 10, maxLength: 20 }), (words) => {
    const script = lines(
      ...words.map((each) => sh`printf '%s\\0' a${each}b`),
      ...words.map((each) => sh`eval ${sh`printf '%s\\0' ${each}`.text}`),
    );
    const expected = [...words.map((each) => `a${each}b`), ...words];
    assert.deepStrictEqual(output(script).toString().split("\0").slice(0, -1), expected);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 20 }));
});

test("every character survives: each code point is its bytes in UTF-8", (t) => {
  const characters: string[] = [];
  for (let code = 1; code <= 0x10ffff; code += code < 0x3000 ? 1 : 97) {
    if (code < 0xd800 || code > 0xdfff) characters.push(String.fromCodePoint(code));
  }
  const whole = characters.join("");
  t.true(output(sh`printf %s ${whole}`).equals(Buffer.from(whole, "utf8")));
});

test("bytes that are not UTF-8 can't stand in a string: half a surrogate pair is refused, not replaced", (t) => {
  for (const text of ["\ud83d", "a\udcbeb", "\udcbe\ud83d"]) {
    t.throws(() => sh`echo ${text}`, { instanceOf: TypeError, message: /lone surrogate/ });
  }
  t.is(quote("\ud83d\udcbe"), "'💾'");
});

test("an escape that JavaScript does not know is refused, not sent as the word undefined", (t) => {
  // biome-ignore format: the escape is what is tested
  t.throws(() => sh`sed 's/\(a\)/\1/'`, { instanceOf: TypeError, message: /an escape in a command needs two backslashes/ });
});

test("a NUL is refused wherever it stands", (t) => {
  for (const text of ["\0", "a\0", "\0b", "a\0b"]) {
    const expected = { instanceOf: TypeError, message: "a shell word can't hold a NUL byte" };
    t.throws(() => sh`echo ${text}`, expected);
    t.throws(() => sh`echo ${["fine", text]}`, expected);
  }
});

test("an array is one word per element, none when it is empty", (t) => {
  t.is(sh`cp -- ${["a b", 3, "c'd"]} ${[]} end`.text, "cp -- 'a b' '3' 'c'\\''d'  end");
  t.deepEqual(wordsOf(sh`${["", "a b", ""]}`), ["", "a b", ""]);
  t.deepEqual(wordsOf(sh`${[]}`), []);
});

test("a number is one word, and a piece of shell is inserted as it is", (t) => {
  t.is(sh`timeout ${60} ${sh`echo ${"$x"} | wc`}`.text, "timeout '60' echo '$x' | wc");
  t.is(lines(sh`a`, sh`b ${"c"}`).text, "a\nb 'c'");
});
