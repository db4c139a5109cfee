import test from "ava";
import { CleanlyFailed, PartlyApplied } from "../../../../provider/host/errors.js";
import { sh } from "../../../../provider/host/sh.js";
import { run, type Step } from "../../../../provider/host/steps.js";
import { DATA, inputs, World } from "../world.js";

const whole = (title: string): Step => ({ ...run(title, sh`true`), leavesNothing: true });
const failing = (steps: readonly Step[]) => {
  const world = new World();
  world.failing.add("set one");
  return world.serve({ ...DATA, plan: () => [...steps] }).create(inputs);
};

test("what fails and leaves nothing is in no state: the program may say something else next", async (t) => {
  const error = await t.throwsAsync(failing([whole("prepare"), whole("set one")]), {
    instanceOf: CleanlyFailed,
    message: /^set one on host "a" failed with exit code 1:\n {2}no space left\n/,
  });
  t.false(error.message.includes("kept in the state"));
  const compare: Step = { ...run("compare", sh`true`), compares: true };
  await t.throwsAsync(failing([compare, whole("set one")]), { instanceOf: CleanlyFailed });
});

test("beside a step that does leave something, it is kept", async (t) => {
  await t.throwsAsync(failing([run("prepare", sh`true`), whole("set one")]), { instanceOf: PartlyApplied });
});

test("a step that is not whole when it fails is kept, whatever was before it", async (t) => {
  await t.throwsAsync(failing([whole("prepare"), run("set one", sh`true`)]), { instanceOf: PartlyApplied });
});

test("when the connection is cut nobody knows, and it is kept", async (t) => {
  const world = new World();
  world.cutAfter = "set one";
  const provider = world.serve({ ...DATA, plan: () => [whole("set one")] });
  await t.throwsAsync(provider.create(inputs), { instanceOf: PartlyApplied });
});
