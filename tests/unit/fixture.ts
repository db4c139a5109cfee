import { readFileSync } from "node:fs";
import { join } from "node:path";

const FIXTURES = join(__dirname, "..", "..", "..", "tests", "fixtures");

/** What a fact's command printed on a real host. */
export function fixture(fact: string, name: string): string {
  return readFileSync(join(FIXTURES, fact, `${name}.txt`), "utf8");
}
