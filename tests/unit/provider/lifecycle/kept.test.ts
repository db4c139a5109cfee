import test from "ava";
import { CommandFailed, HostUnreachable, PartlyApplied, Refused } from "../../../../provider/host/errors.js";
import type { Host } from "../../../../provider/host/host.js";
import { DATA, inputs, World } from "../world.js";

const moved = { ...inputs, host: { name: "b" } };

test("what was there before the first step is data, adopted or made earlier: a failure does not make it replaceable", async (t) => {
  const world = new World();
  world.things.set("a", { value: "old" });
  world.failing.add("set one");
  const provider = world.serve(DATA);
  const { properties } = (await t.throwsAsync(provider.create(inputs), {
    instanceOf: PartlyApplied,
  })) as PartlyApplied;
  t.true(properties.made);
  await t.throwsAsync(provider.diff("thing", properties, { ...inputs, name: "another" }), {
    instanceOf: Refused,
    message: /holds data and is never replaced: name can't change/,
  });
});

test("where nothing is in it yet it holds none", async (t) => {
  const world = new World();
  world.things.set("a", { value: "empty" });
  world.failing.add("set one");
  const isGone = (observed: unknown) => observed === undefined;
  const isEmpty = ({ value }: { value: string }) => value === "empty";
  const provider = world.serve({ data: { isGone, isEmpty, wayBack: () => "" } });
  const { properties } = (await t.throwsAsync(provider.create(inputs), {
    instanceOf: PartlyApplied,
  })) as PartlyApplied;
  t.deepEqual(properties, inputs);
});

test("a look says that data was made where all of it is ours and as it is to be, and else not", async (t) => {
  const world = new World();
  const provider = world.serve(DATA);
  world.things.set("a", { value: "one" });
  t.true((await provider.read("thing", inputs)).props?.made, "the reply to its create was lost");
  world.things.set("a", { value: "half" });
  t.false(Object.hasOwn((await provider.read("thing", inputs)).props ?? {}, "made"));
  const plan = () => {
    throw new Refused("another's");
  };
  t.false(Object.hasOwn((await world.serve({ ...DATA, plan }).read("thing", inputs)).props ?? {}, "made"));
  t.true((await provider.read("thing", { ...inputs, made: true })).props?.made);
});

test("a new host that is lost from sight after the release is in the state all the same, and going back is a change", async (t) => {
  const world = new World();
  world.things.set("a", { value: "one" });
  const observe = async (host: Host) => {
    world.log.push(`observe ${host.name}`);
    if (host.name === "b" && world.log.includes("remove on a")) throw new HostUnreachable("b", "it is down");
    return world.things.get(host.name);
  };
  const provider = world.serve({ movable: true, observe });
  const error = (await t.throwsAsync(provider.update("thing", inputs, moved), {
    instanceOf: PartlyApplied,
  })) as PartlyApplied;
  t.deepEqual(error.properties, moved);
  t.regex(
    error.reasons.join(),
    /^host "b" could not be reached: it is down\n.*\nIt was released on host "a" before\. .* to go back, name "a" again\.$/s,
  );
  world.log.length = 0;
  await provider.update("thing", error.properties, inputs);
  t.deepEqual(world.log, [
    "observe a",
    "observe b",
    "observe a",
    "prepare on a",
    "set one on a",
    "observe a",
  ]);
});

test("a move that is refused before its release says what is so where its volume has moved already", async (t) => {
  const world = new World();
  world.things.set("a", { value: "one" });
  const plan = () => {
    throw new Refused("container shop is in the way.");
  };
  await t.throwsAsync(world.serve({ movable: true, plan }).update("thing", inputs, moved), {
    instanceOf: Refused,
    message: `container shop is in the way.
What it stands on may have moved to "b" already, and then it is down: mend this and run pulumi up again, or name "a" again, where it starts with its volume.`,
  });
  t.deepEqual(world.log, ["observe b"]);
});

test("what only this state can take back is not forgotten; a move is no forgetting", async (t) => {
  const world = new World();
  world.things.set("a", { value: "one" });
  const stranded = () => 'node "c" has it.';
  const provider = world.serve({ movable: true, stranded });
  await t.throwsAsync(provider.delete("thing", inputs), {
    instanceOf: Refused,
    message: 'Thing "thing" on host "a": node "c" has it.',
  });
  t.deepEqual(world.log, ["observe a"]);
  await provider.update("thing", inputs, moved);
  t.is(world.things.get("a"), undefined);
});

test("data that was made and is not there is forgotten only where its disk is mounted", async (t) => {
  const world = new World();
  const data = { ...DATA.data, disk: "/var/lib/mooring" } as NonNullable<typeof DATA.data>;
  const provider = world.serve({ data });
  const made = { ...inputs, made: true };
  world.failing.add("check a disk");
  await t.throwsAsync(provider.delete("thing", made), {
    instanceOf: CommandFailed,
    message: /^check that the disk of \/var\/lib\/mooring is mounted on host "a" failed/,
  });
  world.failing.clear();
  await provider.delete("thing", made);
  t.is(world.log.filter((line) => line === "check a disk on a").length, 2);

  world.log.length = 0;
  await provider.delete("thing", inputs);
  world.things.set("a", { value: "one" });
  await provider.delete("thing", made);
  t.deepEqual(
    world.log,
    ["observe a", "observe a", "remove on a", "observe a"],
    "what is there is no question",
  );
});
