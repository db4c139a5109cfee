import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { apply } from "../../../../provider/host/apply.js";
import { CommandFailed, HostUnreachable, Overtaken, TimedOut } from "../../../../provider/host/errors.js";
import { takeLock } from "../../../../provider/host/lock.js";
import { sh } from "../../../../provider/host/sh.js";
import { alone, run, runFor, type Step } from "../../../../provider/host/steps.js";
import { write } from "../../../../provider/host/writing.js";
import { RESTART } from "../../../../provider/systemd.js";
import { type LocalHost, localHost } from "../../local-host.js";
import { isFree, until } from "../../until.js";

const lines = (file: string) => readFileSync(file, "utf8").trimEnd().split("\n");

/** What each of several resources wants, at the same time. */
function together(local: LocalHost, ...all: Step[][]) {
  const reach = () => local.host;
  return Promise.allSettled(
    all.map((steps, index) =>
      apply(local.host, reach, steps, { lock: `r${index}`, who: `resource ${index}` }),
    ),
  );
}

const failures = (settled: readonly PromiseSettledResult<void>[]): (Error | undefined)[] =>
  settled.map((each) => (each.status === "rejected" ? (each.reason as Error) : undefined));

function started(t: ExecutionContext, options?: Parameters<typeof localHost>[2]) {
  const local = localHost(t, "storage", options);
  return { local, log: join(local.directory, "log") };
}

/** One command for all that are given to it. */
const one = (log: string, name: string, action = sh`echo "$*" >> ${log}`): Step =>
  runFor(`start ${name}`, [name], action);

test("what several resources want at the same time is one script, and the facts are forgotten once", async (t) => {
  const { local, log } = started(t);
  const steps = (name: string) => [
    run(`write ${name}`, sh`echo ${`write ${name}`} >> ${log}`),
    one(log, name),
    run(`look at ${name}`, sh`echo ${`look ${name}`} >> ${log}`),
  ];
  t.deepEqual(failures(await together(local, steps("a"), steps("b"), steps("c"))), [
    undefined,
    undefined,
    undefined,
  ]);
  t.deepEqual(lines(log), ["write a", "write b", "write c", "a b c", "look a", "look b", "look c"]);
  t.is(local.scripts.length, 1);
  t.is(local.forgotten, 2);
});

test("more resources than a shell has descriptors for have each its own lock while they are at work", async (t) => {
  const { local } = started(t);
  const names = Array.from({ length: 12 }, (_, index) => `r${index}`);
  const hold = (name: string) => [
    run("begin", sh`touch ${join(local.directory, `${name}.begun`)}`),
    runFor("wait", [], sh`until [ -e ${join(local.directory, "go")} ]; do sleep 0.05; done`),
  ];
  const done = together(local, ...names.map(hold));
  await until(() => names.every((name) => existsSync(join(local.directory, `${name}.begun`))));
  const lock = (name: string) => join(local.directory, `${name}.lock`);
  t.deepEqual(
    names.filter((name) => isFree(lock(name))),
    [],
  );
  t.is(readFileSync(lock("r7"), "utf8"), "resource 7\n");
  t.deepEqual(
    failures(
      await Promise.all([
        done,
        apply(local.host, () => local.host, [run("go", sh`touch ${join(local.directory, "go")}`)], {
          lock: "go",
          who: "x",
        }),
      ]).then(([all]) => all),
    ),
    names.map(() => undefined),
  );
  t.deepEqual(
    names.filter((name) => !isFree(lock(name))),
    [],
  );
});

