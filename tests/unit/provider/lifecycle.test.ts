import test, { type ExecutionContext } from "ava";
import {
  CommandFailed,
  HostUnreachable,
  PartlyApplied,
  Refused,
  TimedOut,
} from "../../../provider/host/errors.js";
import type { Host } from "../../../provider/host/host.js";
import { sh } from "../../../provider/host/sh.js";
import { run } from "../../../provider/host/steps.js";
import type { HostRef } from "../../../provider/inputs/host-ref.js";
import { withoutUndefined } from "../../../provider/lifecycle/carried.js";
import type { DynamicProvider } from "../../../provider/lifecycle.js";
import type { AnyResource } from "../../../provider/resource.js";
import { DATA, inputs, PROVIDER, World } from "./world.js";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
async function partly(t: ExecutionContext, promise: Promise<unknown>): Promise<PartlyApplied> {
  return t.throwsAsync(promise, { instanceOf: PartlyApplied });
}

test("create observes, applies, looks again, and answers with id and outputs without undefined", async (t) => {
  const world = new World();
  const { id, outs } = await world.serve().create({ ...inputs, extra: undefined });
  t.is(id, "thing");
  t.deepEqual(outs, { host: { name: "a" }, owner: "urn:x", name: "thing", value: "one", seen: "one" });
  t.false(Object.hasOwn(outs, "extra") || Object.hasOwn(outs, "never"));
  t.deepEqual(world.log, ["observe a", "prepare on a", "set one on a", "observe a"]);
});

test("what is there already as it is wanted is only observed", async (t) => {
  const world = new World();
  world.things.set("a", { value: "one" });
  t.is((await world.serve().create(inputs)).outs.seen, "one");
  t.is((await world.serve().update("thing", inputs, inputs)).outs.seen, "one");
  t.deepEqual(world.log, ["observe a", "observe a"]);
});

test("a step that fails leaves the object in the state, with what the next up needs", async (t) => {
  const world = new World();
  world.failing.add("set one");
  const error = await partly(t, world.serve(DATA).create({ ...inputs, extra: undefined }));
  t.is(error.id, "thing");
  t.deepEqual(error.properties, inputs);
  t.false(Object.hasOwn(error.properties, "extra"));
  t.true(error.cause instanceof CommandFailed);
  t.deepEqual(error.reasons, [error.cause.message]);
  t.regex(
    error.message,
    /^set one on host "a" failed with exit code 1:\n {2}no space left\n[\s\S]*the next `pulumi up` goes on/,
  );
  t.deepEqual(world.log, ["observe a", "prepare on a", "set one on a"]);
});

for (const [cut, then] of [
  ["prepare", ["observe a", "prepare on a", "set one on a", "observe a"]],
  ["set one", ["observe a"]],
] as const) {
  test(`a connection that is cut after step "${cut}" keeps a whole state, and the next up does what is left`, async (t) => {
    const world = new World();
    const provider = world.serve(DATA);
    world.cutAfter = cut;
    const error = await partly(t, provider.create({ ...inputs, timeouts: { steps: "1800s" } }));
    t.is(error.id, "thing");
    t.deepEqual(error.properties, { ...inputs, timeouts: { steps: "1800s" } });
    t.is(error.properties.__provider, PROVIDER);
    world.log.length = 0;
    const { outs } = await provider.update("thing", error.properties, inputs);
    t.true(outs.made);
    t.deepEqual(world.log, then);
  });
}

test("a cut in an update keeps the provider in the state too, and other timeouts alone do nothing", async (t) => {
  const world = new World();
  const provider = world.serve();
  const { outs } = await provider.create(inputs);
  world.cutAfter = "set two";
  const error = await partly(t, provider.update("thing", outs, { ...inputs, value: "two" }));
  t.is(error.properties.__provider, PROVIDER);
  world.log.length = 0;
  const again = await provider.update("thing", error.properties, { ...inputs, value: "two" });
  t.is(again.outs.seen, "two");
  await provider.update("thing", again.outs, { ...inputs, value: "two", timeouts: { read: "5s" } });
  t.deepEqual(world.log, ["observe a", "observe a"]);
});

test("steps that all succeed and change nothing are an error that says what is left", async (t) => {
  const world = new World();
  world.stuck = true;
  const error = await partly(t, world.serve().create(inputs));
  t.regex(
    error.message,
    /^Thing "thing" on host "a": every step succeeded, yet looking again shows more to do: prepare, set one\.\n/,
  );
});

