import test from "ava";
import { newestIn } from "../../bench/contestants/python-tools.js";

test("pip's first line names the newest version that fits this Python", (t) => {
  const said =
    "pyinfra (3.10.0)\nAvailable versions: 3.10.0, 3.9.2\n  INSTALLED: 3.9.2\n  LATEST:    3.10.0\n";
  t.is(newestIn(said, "pyinfra"), "3.10.0");
  t.throws(() => newestIn("ERROR: No matching distribution found", "ansible"), {
    message: /^pip names no version of ansible:\nERROR/,
  });
});
