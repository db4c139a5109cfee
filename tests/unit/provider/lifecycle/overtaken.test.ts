import test from "ava";
import { Overtaken, PartlyApplied, Refused } from "../../../../provider/host/errors.js";
import { sh } from "../../../../provider/host/sh.js";
import { run, type Step } from "../../../../provider/host/steps.js";
import type { AnyResource } from "../../../../provider/resource.js";
import { inputs, World } from "../world.js";

interface Thing {
  readonly value: string;
}

/** Compares before it sets, and does not touch what is another's. */
const COMPARING: Partial<AnyResource> = {
  plan(wanted: Thing | undefined, observed: Thing | undefined): Step[] {
    if (observed?.value === "theirs") throw new Refused("it is theirs. Nothing was changed.");
    if (wanted && observed?.value === wanted.value) return [];
    if (!wanted && !observed) return [];
    const compare: Step = { ...run("compare", sh`true`), compares: true };
    return [compare, run(wanted ? `set ${wanted.value}` : "remove", sh`true`)];
  },
};

test("where another program was faster it looks again, and refuses in the words of what it finds then", async (t) => {
  const world = new World();
  world.faster.push({ value: "theirs" });
  await t.throwsAsync(world.serve(COMPARING).create(inputs), {
    instanceOf: Refused,
    // Steps came before the one that compares.
    message: "it is theirs. Another program was faster.",
  });
  t.deepEqual(world.log, ["observe a", "compare on a", "observe a"]);
});

test("where it finds that it may still go on, it does", async (t) => {
  const world = new World();
  const provider = world.serve(COMPARING);
  world.faster.push({ value: "other" }, { value: "another" });
  t.is((await provider.create(inputs)).outs.seen, "one");
  world.faster.push({ value: "other" });
  await provider.delete("thing", inputs);
  t.false(world.things.has("a"));
});

test("it does not look for ever", async (t) => {
  const world = new World();
  world.things.set("a", { value: "zero" });
  world.faster.push(...["a", "b", "c", "d"].map((value) => ({ value })));
  const error = await t.throwsAsync(world.serve(COMPARING).update("thing", inputs, inputs), {
    instanceOf: PartlyApplied,
  });
  t.true(error.cause instanceof Overtaken);
  t.is(world.faster.length, 1);
  world.faster.push({ value: "e" }, { value: "f" });
  await t.throwsAsync(world.serve(COMPARING).delete("thing", inputs), { message: /another program took it/ });
});
