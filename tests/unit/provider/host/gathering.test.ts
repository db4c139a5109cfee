import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { Gathering, type ShellSource } from "../../../../provider/host/gathering.js";
import type { Shell } from "../../../../provider/host/shell.js";

interface Item {
  readonly name: string;
  reject(error: Error): void;
}

/** What went together, and a gathering whose work takes `ms`. */
function gathering(ms: number, apartMs?: number, isAwaited?: () => boolean) {
  const groups: string[][] = [];
  const shells: ShellSource = { use: (work) => work({} as Shell) };
  const all = new Gathering<Item>(
    shells,
    async (_given, items) => {
      groups.push(items.map(({ name }) => name));
      await sleep(ms);
    },
    isAwaited,
    apartMs,
  );
  const ask = (...names: string[]): void => {
    for (const name of names) all.add({ name, reject: () => undefined });
  };
  return { groups, ask };
}

test("who comes while others are on their way goes with all who wait for these", async (t) => {
  const { groups, ask } = gathering(300);
  ask("a", "b");
  await sleep(100);
  ask("c");
  await sleep(100);
  ask("d");
  t.deepEqual(groups, [["a", "b"]]);
  await sleep(300);
  t.deepEqual(groups, [
    ["a", "b"],
    ["c", "d"],
  ]);
});

test("nobody waits for one that takes its time", async (t) => {
  const { groups, ask } = gathering(1000, 200);
  ask("a");
  await sleep(50);
  ask("b");
  await sleep(100);
  ask("c");
  await sleep(300);
  t.deepEqual(groups, [["a"], ["b", "c"]]);
});

test("more than go together go one group after another", async (t) => {
  const { groups, ask } = gathering(10);
  ask(...Array.from({ length: 300 }, (_, index) => String(index)));
  await sleep(300);
  t.deepEqual(
    groups.map((group) => group.length),
    [128, 128, 44],
  );
});

test("several who know already what to ask for wait for those who are still looking", async (t) => {
  let looking = true;
  const { groups, ask } = gathering(10, undefined, () => looking);
  ask("a", "b");
  await sleep(100);
  t.deepEqual(groups, []);
  looking = false;
  ask("c");
  await sleep(100);
  t.deepEqual(groups, [["a", "b", "c"]]);
});

test("for a moment only, and who is alone does not", async (t) => {
  const { groups, ask } = gathering(10, undefined, () => true);
  ask("a");
  await sleep(100);
  t.deepEqual(groups, [["a"]]);
  ask("b", "c");
  await sleep(1500);
  t.deepEqual(groups, [["a"], ["b", "c"]]);
});

test("somebody waits from the question until the answer", async (t) => {
  const all = new Gathering<Item>({ use: (work) => work({} as Shell) }, () => sleep(100));
  t.false(all.isBusy);
  all.add({ name: "a", reject: () => undefined });
  t.true(all.isBusy);
  await sleep(60);
  t.true(all.isBusy);
  await sleep(200);
  t.false(all.isBusy);
});