test("a host that can't be observed fails before anything is done, and nothing is taken for absent", async (t) => {
  const world = new World();
  world.unreachable.add("a");
  const expected = { instanceOf: HostUnreachable };
  const provider = world.serve(DATA);
  await t.throwsAsync(provider.create(inputs), expected);
  await t.throwsAsync(provider.read("thing", inputs), expected);
  await t.throwsAsync(provider.update("thing", inputs, { ...inputs, value: "two" }), expected);
  await t.throwsAsync(provider.delete("thing", inputs), expected);
  t.deepEqual(new Set(world.log), new Set(["observe a"]));
});

test("read answers what is found as inputs too: drift is shown, property by property", async (t) => {
  const world = new World();
  world.things.set("a", { value: "by hand" });
  const read = await world.serve().read("thing", { ...inputs, seen: "one" });
  const found = { host: { name: "a" }, owner: "urn:x", name: "thing", value: "by hand" };
  t.deepEqual(read, { id: "thing", props: { ...found, seen: "by hand" }, inputs: found });
});

test("what is not there and holds no data is read as absent", async (t) => {
  t.deepEqual(await new World().serve().read("thing", inputs), {});
});

test("data that was made and is gone is an error with the way back, at read and at update", async (t) => {
  const world = new World();
  const provider = world.serve(DATA);
  const { outs } = await provider.create(inputs);
  t.true(outs.made);
  world.things.delete("a");
  world.log.length = 0;
  const expected = {
    instanceOf: Refused,
    message: `Thing "thing": its data is gone from host "a". A new, empty one is never made in its place.
Look in the attic.
To accept the loss: pulumi state delete --target-dependents 'urn:x' (with --force where it is protected), then pulumi up makes an empty one.`,
  };
  await t.throwsAsync(provider.read("thing", outs), expected);
  await t.throwsAsync(provider.update("thing", outs, { ...inputs, value: "two" }), expected);
  t.deepEqual(world.log, ["observe a", "observe a"]);
});

test("data that was never made whole is no loss: it is read as absent, and made at the next up", async (t) => {
  const world = new World();
  world.failing.add("set one");
  const provider = world.serve(DATA);
  const { properties } = await partly(t, provider.create(inputs));
  t.deepEqual(await provider.read("thing", properties), {});
  world.failing.clear();
  t.true((await provider.update("thing", properties, inputs)).outs.made);
});

test("an update that fails does not make data forget that it was made", async (t) => {
  const world = new World();
  const provider = world.serve(DATA);
  const { outs } = await provider.create(inputs);
  world.failing.add("set two");
  const { properties } = await partly(t, provider.update("thing", outs, { ...inputs, value: "two" }));
  t.true(properties.made);
  world.things.delete("a");
  await t.throwsAsync(provider.update("thing", properties, inputs), {
    instanceOf: Refused,
    message: /data is gone/,
  });
});

test("a move looks at the new host, releases the old one, then takes the new one", async (t) => {
  const world = new World();
  world.things.set("a", { value: "one" });
  const { outs } = await world
    .serve({ movable: true })
    .update("thing", inputs, { ...inputs, host: { name: "b" } });
  t.deepEqual(outs.host, { name: "b" });
  t.deepEqual(world.log, [
    "observe b",
    "observe a",
    "remove on a",
    "observe a",
    "observe b",
    "prepare on b",
    "set one on b",
    "observe b",
  ]);
});

test("a move whose release fails keeps the old state, and the new host is not touched", async (t) => {
  const world = new World();
  world.things.set("a", { value: "one" });
  world.failing.add("remove");
  const olds = { ...inputs, seen: "one" };
  const moved = { ...inputs, host: { name: "b" } };
  const error = await partly(t, world.serve({ movable: true }).update("thing", olds, moved));
  t.deepEqual(error.properties, olds);
  t.regex(error.message, /^remove on host "a" failed/);
  t.deepEqual(world.log, ["observe b", "observe a", "remove on a"]);
});

