import { log } from "@pulumi/pulumi";
import test from "ava";
import type { Warning } from "../../../../provider/resource.js";
import { inputs, World } from "../world.js";

const shown: string[] = [];
Object.assign(log, {
  warn: async (text: string) => {
    shown.push(text);
  },
});

const warnings = (_inputs: unknown, { value }: { value: string }, changed: boolean): Warning[] => [
  { about: "room", text: `it is ${value}${changed ? " now" : ""}` },
];

test.serial("what is worth a warning is shown after steps and by read, and once for a host", async (t) => {
  const world = new World();
  const provider = world.serve({ warnings });
  await provider.create(inputs);
  t.deepEqual(shown.splice(0), ["it is one now"]);
  await provider.create({ ...inputs, name: "another" });
  await provider.read("thing", inputs);
  t.deepEqual(shown, []);
  world.things.set("b", { value: "two" });
  await provider.read("thing", { ...inputs, host: { name: "b" } });
  t.deepEqual(shown.splice(0), ["it is two"]);
});

test.serial("what a move changes without a word of the program's is shown at that move alone", async (t) => {
  const world = new World();
  const provider = world.serve({
    movable: true,
    ofMove: (before, after) => `${before.host.name} had another than ${after.host.name}`,
  });
  const { outs } = await provider.create({ ...inputs, host: { name: "e" } });
  const { outs: stayed } = await provider.update("thing", outs, {
    ...inputs,
    host: { name: "e" },
    value: "two",
  });
  t.deepEqual(shown, []);
  await provider.update("thing", stayed, { ...inputs, host: { name: "f" }, value: "two" });
  t.deepEqual(shown.splice(0), ["e had another than f"]);
});

test.serial("nothing to do is nothing to warn of", async (t) => {
  const world = new World();
  world.things.set("c", { value: "one" });
  await world.serve({ warnings }).create({ ...inputs, host: { name: "c" } });
  t.deepEqual(shown, []);
});

test.serial(
  "what is deleted on a lost host stays there, and it is said what that is; a move remembers it",
  async (t) => {
    const world = new World();
    const provider = world.serve({ movable: true, remains: () => "its files" });
    const { outs } = await provider.create(inputs);
    world.hosts.configure('{"a":{"lost":true}}');
    const given =
      'Thing "thing" on host "a": the host is lost, so it was given up there without asking the host';
    await provider.update("thing", outs, { ...inputs, host: { name: "d" } });
    t.deepEqual(shown.splice(0), [given]);
    await provider.delete("thing", outs);
    t.deepEqual(shown.splice(0), [`${given}. Should it come back, remove there by hand: its files`]);
  },
);

test.serial("another's is left alone, and it is said whose it is", async (t) => {
  const world = new World();
  world.things.set("a", { value: "theirs" });
  const plan = () => [];
  const leftAlone = ({ name }: { name: string }) => `${name} belongs to urn:y`;
  await world.serve({ plan, leftAlone }).delete("thing", inputs);
  t.deepEqual(shown.splice(0), ['Thing "thing" on host "a": thing belongs to urn:y; it was left alone']);
  world.things.clear();
  await world.serve({ plan, leftAlone }).delete("thing", inputs);
  t.deepEqual(shown, []);
});
