import test from "ava";
import { CHANGED } from "../../lab/cli-stack.js";

for (const line of ["    + 3 created", "    ~ 1 updated", "    - 12 deleted", "    +-1 replaced"]) {
  test(`a summary with "${line.trim()}" tells of something that was done`, (t) => {
    t.regex(`Resources:\n${line}\n    5 unchanged\n\nDuration: 3s\n`, CHANGED);
  });
}

test("one with what is unchanged alone does not", (t) => {
  t.notRegex("Resources:\n    6 unchanged\n\nDuration: 3s\n", CHANGED);
});
