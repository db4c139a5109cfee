import test from "ava";
import { type Options, readOptions, WrongOption } from "../../bench/options.js";

test("without options everything is done once, and that is a full run", (t) => {
  t.deepEqual(readOptions([]), {
    works: ["nfs", "nbd", "containers", "scale", "fail-over"],
    count: undefined,
    contestants: ["mooring", "floor", "script", "pyinfra", "ansible"],
    repetitions: 1,
    ansibleAll: false,
    goOn: false,
    short: false,
    setBudgets: false,
    full: true,
  });
});

test("what is chosen comes in its own order, and a run of a part is not full", (t) => {
  const options = readOptions(["--work", "nbd,nfs", "--contestants=floor,mooring", "--count", "10"]);
  t.like(options, { works: ["nfs", "nbd"], contestants: ["mooring", "floor"], count: 10, full: false });
  for (const part of [["--work", "nfs"], ["--count", "10"], ["--contestants", "mooring"], ["--short"]])
    t.false((readOptions(part) as Options).full, part.join(" "));
});

test("repetitions, Ansible with all numbers, and going on leave nothing out", (t) => {
  t.like(readOptions(["--repetitions", "3", "--ansible-all", "--continue"]), {
    ...{ repetitions: 3, ansibleAll: true, goOn: true, full: true },
  });
});

test("setting budgets is a short run", (t) => {
  t.like(readOptions(["--set-budgets"]), { short: true, setBudgets: true, full: false });
  t.like(readOptions(["--short"]), { short: true, setBudgets: false });
});

test("help is help, whatever stands beside it", (t) => {
  t.is(readOptions(["--work", "nothing", "--help"]), "help");
  t.is(readOptions(["-h"]), "help");
});

const wrong: readonly [string, string[], string][] = [
  [
    "a work that is none",
    ["--work", "nfs,iscsi"],
    '--work: no "iscsi"; there are nfs, nbd, containers, scale, fail-over',
  ],
  [
    "an empty list",
    ["--contestants", ""],
    '--contestants: no ""; there are mooring, floor, script, pyinfra, ansible',
  ],
  ["a count that is no number", ["--count", "ten"], '--count is "ten": a whole number from 1'],
  ["no volume at all", ["--count", "0"], '--count is "0": a whole number from 1'],
  ["half a repetition", ["--repetitions", "1.5"], '--repetitions is "1.5": a whole number from 1'],
  [
    "more volumes than devices",
    ["--work", "nbd", "--count", "101"],
    "--count 101: nbd has room for 100 volumes",
  ],
  [
    "a short run of something else",
    ["--short", "--work", "nfs"],
    "--work does not go with --short, whose works and numbers are fixed",
  ],
  [
    "budgets from another number",
    ["--set-budgets", "--count", "3"],
    "--count does not go with --set-budgets, whose works and numbers are fixed",
  ],
  ["an option that there is not", ["--fast"], "Unknown option '--fast'"],
  ["an option without its value", ["--work"], "Option '--work <value>' argument missing"],
  ["a word that is no option", ["nfs"], "Unexpected argument 'nfs'"],
];

for (const [what, args, message] of wrong) {
  test(`${what} is an error that says what is allowed`, (t) => {
    t.throws(() => readOptions(args), { instanceOf: WrongOption, message });
  });
}
