import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { Acknowledgements } from "../../faults/suite/acknowledgements.js";
import type { Fault } from "../../faults/suite/fault.js";
import { checkLog } from "../../faults/suite/loss.js";
import { Random } from "../../faults/suite/random.js";
import { pageTable, summaryTable } from "../../faults/suite/report.js";
import { inGroups } from "../../faults/suite/runner.js";

const log = "\n1 node-01 ok\n2 node-01 ok\n3 nod\n3 node-01 ok\n\n4 node-02 ok\n";

test("what was acknowledged and is there is not lost, torn lines count for nothing", (t) => {
  t.notThrows(() => checkLog(["1 node-01", "2 node-01", "3 node-01", "4 node-02"], log, "w"));
});

test("an acknowledged line that is not there, or there from another node, is lost", (t) => {
  t.throws(() => checkLog(["5 node-02"], log, "w"), {
    message: "w: 1 of 1 acknowledged lines are lost: 5 node-02 …",
  });
  t.throws(() => checkLog(["1 node-01", "4 node-01"], log, "w"), { message: /1 of 2 .* lost: 4 node-01/ });
});

test("numbers that go back are two writers, or old data", (t) => {
  t.throws(() => checkLog([], "1 a ok\n2 a ok\n2 b ok\n", "w"), { message: /"2 b" comes after "2 a"/ });
});

test("the same seed gives the same moments, another seed others", (t) => {
  const some = (seed: string) => {
    const random = new Random(seed);
    return [random.fraction(), random.between(10, 20), random.pick(["a", "b", "c"])];
  };
  t.deepEqual(some("x/1/power"), some("x/1/power"));
  t.notDeepEqual(some("x/1/power"), some("x/2/power"));
  const random = new Random("range");
  const all = Array.from({ length: 1000 }, () => random.between(3, 5));
  t.true(all.every((value) => value >= 3 && value < 5));
  t.true(Math.max(...all) > 4.9 && Math.min(...all) < 3.1);
});

const fault: Fault = {
  name: "it-breaks",
  promise: "It holds.",
  fault: "It breaks.",
  expected: "It goes on.",
  run: async () => {},
};
const measured = (ms: number) => [{ what: "by hand", ms }];
const results = [
  { fault, passed: true, ms: 1000, pauseMs: 500, measured: measured(2000) },
  { fault, passed: false, ms: 3000, pauseMs: 1500, measured: measured(4000) },
];

test("the page's table has one line for a fault, with the longest pause of all rounds", (t) => {
  const table = pageTable(results, "seed", 2, new Date(0), "a machine");
  t.is(
    table,
    `1970-01-01, 2 rounds, seed \`seed\`, on a machine: 1 passed, 1 failed.

| promise | fault | what happens | longest pause | passed |
| --- | --- | --- | --- | --- |
| It holds. | It breaks. (\`it-breaks\`) | It goes on. Measured: by hand 2.0 s to 4.0 s. | 1.5 s | 1 of 2 |`,
  );
});

test("the terminal's table has its columns in line", (t) => {
  t.is(
    summaryTable(results),
    `FAULT      PASSED  LONGEST PAUSE  SLOWEST RUN  MEASURED
it-breaks  1 of 2  1.5 s          3.0 s        by hand 2.0 s to 4.0 s`,
  );
});

test("faults that share a deployment run one after another, the others stay where they are", (t) => {
  const named = (name: string, shares?: Fault["shares"]): Fault => ({
    ...fault,
    name,
    ...(shares && { shares }),
  });
  const faults = [
    named("a", { backend: "nfs" }),
    named("b"),
    named("c", { backend: "nbd" }),
    named("d", { backend: "nfs" }),
    named("e"),
  ];
  t.deepEqual(
    inGroups(faults).map(({ name }) => name),
    ["a", "d", "b", "c", "e"],
  );
});

test("a pause that was over before a fault began is not that fault's", async (t) => {
  const acknowledged = await Acknowledgements.listen();
  t.teardown(() => acknowledged.close());
  const socket = createConnection(acknowledged.port, "127.0.0.1");
  t.teardown(() => socket.destroy());
  const line = async (number: number) => {
    socket.write(`w ${number} node-01\n`);
    while (acknowledged.count("w") < number) await sleep(1);
  };
  await line(1);
  await sleep(1000);
  await line(2);
  await sleep(5);
  const began = Date.now();
  await line(3);
  t.true((acknowledged.longestPause() ?? 0) >= 990);
  t.true((acknowledged.longestPause(began) ?? 1000) < 990);
});