test("a move to a host that can't be reached, or where something is in the way, leaves the old one as it is", async (t) => {
  const world = new World();
  world.things.set("a", { value: "one" });
  world.unreachable.add("b");
  const moved = { ...inputs, host: { name: "b" } };
  await t.throwsAsync(world.serve({ movable: true }).update("thing", inputs, moved), {
    instanceOf: HostUnreachable,
  });
  world.unreachable.clear();
  const plan = () => {
    throw new Refused("in the way");
  };
  await t.throwsAsync(world.serve({ movable: true, plan }).update("thing", inputs, moved), {
    instanceOf: Refused,
  });
  t.deepEqual(world.log, ["observe b", "observe b"]);
});

test("a move that fails on the new host is in the state there, and the next up goes on from it", async (t) => {
  const world = new World();
  world.things.set("a", { value: "one" });
  world.failing.add("set one");
  const provider = world.serve({ movable: true });
  const moved = { ...inputs, host: { name: "b" } };
  const { properties, reasons } = await partly(t, provider.update("thing", inputs, moved));
  t.deepEqual(properties, moved);
  t.regex(
    reasons.join(),
    /^set one on host "b" failed.*\nIt was released on host "a" before\. To go on, mend this on "b" and run pulumi up again; to go back, name "a" again\.$/s,
  );
  world.failing.clear();
  world.log.length = 0;
  await provider.update("thing", properties, moved);
  t.deepEqual(world.log, ["observe b", "prepare on b", "set one on b", "observe b"]);
});

test("on another storage host it is another volume: it is released on the old one first", async (t) => {
  const world = new World();
  const fence = {
    host: ({ extra }: { extra?: string }) => (extra === undefined ? undefined : { name: extra }),
    observe: async () => undefined,
    plan: () => [],
  };
  const provider = world.serve({ movable: true, fence } as Partial<AnyResource>);
  const { outs } = await provider.create({ ...inputs, extra: "s1" });
  for (const [extra, released, lost] of [
    ["s1", false, false],
    ["s2", true, false],
    [undefined, true, false],
    ["s2", false, true],
  ] as const) {
    world.log.length = 0;
    world.hosts.noteLost(lost ? [{ name: "s1", lost: true }] : undefined);
    await provider.update(
      "thing",
      { ...outs, extra: "s1" },
      withoutUndefined({ ...inputs, extra }) as typeof inputs,
    );
    t.is(world.log.includes("remove on a"), released, extra ?? "none");
    t.is(world.things.get("a")?.value, "one");
  }
});

test("what is renamed half-way is known under its old name in the state, so that the next up knows both", async (t) => {
  const world = new World();
  world.failing.add("set two");
  const provider = world.serve();
  const { outs } = await provider.create(inputs);
  const renamed = { ...inputs, owner: "urn:y", value: "two" };
  t.is((await partly(t, provider.update("thing", outs, renamed))).properties.owner, "urn:x");
});

test("delete removes what is there, looks again, and is content where nothing is", async (t) => {
  const world = new World();
  world.things.set("a", { value: "one" });
  const provider = world.serve();
  await provider.delete("thing", inputs);
  await provider.delete("thing", inputs);
  t.deepEqual(world.log, ["observe a", "remove on a", "observe a", "observe a"]);
});

test("a delete that changes nothing is an error", async (t) => {
  const world = new World();
  world.things.set("a", { value: "one" });
  world.stuck = true;
  await t.throwsAsync(world.serve().delete("thing", inputs), {
    message: /looking again shows more to do: remove\./,
  });
});

test("diff leaves changes to the engine, and replaces only for another identity or host", async (t) => {
  const provider = new World().serve();
  const diff = (news: Record<string, unknown>) => provider.diff("thing", inputs, { ...inputs, ...news });
  t.deepEqual(await diff({ value: "two" }), {});
  t.deepEqual(await diff({ name: "other" }), { replaces: ["name"], deleteBeforeReplace: true });
  t.deepEqual(await diff({ host: { name: "b" } }), { replaces: ["host"], deleteBeforeReplace: true });
  t.deepEqual(await diff({ host: { name: "a", connection: { host: "10.0.0.1" } } }), {});
  const movable = new World().serve({ movable: true });
  t.deepEqual(await movable.diff("thing", inputs, { ...inputs, host: { name: "b" } }), {});
});

