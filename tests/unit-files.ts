import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Folders whose tests can share a process: they set nothing that is the process's own (Pulumi's mocks are), and their
 * clocks allow for many tests at once. A process for each file takes half a second of a processor, most of it for
 * loading the same modules again. Titles have to differ within such a folder.
 */
const SHARED = [
  ...["bench", "lab", "provider"],
  ...["container", "facts", "images", "inputs", "lifecycle", "nbd", "nfs", "resources"].map(
    (room) => `provider/${room}`,
  ),
];

const UNIT = join("bin", "tests", "unit");
const TOGETHER = "together";

/** The files that ava is to run for all tests without hosts: of some folders one that loads the others. */
export async function unitFiles(cwd: string): Promise<string[]> {
  const unit = join(cwd, UNIT);
  await rm(join(unit, TOGETHER), { recursive: true, force: true });
  await mkdir(join(unit, TOGETHER));
  const found = await readdir(unit, { recursive: true });
  const tests = found.filter((path) => path.endsWith(".test.js")).sort();
  const sharing = (path: string) =>
    SHARED.find((folder) => path === join(folder, path.split("/").pop() ?? ""));
  for (const folder of SHARED) {
    const lines = tests.filter((path) => sharing(path) === folder).map((path) => `require("../${path}");\n`);
    await writeFile(join(unit, TOGETHER, `${folder.replace("/", "-")}.test.js`), lines.join(""));
  }
  const apart = tests.filter((path) => sharing(path) === undefined);
  return [join(UNIT, TOGETHER, "*.test.js"), ...apart.map((path) => join(UNIT, path))];
}
