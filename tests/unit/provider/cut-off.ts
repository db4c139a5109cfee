/** A storage host on which the steps of a plan are done by a real shell, as far as they came before the connection was cut. */
import type { ExecutionContext } from "ava";
import { commandOf, type Step } from "../../../provider/host/steps.js";
import { fakeNode } from "../fake-node.js";

/** `tools` are those that the steps call, with what each does there. */
export function playedStorage(t: ExecutionContext, tools: Record<string, string>) {
  const host = fakeNode(t, { devices: 0 });
  for (const [tool, body] of Object.entries({ sync: "", ...tools })) host.put(tool, body);
  return {
    ...host,
    /** None may fail. Answers with what `look` printed after each, which the steps themselves do not. */
    apply(steps: readonly Step[], look = ""): string {
      const script = steps.map((step) => `${commandOf(step)}\n${look}`).join("\n");
      const { stdout, ...ended } = host.run(`set -eu\n${script}`);
      t.deepEqual(ended, { status: 0, stderr: "" });
      if (look === "") t.is(stdout, "");
      return stdout;
    },
    /** Of these, the files that are there. */
    files: (...paths: string[]) => new Map(paths.filter(host.exists).map((path) => [path, host.read(path)])),
  };
}

/** All that can have been done when it was cut off: nothing, the first step alone, and so on up to all of them. */
export function cutOffs(steps: readonly Step[]): Step[][] {
  return Array.from({ length: steps.length + 1 }, (_, done) => steps.slice(0, done));
}
