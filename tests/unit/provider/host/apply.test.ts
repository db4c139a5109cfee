import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { apply } from "../../../../provider/host/apply.js";
import { CommandFailed, Refused, TimedOut } from "../../../../provider/host/errors.js";
import { DEFAULT_LIMITS } from "../../../../provider/host/limits.js";
import { sh } from "../../../../provider/host/sh.js";
import { script } from "../../../../provider/host/single-script.js";
import { engine, on, run, type Step } from "../../../../provider/host/steps.js";
import { write } from "../../../../provider/host/writing.js";
import type { HostRef } from "../../../../provider/inputs/host-ref.js";
import { localHost } from "../../local-host.js";
import { isFree, until } from "../../until.js";

const elsewhere = () => {
  throw new Error("no step is on another host");
};

test("steps run in order, in one script, and the facts are forgotten before and after", async (t) => {
  const local = localHost(t, "storage");
  const log = join(local.directory, "log");
  await apply(
    local.host,
    elsewhere,
    [run("first", sh`echo 1 >> ${log}`), run("second", sh`echo 2 >> ${log}`)],
    { lock: "volume-a", who: "the test" },
  );
  t.is(readFileSync(log, "utf8"), "1\n2\n");
  t.is(local.scripts.length, 1);
  t.is(local.forgotten, 2);
});

test("several resources whose steps are known wait for one that still reads on the host", async (t) => {
  const local = localHost(t, "storage");
  const make = (name: string) =>
    apply(local.host, elsewhere, [run(`make ${name}`, sh`:`)], { lock: `volume-${name}`, who: "the test" });
  const reading = local.host.look("looking", sh`sleep 0.4`).then(() => make("c"));
  await Promise.all([reading, make("a"), make("b")]);
  t.is(local.scripts.length, 2, "one that reads, one for the steps of all three");
});

test("no steps are no script", async (t) => {
  const local = localHost(t, "storage");
  await apply(local.host, elsewhere, [], { lock: "volume-a", who: "the test" });
  t.deepEqual(local.scripts, []);
});

test("a failing step is named by its title, with host, exit code, the tool's words and the command", async (t) => {
  const local = localHost(t, "storage");
  const after = join(local.directory, "after");
  const steps = [
    run("make the ground", sh`echo noise; echo more noise >&2`),
    run("export /srv/a b", sh`echo "exportfs: no such file" >&2\nsh -c 'exit 6'`),
    run("go on", sh`touch ${after}`),
  ];
  const error = await t.throwsAsync(apply(local.host, elsewhere, steps, { lock: "nfs-a", who: "the test" }), {
    instanceOf: CommandFailed,
    message: `export /srv/a b on host "storage" failed with exit code 6:
  exportfs: no such file
The command was:
  echo "exportfs: no such file" >&2
  sh -c 'exit 6'`,
  });
  t.is(error.doing, "export /srv/a b");
  t.false(existsSync(after));
  t.is(local.forgotten, 2);
});

test("a step that fails in its middle does not go on, and neither does one with an unset variable", async (t) => {
  const local = localHost(t, "storage");
  const after = join(local.directory, "after");
  for (const action of [sh`false\ntouch ${after}`, sh`echo "$not_set"\ntouch ${after}`]) {
    await t.throwsAsync(apply(local.host, elsewhere, [run("it", action)], { lock: "a", who: "the test" }), {
      instanceOf: CommandFailed,
      message: /^it on host "storage" failed with exit code \d+:/,
    });
  }
  t.false(existsSync(after));
});

test("a tool that complains on stdout is heard; one that says nothing is said to say nothing", async (t) => {
  const local = localHost(t, "storage");
  const failing = (action: Step["action"]) =>
    apply(local.host, elsewhere, [run("a", sh`echo before`), { title: "b", action }], {
      lock: "a",
      who: "the test",
    });
  await t.throwsAsync(failing(sh`echo "No space left"; exit 1`), {
    message: /exit code 1:\n {2}No space left\n/,
  });
  await t.throwsAsync(failing(sh`exit 1`), { message: /exit code 1:\n {2}\(it printed nothing\)\n/ });
});

test("the eleventh step is named, not the first", async (t) => {
  const local = localHost(t, "storage");
  const steps = Array.from({ length: 12 }, (_, index) =>
    run(`step ${index}`, index === 11 ? sh`exit 1` : sh`:`),
  );
  await t.throwsAsync(apply(local.host, elsewhere, steps, { lock: "a", who: "the test" }), {
    message: /^step 11 on host/,
  });
});