test("of several, one that fails fails alone, with its own words, and nothing more is done for it", async (t) => {
  const { local, log } = started(t);
  const errors = failures(
    await together(
      local,
      [run("write a", sh`echo a >> ${log}`), one(log, "a")],
      [run("write b", sh`echo noise; echo "no space left" >&2; exit 3`), one(log, "b")],
      [{ ...run("compare", sh`echo "it is another's" >&2; false`), compares: true }, one(log, "c")],
      [run("write d", sh`echo "$not_set"`), one(log, "d")],
      [run("write e", sh`echo e >> ${log}`), one(log, "e")],
    ),
  );
  t.deepEqual(lines(log), ["a", "e", "a e"]);
  t.deepEqual([errors[0], errors[4]], [undefined, undefined]);
  t.is(
    errors[1]?.message,
    `write b on host "storage" failed with exit code 3:
  no space left
The command was:
  echo noise; echo "no space left" >&2; exit 3`,
  );
  t.true(errors[2] instanceof Overtaken);
  t.regex(errors[2]?.message ?? "", /^compare on host "storage".*\n {2}it is another's\n/);
  t.regex(errors[3]?.message ?? "", /^write d on host "storage" failed with exit code 2:\n.*not_set/);
});

test("a common command that fails is done for each alone, which tells whose fault it is", async (t) => {
  const { local, log } = started(t);
  const start = sh`echo "$*" >> ${log}
for u do [ "$u" != bad ] || { echo "$u: no such device" >&2; exit 32; }; done`;
  const steps = (name: string) => [one(log, name, start), run("look", sh`echo ${`look ${name}`} >> ${log}`)];
  const errors = failures(await together(local, steps("a"), steps("bad"), steps("c")));
  t.deepEqual(lines(log), ["a bad c", "a", "bad", "c", "look a", "look c"]);
  t.deepEqual([errors[0], errors[2]], [undefined, undefined]);
  t.is(
    errors[1]?.message,
    `start bad on host "storage" failed with exit code 32:
  bad: no such device
The command was:
  set -- 'bad'
  echo "$*" >> '${log}'
  for u do [ "$u" != bad ] || { echo "$u: no such device" >&2; exit 32; }; done`,
  );
});

test("a common command waits for those who come to it later, and two kinds are two commands", async (t) => {
  const { local, log } = started(t);
  const enable = (name: string) => runFor(`enable ${name}`, [name], sh`echo "enable $*" >> ${log}`);
  const start = (name: string) => runFor(`start ${name}`, [name], sh`echo "start $*" >> ${log}`);
  const mount = (name: string) => runFor(`mount ${name}`, [name], sh`echo "mount $*" >> ${log}`);
  await together(local, [start("a")], [enable("b"), start("b")], [enable("c"), mount("c"), start("c")]);
  t.deepEqual(lines(log), ["enable b c", "mount c", "start a b c"]);
});

test("what they change is brought to the disk once, behind all of it", async (t) => {
  const { local } = started(t);
  const file = (name: string) => join(local.directory, name);
  await together(local, [write(file("a"), "it's a")], [write(file("b"), "b")]);
  t.deepEqual([readFileSync(file("a"), "utf8"), readFileSync(file("b"), "utf8")], ["it's a", "b"]);
  t.is(local.scripts[0]?.match(/^common\d+\(\) \{\nflush\(\)/gm)?.length, 1);
});

test("one whose lock another program has waits for it alone, and the others do not", async (t) => {
  const { local, log } = started(t);
  const lock = join(local.directory, "r1.lock");
  const other = spawn("/bin/sh", ["-c", 'exec flock "$0" sh -c "echo held; read -r line"', lock], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.teardown(() => other.kill());
  await once(other.stdout, "data");
  const done = together(local, [one(log, "a")], [one(log, "b")], [one(log, "c")]);
  await until(() => existsSync(log));
  t.deepEqual(lines(log), ["a c"]);
  other.stdin.end();
  t.deepEqual(failures(await done), [undefined, undefined, undefined]);
  t.deepEqual(lines(log), ["a c", "b"]);
});

test("two that have the same lock are done one after another", async (t) => {
  const { local, log } = started(t);
  const options = { lock: "volume-a", who: "me" };
  const steps = (name: string) => [run(name, sh`echo ${name} >> ${log}; sleep 0.1; echo ${name} >> ${log}`)];
  const reach = () => local.host;
  await Promise.all(["a", "b"].map((name) => apply(local.host, reach, steps(name), options)));
  t.deepEqual(lines(log), ["a", "a", "b", "b"]);
});

test("what takes its time has a script of its own", async (t) => {
  const { local, log } = started(t);
  const slow = alone(run("convert it", sh`until [ -e ${log} ]; do sleep 0.05; done; echo slow >> ${log}`));
  t.deepEqual(failures(await together(local, slow, [one(log, "a")], [one(log, "b")])), [
    undefined,
    undefined,
    undefined,
  ]);
  t.deepEqual(lines(log), ["a b", "slow"]);
});

test("at the deadline the step that hangs is named, and the others are done all the same", async (t) => {
  const { local, log } = started(t, { limits: { stepsMs: 1000 } });
  const errors = failures(
    await together(
      local,
      [run("a", sh`echo a >> ${log}`)],
      [run("hang", sh`sleep 60`)],
      [run("c", sh`echo c >> ${log}`)],
    ),
  );
  t.deepEqual([errors[0], errors[2]], [undefined, undefined]);
  t.true(errors[1] instanceof TimedOut);
  t.regex(errors[1]?.message ?? "", /^hang on host "storage" was given up: no answer within 1 s\n/);
  // Steps are safe to be done again.
  t.deepEqual([...new Set(lines(log))].sort(), ["a", "c"]);
  await until(() => [0, 1, 2].every((index) => isFree(join(local.directory, `r${index}.lock`))));
});

test("a common command that hangs fails for whom it hangs", async (t) => {
  const { local, log } = started(t, { limits: { stepsMs: 1000 } });
  const start = sh`for u do [ "$u" != bad ] || sleep 60; done; echo "$*" >> ${log}`;
  const errors = failures(await together(local, [one(log, "a", start)], [one(log, "bad", start)]));
  t.is(errors[0], undefined);
  t.regex(errors[1]?.message ?? "", /^start bad on host "storage" was given up/);
  t.deepEqual(lines(log), ["a"]);
});

test("when the connection is cut nobody knows how far any of them got", async (t) => {
  const { local, log } = started(t);
  const done = together(local, [run("a", sh`touch ${log}; sleep 60`)], [run("b", sh`:`)]);
  await until(() => existsSync(log));
  local.cut();
  for (const error of failures(await done)) {
    t.true(error instanceof HostUnreachable);
    t.regex(error?.message ?? "", /while: a, b\nIt is not known how far that got/);
  }
  await until(() => isFree(join(local.directory, "r0.lock")));
});

test("a secret step of a group is not shown", async (t) => {
  const { local } = started(t);
  const secret = { ...run("write the key", sh`printf %s ${"hush-hush"} > /nowhere/key`), secret: true };
  const [error] = failures(await together(local, [secret], [run("b", sh`:`)]));
  t.true(error instanceof CommandFailed);
  t.notRegex(JSON.stringify({ ...error, message: error?.message }), /hush-hush/);
});

test("what holds another lock in a step says who it is", async (t) => {
  const { local, log } = started(t);
  const inside = run(
    "reserve",
    sh`(\n${takeLock(8, "ports")}\ncat ${join(local.directory, "ports.lock")} >> ${log}\n)`,
  );
  await together(local, [inside], [inside]);
  t.deepEqual(lines(log), ["resource 0", "resource 1"]);
});

test("a common command that took too long by its own clock is done for each by itself", async (t) => {
  const { local, log } = started(t);
  const start = sh`[ $# = 1 ] || exit 124\n[ "$1" != bad ] || { echo "not active after 60 s" >&2; exit 124; }\necho "$1" >> ${log}`;
  const errors = failures(
    await together(local, [one(log, "a", start)], [one(log, "bad", start)], [one(log, "c", start)]),
  );
  t.deepEqual([errors[0], errors[2]], [undefined, undefined]);
  t.regex(
    errors[1]?.message ?? "",
    /^start bad on host "storage" failed with exit code 124:\n {2}not active/,
  );
  t.is(local.scripts.length, 4);
  t.deepEqual([...new Set(lines(log))].sort(), ["a", "c"]);
});

test("what was started anew with others is not stopped once more because one of them failed", async (t) => {
  const { local, log } = started(t);
  const restart = sh`echo ${RESTART} "$@" >> ${log}\nfor u do [ "$u" != bad ] || exit 1; done`;
  await together(local, [one(log, "a", restart)], [one(log, "bad", restart)]);
  t.deepEqual(lines(log), ["restart a bad", "start a", "start bad"]);
  await together(local, [one(log, "c", restart)], [run("fail", sh`exit 1`), one(log, "d", restart)]);
  t.is(lines(log).at(-1), "restart c");
});

test("a lock is not kept by what waits for a unit when the script is given up", async (t) => {
  const { local } = started(t, { limits: { stepsMs: 1000 } });
  const waiting = run("wait", sh`timeout --foreground 60 sleep 50`);
  const other = run("other", sh`:`);
  const errors = failures(await together(local, [waiting], [other]));
  t.deepEqual([errors[0] instanceof TimedOut, errors[1]], [true, undefined]);
  await until(() => [0, 1].every((index) => isFree(join(local.directory, `r${index}.lock`))));
});