test("diff refuses another identity or host of data, and what the resource refuses", async (t) => {
  const provider = new World().serve({
    ...DATA,
    refuse: (_olds, { value }) => (value === "less" ? "it can't shrink" : undefined),
  });
  const made = { ...inputs, made: true };
  const diff = (news: Record<string, unknown>, olds = made) =>
    provider.diff("thing", olds, { ...inputs, ...news });
  const keep = (property: string, from: string, to: string) => ({
    instanceOf: Refused,
    message: `Thing "thing" holds data and is never replaced: ${property} can't change from "${from}" to "${to}".
To keep the data, set ${property} back. For new data make another resource with a name of its own, copy, then remove this one.`,
  });
  await t.throwsAsync(diff({ name: "other" }), keep("name", "thing", "other"));
  await t.throwsAsync(diff({ host: { name: "b" } }), keep("host", "a", "b"));
  await t.throwsAsync(diff({ value: "less" }), {
    instanceOf: Refused,
    message: 'Thing "thing": it can\'t shrink',
  });
  t.deepEqual(await diff({ value: "two" }), {});
  // Where it was to be made was wrong, and nothing was.
  t.deepEqual(await diff({ name: "other" }, { ...made, made: false }), {
    replaces: ["name"],
    deleteBeforeReplace: true,
  });
});

test("diff with unknown values does not fail, and takes none for a change of identity", async (t) => {
  for (const more of [{}, DATA]) {
    const provider = new World().serve(more);
    const news = {
      ...inputs,
      name: UNKNOWN,
      value: UNKNOWN,
      host: { name: "a", connection: { host: UNKNOWN } },
    };
    t.deepEqual(await provider.diff("thing", inputs, news), {});
    t.deepEqual(await provider.diff("thing", inputs, { ...inputs, host: UNKNOWN }), {});
  }
});

test("the stack's configuration reaches the hosts before configure first waits", (t) => {
  const world = new World();
  const config = {
    get: (key: string) => (key === "mooring:hosts" ? '{"a":{"address":"10.0.0.1"}}' : undefined),
  };
  void world.serve().configure({ config });
  t.is(world.hosts.resolve({ name: "a" }).address, "10.0.0.1");
});

/** A movable thing that a storage host can fence off: what it decides by is in the log too. */
function fenced(world: World, whileTaking = false): DynamicProvider {
  return world.serve({
    movable: true,
    fence: {
      whileTaking,
      host: () => ({ name: "storage" }),
      observe: async (storage: Host) => {
        world.log.push(`observe the fence on ${storage.name}`);
      },
      plan: (inputs: { host: HostRef }, _observed: unknown, force: boolean) => {
        if (world.live && !force) throw new Refused("a live session");
        const title = `fence ${inputs.host.name}${force ? " by force" : ""}`;
        return [{ ...run(title, sh`${title}`) }];
      },
    },
  });
}

const moved = { ...inputs, host: { name: "b" } };
const onA = { host: { name: "a" }, owner: "urn:x", name: "thing", value: "one" };

const CONFIGURED = '{"a":{"connection":{"host":"10.0.0.1"}}}';

/** Two hosts, and what was made on the first, which is lost now. */
async function lostWorld(fence?: "force", whileTaking = false) {
  const world = new World();
  const provider = fenced(world, whileTaking);
  const { outs } = await provider.create(inputs);
  world.hosts.configure(CONFIGURED);
  world.hosts.noteLost([{ name: "a", lost: true, ...(fence && { fence }) }]);
  world.log.length = 0;
  return { world, provider, outs };
}

const TAKEN = ["observe b", "prepare on b", "set one on b", "observe b"];
const FENCED = ["observe the fence on storage", "fence a on storage"];

test("a move from a lost host fences it on the storage host and does not contact it; what is left is remembered", async (t) => {
  const { world, provider, outs } = await lostWorld();
  const result = await provider.update("thing", outs, moved);
  t.deepEqual(world.log, [...FENCED, ...TAKEN]);
  t.deepEqual(result.outs.left, [onA]);
  t.deepEqual(result.outs.host, { name: "b" });
});

test("what fences whom it takes from is not fenced twice; deleted, it is fenced", async (t) => {
  const { world, provider, outs } = await lostWorld(undefined, true);
  const result = await provider.update("thing", outs, moved);
  t.deepEqual(world.log, TAKEN);
  t.deepEqual(result.outs.left, [onA]);
  world.log.length = 0;
  world.failing.add("prepare");
  const { properties } = await partly(t, provider.update("thing", outs, { ...moved, host: { name: "c" } }));
  t.deepEqual(properties.left, [onA]);
  t.deepEqual(world.log, ["observe c", "prepare on c"]);
  world.log.length = 0;
  await provider.delete("thing", outs);
  t.deepEqual(world.log, FENCED);
});

