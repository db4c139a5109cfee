import { join } from "node:path";

/** From bin/tests/bench/ to what is not compiled: scripts, playbooks, budgets. */
export const SOURCES = join(__dirname, "..", "..", "..", "tests", "bench");
