import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import test from "ava";
import { reference } from "../reference/index.js";

const root = join(__dirname, "..", "..", "..");

test("docs/reference.md is what the doc comments say", async (t) => {
  const written = await readFile(join(root, "docs", "reference.md"), "utf8");
  t.is(written, reference(root), "run: npm run docs");
});

test("every argument and property says what it is, or at least its default", async (t) => {
  const bare = reference(root)
    .split("\n")
    .filter((line) => /\| (\*\*required\*\*)? *\| *\|$/.test(line));
  t.deepEqual(bare, []);
});

test("every link to a heading leads to one", async (t) => {
  const anchors = async (page: string) => {
    const headings = (await readFile(page, "utf8")).matchAll(/^#+ (.*)$/gm);
    return new Set(
      [...headings].map(([, text = ""]) =>
        text
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
          .replaceAll(" ", "-"),
      ),
    );
  };
  for (const name of [
    "README.md",
    "SECURITY.md",
    "docs/own-hosts.md",
    "docs/performance.md",
    "docs/reliability.md",
    "docs/scale.md",
    "docs/reference.md",
  ]) {
    const page = join(root, name);
    for (const [, to = "", anchor = ""] of (await readFile(page, "utf8")).matchAll(
      /\]\(([\w./-]*)#([^)]+)\)/g,
    ))
      t.true((await anchors(to ? join(dirname(page), to) : page)).has(anchor), `${name}: ${to}#${anchor}`);
  }
});
