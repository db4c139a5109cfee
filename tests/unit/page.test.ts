import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { PART as performance } from "../bench/report/page.js";
import { PART as reliability } from "../faults/suite/report.js";
import { END, withPart } from "../page.js";
import { markdownTable, textTable } from "../table.js";

const part = { page: "some.md", begin: "<!-- Written by `a command`. -->" };

test("a command replaces its part of a page, and nothing else", (t) => {
  const page = `before\n${part.begin}\nold\n${END}\nafter\n`;
  const written = withPart(part, page, "new");
  t.is(written, `before\n${part.begin}\n\nnew\n\n${END}\nafter\n`);
  t.is(withPart(part, written, "new"), written, "a second time");
});

test("a page without the markers, or with them in the wrong order, is an error that names them", (t) => {
  const error = { message: `docs/some.md lacks the lines ${part.begin} and ${END}` };
  t.throws(() => withPart(part, "no markers", "new"), error);
  t.throws(() => withPart(part, `${END}\n${part.begin}`, "new"), error);
});

test("the pages have the markers of the commands that write into them", (t) => {
  for (const written of [performance, reliability]) {
    const page = readFileSync(join(__dirname, "..", "..", "..", "docs", written.page), "utf8");
    t.regex(withPart(written, page, "what the command says"), /\n\nwhat the command says\n\n/);
  }
});

test("a table of text has its columns in line and nothing after the last word", (t) => {
  t.is(
    textTable([
      ["A", "BB", "C"],
      ["aaa", "", "c c"],
      ["a", "b"],
    ]),
    "A    BB  C\naaa      c c\na    b",
  );
  t.is(textTable([]), "");
});

test("a table of Markdown has a line below its head", (t) => {
  t.is(
    markdownTable([
      ["a", "b"],
      ["1", "2"],
    ]),
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
  );
});