test("the command of a secret step is not shown, nor is it in any property of the error", async (t) => {
  const local = localHost(t, "storage");
  const step = { ...run("write the key", sh`printf %s ${"hush-hush"} > /nowhere/key`), secret: true };
  const error = await t.throwsAsync(apply(local.host, elsewhere, [step], { lock: "a", who: "the test" }), {
    instanceOf: CommandFailed,
    message:
      /^write the key on host "storage" failed[\s\S]*The command was:\n {2}\(not shown: it holds a secret\)$/,
  });
  t.notRegex(JSON.stringify({ ...error, stack: error.stack, message: error.message }), /hush-hush/);
});

test("the steps of two hosts are a script on each, in order; an engine call ends a script", async (t) => {
  const storage = localHost(t, "storage");
  const node = localHost(t, "node-01");
  const call = { call: "remove-image", image: "tiny:1" } as const;
  const steps = [
    run("stop", sh`echo stop`),
    run("unmount", sh`echo unmount`),
    ...on({ name: "storage" }, [run("fence", sh`echo fence`), run("serve", sh`echo serve`)]),
    run("attach", sh`echo attach`),
    engine("remove tiny:1", call),
    run("start", sh`echo start`),
  ];
  const reach = ({ name }: HostRef) => (name === "storage" ? storage.host : elsewhere());
  await apply(node.host, reach, steps, { lock: "volume-a", who: "the test" });
  const echoed = (scripts: string[]) =>
    scripts.map((text) => [...text.matchAll(/^echo (\w+)$/gm)].map(([, word]) => word));
  t.deepEqual(echoed(node.scripts), [["stop", "unmount"], ["attach"], ["start"]]);
  t.deepEqual(echoed(storage.scripts), [["fence", "serve"]]);
  t.deepEqual(node.calls, [["remove tiny:1", call]]);
});

test("a failure on another host names that host, and nothing after it is done", async (t) => {
  const storage = localHost(t, "storage");
  const node = localHost(t, "node-01");
  const steps = [...on({ name: "storage" }, [run("fence", sh`exit 1`)]), run("attach", sh`:`)];
  await t.throwsAsync(
    apply(node.host, () => storage.host, steps, { lock: "volume-a", who: "the test" }),
    {
      message: /^fence on host "storage" failed/,
    },
  );
  t.deepEqual(node.scripts, []);
});

test("who holds the lock is waited for", async (t) => {
  const local = localHost(t, "storage");
  const lock = join(local.directory, "volume-a.lock");
  const other = spawn("/bin/sh", ["-c", 'exec flock "$0" sh -c "echo held; read -r line"', lock], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.teardown(() => other.kill());
  await once(other.stdout, "data");
  let done = false;
  const options = { lock: "volume-a", who: "the test" };
  const applied = apply(local.host, elsewhere, [run("it", sh`:`)], options).then(() => {
    done = true;
  });
  await new Promise((wake) => setTimeout(wake, 200));
  t.false(done);
  other.stdin.end();
  await applied;
});

test("who waits for the lock in vain is told who has it, since when, and what to do", async (t) => {
  const holder = localHost(t, "storage");
  const waiter = localHost(t, "storage", { directory: holder.directory, limits: { lockMs: 1000 } });
  const held = join(holder.directory, "held");
  const steps = [run("hold it", sh`touch ${held}\nsleep 60`)];
  const holding = apply(holder.host, elsewhere, steps, { lock: "volume-a", who: "NbdExport of anna" });
  await until(() => existsSync(held));
  const options = { lock: "volume-a", who: "me" };
  const lock = join(holder.directory, "volume-a.lock");
  const error = await t.throwsAsync(
    apply(waiter.host, elsewhere, [run("a", sh`:`), run("b", sh`:`)], options),
    { instanceOf: Refused },
  );
  t.is(
    error.message.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+/, "DATE"),
    `on host "storage" another program holds '${lock}': NbdExport of anna, since DATE
It was waited for 1 s, and nothing was done of: a, b
Let that program finish, or stop it (fuser -v /run/mooring/volume-a.lock on the host shows its processes), then run the same command again. timeouts.lock of the resource is how long it waits.`,
  );
  holder.cut();
  await t.throwsAsync(holding);
  await apply(waiter.host, elsewhere, [run("a", sh`:`)], options);
});

