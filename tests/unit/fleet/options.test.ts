import test from "ava";
import { HELP, parseOptions } from "../../fleet/options.js";

test("without options it is the fleet that the page shows", (t) => {
  t.like(parseOptions([]), { hosts: 100, volumes: 100, delayMs: 50, slowMs: 5000, isDefault: true });
  t.like(parseOptions(["--hosts=4", "--volumes", "10", "--delay", "0"]), {
    ...{ hosts: 4, volumes: 10, delayMs: 0, slowMs: 5000, isDefault: false },
  });
});

test("help is asked for, and has every option", (t) => {
  t.is(parseOptions(["--help"]), undefined);
  for (const option of ["hosts", "volumes", "delay", "slow", "parallel", "help"])
    t.regex(HELP, new RegExp(`^ {2}--${option} .*\\w`, "m"));
});

test("a bad option is an error that says what is allowed", (t) => {
  const bad: [string[], RegExp][] = [
    [["--hosts", "3"], /^--hosts is "3": a whole number from 4 to 1000$/],
    [["--volumes", "many"], /^--volumes is "many": a whole number from 1 to 1000$/],
    [["--delay", "1.5"], /^--delay is "1\.5": a whole number from 0 to 1000$/],
    [["--slow", ""], /^--slow is "": a whole number from 0 to 30000$/],
    [["--hosts=1000", "--volumes=1000"], /^--hosts times --volumes is 1000000: at most 100000$/],
    [["--host", "10"], /Unknown option '--host'/],
    [["10"], /Unexpected argument '10'/],
  ];
  for (const [args, message] of bad) t.throws(() => parseOptions(args), { message }, args.join(" "));
});
