/** The examples as they are, with other configuration. */
import { readdirSync } from "node:fs";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigMap } from "@pulumi/pulumi/automation/index.js";
import type { ExecutionContext, TestFn } from "ava";
import { hostNames } from "../lab/index.js";
import { TINY, TINY_ARCHIVE } from "./docker.js";
import { footprint, footprintSince, QUIET_HOSTS } from "./footprint.js";
import { type LabStack, labHosts, makeStack } from "./harness.js";

const root = process.cwd();
const PASSWORD = "root-password-of-the-test";

/** Each with its hosts, and what the names of its objects have in them. */
const EXAMPLES = {
  "by-hand": { hosts: QUIET_HOSTS, names: ["tour", "plain"] },
  "floating-mariadb": { hosts: hostNames, names: ["yundream", "/base.", "/base-", "mariadb"] },
  "shared-nfs": { hosts: hostNames, names: ["logbook", "writer"] },
};

/** There is no registry in the lab: images come from archives on the hosts. */
function configOf(example: string): ConfigMap {
  const [image, archive] = example.endsWith("mariadb")
    ? ["mooring-lab/mariadb:1", "/srv/images/mariadb.tar"]
    : [TINY, TINY_ARCHIVE];
  return {
    image: { value: image },
    imageArchive: { value: archive },
    rootPassword: { value: PASSWORD, secret: true },
  };
}

/** `more` is done once the example is deployed. */
export function deploys(
  test: TestFn,
  example: keyof typeof EXAMPLES,
  more?: (t: ExecutionContext, stack: LabStack) => Promise<void>,
): void {
  test.serial(`examples/${example} deploys, has then nothing to do, and is destroyed`, async (t) => {
    t.deepEqual(readdirSync(join(root, "examples")).sort(), Object.keys(EXAMPLES), "all have a test");
    await labHosts();
    const { hosts, names } = EXAMPLES[example];
    const before = await footprint(names, hosts);
    // A copy: the stack's configuration is written beside the program.
    const folder = await mkdtemp(join(tmpdir(), `mooring-${example}-`));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    await cp(join(root, "examples", example), folder, {
      recursive: true,
      filter: (path) => !/node_modules|Pulumi\..+\.yaml$/.test(path.slice(root.length)),
    });
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    const stack = await makeStack(t, { folder }, configOf(example));
    await stack.up();
    t.deepEqual((await stack.up({ refresh: true })).operations, {});
    await stack.previewNoChanges();
    await more?.(t, stack);
    t.false((await stack.stateText()).includes(PASSWORD), "the password stands in the state");
    await stack.destroy();
    t.deepEqual(await footprintSince(before), [], "what destroy left behind");
  });
}