test("at the deadline the step that runs is named, its trap runs, and the lock is free", async (t) => {
  const local = localHost(t, "storage", { limits: { stepsMs: 1000 } });
  const [made, after] = [join(local.directory, "made"), join(local.directory, "after")];
  const slow = sh`trap ${`rm -f ${made}`} EXIT\ntouch ${made}\nsleep 60\ntouch ${after}`;
  const options = { lock: "volume-a", who: "me" };
  const steps = [run("begin", sh`:`), run("convert it", slow), run("go on", sh`touch ${after}`)];
  await t.throwsAsync(apply(local.host, elsewhere, steps, options), {
    instanceOf: TimedOut,
    message: `convert it on host "storage" was given up: no answer within 1 s
It is not known how far it got. Look at the host, then run the same command again: every step is safe to repeat. timeouts.steps of the resource gives it longer.`,
  });
  await until(() => !existsSync(made));
  await until(() => isFree(join(local.directory, "volume-a.lock")));
  t.false(existsSync(after));
});

test("the wait for the lock is not part of the steps' time", async (t) => {
  const holder = localHost(t, "storage");
  const waiter = localHost(t, "storage", { directory: holder.directory, limits: { stepsMs: 1500 } });
  const options = { lock: "volume-a", who: "me" };
  const held = join(holder.directory, "held");
  const holding = apply(holder.host, elsewhere, [run("hold it", sh`touch ${held}\nsleep 2`)], options);
  await until(() => existsSync(held));
  await t.notThrowsAsync(apply(waiter.host, elsewhere, [run("a", sh`:`)], options));
  await holding;
});

test("a lock that can't be had is an error that names the lock, not a step", async (t) => {
  const local = localHost(t, "storage");
  const steps = [run("it", sh`:`)];
  await t.throwsAsync(apply(local.host, elsewhere, steps, { lock: "no/such/directory", who: "the test" }), {
    message: /^taking the lock no\/such\/directory on host "storage" failed with exit code 2:/,
  });
});

test("the lock ends with the script", async (t) => {
  const local = localHost(t, "storage");
  const options = { lock: "volume-a", who: "the test" };
  await apply(local.host, elsewhere, [run("it", sh`:`)], options);
  await t.throwsAsync(apply(local.host, elsewhere, [run("it", sh`exit 1`)], options), { message: /^it on/ });
  const other = spawn("/bin/sh", ["-c", 'exec flock -n "$0" true', join(local.directory, "volume-a.lock")]);
  t.deepEqual(await once(other, "exit"), [0, null]);
});

test("a written file has its whole content and its mode, through a new file", async (t) => {
  const local = localHost(t, "storage");
  const path = join(local.directory, "deep", "er", "file");
  const content = "# it's \\n $HOME `id`\n\n%s\n";
  await apply(
    local.host,
    elsewhere,
    [write(path, content, "0600"), run("look", sh`stat -c %a ${path} > ${`${path}.mode`}`)],
    { lock: "a", who: "the test" },
  );
  t.is(readFileSync(path, "utf8"), content);
  t.is(readFileSync(`${path}.mode`, "utf8"), "600\n");
  t.false(existsSync(`${path}.mooring-new`));
});

test("the script is one that can be read: the lock, then each step behind its mark", (t) => {
  const steps = [run("first", sh`echo ${"a b"}`), run("second", sh`true`)];
  t.is(
    script(steps, { lock: "volume-a", who: "me" }, { ...DEFAULT_LIMITS, stepsMs: 1_800_000 }).text,
    `set -eu
lock_wait='300' who='me' patience=1620
[ -d '/run/mooring' ] || mkdir -p '/run/mooring'
exec 9<>'/run/mooring/volume-a.lock'
flock -E 75 -w "\${lock_wait:-300}" 9 || {
  code=$?
  holder=$(cat '/run/mooring/volume-a.lock')
  [ $code != 75 ] || echo "another program holds '/run/mooring/volume-a.lock': \${holder:-it left no name}, since $(date -r '/run/mooring/volume-a.lock' '+%F %T %Z')" >&2
  exit $code
}
: > '/run/mooring/volume-a.lock'
echo "\${who:-}" >&9
printf '\\036%d\\n' '0'; printf '\\036' >&2
echo 'a b'
printf '\\036%d\\n' '1'; printf '\\036' >&2
true
`,
  );
});