test("while it is lost what is left there stays in the state and is no change; once it is back it is", async (t) => {
  const { world, provider, outs } = await lostWorld();
  const { outs: first } = await provider.update("thing", outs, moved);
  world.log.length = 0;
  t.deepEqual(await provider.diff("thing", first, moved), {});
  const { outs: second } = await provider.update("thing", first, { ...moved, value: "two" });
  t.deepEqual(second.left, [onA]);
  t.deepEqual((await provider.read("thing", second)).props?.left, [onA]);
  t.false(
    world.log.some((line) => line.endsWith(" a")),
    "nobody contacted it",
  );

  world.hosts.noteLost(undefined);
  t.deepEqual(await provider.diff("thing", second, { ...moved, value: "two" }), { changes: true });
  world.log.length = 0;
  const { outs: third } = await provider.update("thing", second, { ...moved, value: "two" });
  t.deepEqual(world.log, ["observe a", "remove on a", "observe a", "observe b"]);
  t.false("left" in third);
  t.false(world.things.has("a"));
  t.deepEqual(await provider.diff("thing", third, { ...moved, value: "two" }), {});
});

test("what is left is kept when the taking on the new host fails, and when a returned host can't be cleaned", async (t) => {
  const { world, provider, outs } = await lostWorld();
  world.failing.add("set one");
  const { properties } = await partly(t, provider.update("thing", outs, moved));
  t.deepEqual(properties.left, [onA]);
  t.deepEqual(properties.host, { name: "b" });
  world.failing.clear();
  const { outs: after } = await provider.update("thing", properties, moved);
  t.deepEqual(after.left, [onA]);
  world.hosts.noteLost(undefined);
  world.unreachable.add("a");
  await t.throwsAsync(provider.update("thing", after, moved), {
    instanceOf: Refused,
    message: `host "a" could not be reached: it is down
Check that the host is up and that the connection is right; nothing was assumed about what is on it.
It is asked since \`lost\` is not set for it any more: what was left there when it was lost is removed. If it is not back, say so again, for as long as it takes: pulumi config set --path 'mooring:hosts["a"].lost' true
If its connection has changed, set that there: mooring:hosts["a"].connection.`,
  });
});

test("what was asked in vain beside a node that is back is not about that node", async (t) => {
  const { world, provider, outs } = await lostWorld();
  const { outs: after } = await provider.update("thing", outs, moved);
  world.hosts.noteLost(undefined);
  for (const problem of [
    new HostUnreachable("storage", "it is down"),
    new TimedOut("a", "looking", 1000, "read"),
  ]) {
    const observe = async () => Promise.reject(problem);
    t.is(await t.throwsAsync(world.serve({ movable: true, observe }).update("thing", after, moved)), problem);
  }
});

test("of a host that never comes back and is taken out of the configuration, what is left is kept, and nobody asks it", async (t) => {
  const { world, provider, outs } = await lostWorld();
  const { outs: onB } = await provider.update("thing", outs, moved);
  world.hosts.noteLost(undefined);
  world.hosts.configure("{}");
  t.deepEqual(await provider.diff("thing", onB, moved), {});
  world.log.length = 0;
  const { outs: after } = await provider.update("thing", onB, { ...moved, value: "two" });
  t.deepEqual(after.left, [onA]);
  await provider.delete("thing", after);
  t.false(
    world.log.some((line) => line.endsWith(" a")),
    "nobody contacted it",
  );
  // What is there now, on a host that nobody knows, is never taken for lost.
  world.unreachable.add("b");
  await t.throwsAsync(provider.delete("thing", after), { instanceOf: HostUnreachable });
});

test("gone from where it was taken to, it stays in the state with what is left, and is made anew", async (t) => {
  const { world, provider, outs } = await lostWorld();
  const { outs: onB } = await provider.update("thing", outs, moved);
  world.things.delete("b");
  const read = await provider.read("thing", onB);
  const found = { ...onA, host: { name: "b" }, status: "missing" };
  t.deepEqual(read, { id: "thing", props: { ...found, left: [onA] }, inputs: found });
  const { outs: again } = await provider.update("thing", read.props ?? {}, moved);
  t.deepEqual(again.left, [onA]);
  t.is(world.things.get("b")?.value, "one");
});

test("renamed and moved at once, it is looked at under the name that it has", async (t) => {
  const world = new World();
  world.things.set("a", { value: "one" });
  const owners: unknown[] = [];
  const provider = world.serve({
    movable: true,
    plan: (_wanted, _observed, { owner }) => {
      owners.push(owner);
      return [];
    },
  });
  await provider.update("thing", inputs, { ...moved, owner: "urn:y" });
  t.deepEqual(owners, ["urn:x", "urn:x", "urn:x"]);
});

test("a configuration that is not one is an error for whoever needs a host, and not once alone", async (t) => {
  const world = new World();
  const provider = world.serve();
  const config = { get: () => '{"a":{"addres":"10.0.0.1"}}' };
  await t.throwsAsync(provider.configure({ config }), { message: /mooring:hosts/ });
  for (const _ of ["first", "second"])
    await t.throwsAsync(provider.create(inputs), { message: /^configuration mooring:hosts/ });
});

test("back on the host that was lost, what is left there is taken over as it is found", async (t) => {
  const { world, provider, outs } = await lostWorld();
  const { outs: onB } = await provider.update("thing", outs, moved);
  world.hosts.noteLost(undefined);
  world.log.length = 0;
  const { outs: back } = await provider.update("thing", onB, inputs);
  t.deepEqual(world.log, ["observe a", "observe b", "remove on b", "observe b", "observe a"]);
  t.false("left" in back);
});

test("a fence that is refused keeps the old host in the state, and the new one is not touched", async (t) => {
  const { world, provider, outs } = await lostWorld();
  world.live = true;
  const error = await partly(t, provider.update("thing", outs, moved));
  t.true(error.cause instanceof Refused);
  t.deepEqual(error.properties, outs);
  t.deepEqual(world.log, ["observe the fence on storage"]);
});

test("with force it is fenced all the same", async (t) => {
  const { world, provider, outs } = await lostWorld("force");
  world.live = true;
  await provider.update("thing", outs, moved);
  t.deepEqual(world.log, ["observe the fence on storage", "fence a by force on storage", ...TAKEN]);
});

test("read of what is on a lost host answers with the state, and contacts nobody", async (t) => {
  const { world, provider, outs } = await lostWorld();
  t.deepEqual(await provider.read("thing", outs), { id: "thing", props: outs, inputs: onA });
  t.deepEqual(world.log, []);
});

test("delete of what is on a lost host fences it, and the host is not asked", async (t) => {
  const { world, provider, outs } = await lostWorld();
  await provider.delete("thing", outs);
  t.deepEqual(world.log, FENCED);
});

test("delete cleans a host that is back, and leaves one alone that is not", async (t) => {
  const { world, provider, outs } = await lostWorld();
  const { outs: onB } = await provider.update("thing", outs, moved);
  world.log.length = 0;
  await provider.delete("thing", onB);
  t.deepEqual(world.log, [...FENCED, "observe b", "remove on b", "observe b"]);
  world.hosts.noteLost(undefined);
  world.log.length = 0;
  await provider.delete("thing", onB);
  t.deepEqual(world.log, ["observe a", "remove on a", "observe a", "observe b"]);
});

test("data, and what belongs to a storage host, is refused on a lost host, whatever is wanted of it", async (t) => {
  for (const more of [{}, DATA]) {
    const world = new World();
    const provider = world.serve(more);
    const { outs } = await provider.create(inputs);
    world.hosts.noteLost([{ name: "a", lost: true }]);
    world.log.length = 0;
    const expected = { instanceOf: Refused, message: /^host "a" is lost \(its `lost` is true\)/ };
    await t.throwsAsync(provider.create(inputs), expected);
    await t.throwsAsync(provider.update("thing", outs, { ...inputs, value: "two" }), expected);
    await t.throwsAsync(provider.delete("thing", outs), expected);
    t.deepEqual(world.log, []);
  }
});

test("undefined is left out at any depth, and nothing else is", (t) => {
  const kept = withoutUndefined({
    a: undefined,
    b: [{ c: undefined, d: null }, undefined],
    e: { f: { g: undefined } },
    h: 0,
  });
  t.is(JSON.stringify(kept), '{"b":[{"d":null},null],"e":{"f":{}},"h":0}');
  t.false(Object.hasOwn(kept as object, "a"));
});
