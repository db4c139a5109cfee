import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { Sh, sh } from "../../../../provider/host/sh.js";
import { NoAnswer, Shell } from "../../../../provider/host/shell.js";
import { localChannel } from "../../local-shell.js";
import { isFree, runs, until } from "../../until.js";

const TIMEOUT = { timeoutMs: 20_000 };

function open(t: ExecutionContext, ...command: [string, ...string[]] | []): Shell {
  const shell = new Shell(localChannel(...command));
  t.teardown(() => shell.stream.destroy());
  return shell;
}

/** A script as a person writes it, wrong ones too: the template would quote it. */
const raw = (text: string): Sh => new Sh(text);

test("stdout, stderr and exit code come back apart, script after script", async (t) => {
  const shell = open(t);
  t.deepEqual(await shell.run(sh`echo out; echo err >&2; false`, TIMEOUT), {
    stdout: "out\n",
    stderr: "err\n",
    exitCode: 1,
  });
  t.deepEqual(await shell.run(sh`true`, TIMEOUT), { stdout: "", stderr: "", exitCode: 0 });
  t.deepEqual(await shell.run(sh`sh -c 'exit 127'`, TIMEOUT), { stdout: "", stderr: "", exitCode: 127 });
  t.is((await shell.run(sh`sh -c 'kill -9 $$'`, TIMEOUT)).exitCode, 137);
});

test("output comes back to the byte: without a final newline, with empty lines, with other characters", async (t) => {
  const shell = open(t);
  const texts = ["", "a", "a\n", "\n", "\n\n", "a\n\n\n", " a \t", "\r\n", "ä💾\u2028", "\u001e0\n", "-n"];
  for (const text of texts) {
    const { stdout, stderr } = await shell.run(sh`printf %s ${text}; printf %s ${text} >&2`, TIMEOUT);
    t.deepEqual([stdout, stderr], [text, text]);
  }
});

test("output that looks like the end of a script is output", async (t) => {
  const shell = open(t);
  const marks = Array.from({ length: 40 }, (_, index) => `\n${index.toString(16).padStart(18, "0")} 0\n`);
  const text = marks.join("");
  const { stdout, stderr, exitCode } = await shell.run(
    sh`printf %s ${text}; printf %s ${text} >&2; exit 4`,
    TIMEOUT,
  );
  t.deepEqual({ stdout, stderr, exitCode }, { stdout: text, stderr: text, exitCode: 4 });
});

test("5 MB on both streams at once come back whole", async (t) => {
  const shell = open(t);
  const { stdout, stderr } = await shell.run(
    sh`head -c 5000000 /dev/zero | tr '\\0' a >&2 & head -c 5000000 /dev/zero | tr '\\0' b; wait`,
    TIMEOUT,
  );
  t.true(stdout === "b".repeat(5_000_000));
  t.true(stderr === "a".repeat(5_000_000));
});

test("a character whose bytes arrive apart is one character", async (t) => {
  const shell = open(t);
  const { stdout } = await shell.run(raw("printf '\\303'; sleep 0.1; printf '\\244'"), TIMEOUT);
  t.is(stdout, "ä");
});

test("a script of 1 MB runs", async (t) => {
  const shell = open(t);
  const { stdout } = await shell.run(sh`printf %s ${"x'".repeat(500_000)} | wc -c`, TIMEOUT);
  t.is(stdout.trim(), "1000000");
});

test("a script with a syntax error fails, and the shell goes on", async (t) => {
  const shell = open(t);
  for (const script of ["if", "echo 'open", "}", "(", "a() {", "case x in", "${", "<<"]) {
    const { exitCode, stderr } = await shell.run(raw(script), TIMEOUT);
    t.not(exitCode, 0, script);
    t.not(stderr, "", script);
  }
  t.is((await shell.run(sh`echo still here`, TIMEOUT)).stdout, "still here\n");
});

test("exit, set -e, exec, cd and variables end with their script", async (t) => {
  const shell = open(t);
  t.is((await shell.run(sh`exit 3`, TIMEOUT)).exitCode, 3);
  t.is((await shell.run(sh`set -eu; false; echo not reached`, TIMEOUT)).exitCode, 1);
  t.is((await shell.run(sh`exec sh -c 'exit 5'`, TIMEOUT)).exitCode, 5);
  t.is((await shell.run(sh`exec >/dev/null 2>&1; echo lost`, TIMEOUT)).stdout, "");
  await shell.run(sh`cd /; left=over; trap 'echo trapped' EXIT`, TIMEOUT);
  t.is((await shell.run(sh`echo "[$left]"; pwd`, TIMEOUT)).stdout, `[]\n${process.cwd()}\n`);
});

test("stdin is empty: a command that reads it does not eat the next script", async (t) => {
  const shell = open(t);
  t.deepEqual(await shell.run(sh`cat; read -r line || echo "read: $?"`, TIMEOUT), {
    stdout: "read: 1\n",
    stderr: "",
    exitCode: 0,
  });
  t.is((await shell.run(sh`echo next`, TIMEOUT)).stdout, "next\n");
});

test("nothing of a script is an argument of a process", async (t) => {
  const shell = open(t);
  const { stdout } = await shell.run(
    sh`: ${"hush-hush"}; for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < "$p"; done 2>/dev/null | grep -c '[h]ush-hush'`,
    TIMEOUT,
  );
  t.is(stdout, "0\n");
});

test("a second script at the same time is refused, and the first is not disturbed", async (t) => {
  const shell = open(t);
  const first = shell.run(sh`sleep 0.2; echo first`, TIMEOUT);
  await t.throwsAsync(shell.run(sh`echo second`, TIMEOUT), { message: "this shell is busy" });
  t.is((await first).stdout, "first\n");
  t.is((await shell.run(sh`echo third`, TIMEOUT)).stdout, "third\n");
});

test("at the deadline the channel is closed, and the error says how long it was", async (t) => {
  const shell = open(t);
  const started = Date.now();
  await t.throwsAsync(shell.run(sh`echo begun; sleep 60`, { timeoutMs: 300 }), {
    message: "no answer within 0.3 s",
  });
  t.true(Date.now() - started < 5000);
  t.false(shell.alive);
  t.true(shell.stream.destroyed);
  await t.throwsAsync(shell.run(sh`true`, TIMEOUT), { message: "no answer within 0.3 s" });
});

test("a shell that ends in the middle of a script rejects, with its last words", async (t) => {
  const shell = open(t);
  const killed = shell.run(raw("echo going >&2; kill -9 0"), TIMEOUT);
  await t.throwsAsync(killed, { message: "the shell ended: going" });
  t.false(shell.alive);
  await t.throwsAsync(shell.run(sh`true`, TIMEOUT), { message: "the shell ended: going" });
});

test("a command that is no shell rejects, with what it said", async (t) => {
  const shell = open(t, "/bin/sh", "-c", "echo 'sudo: a password is required' >&2; exit 1");
  await t.throwsAsync(shell.run(sh`id -u`, TIMEOUT), {
    message: "the shell ended: sudo: a password is required",
  });
});

test("the end of input ends the shell", async (t) => {
  const shell = open(t);
  t.is((await shell.run(sh`echo once`, TIMEOUT)).stdout, "once\n");
  const closed = new Promise((resolve) => shell.stream.once("close", resolve));
  shell.end();
  await closed;
  t.false(shell.alive);
});

/** A file that stays while a script runs on, and the lock it holds. */
function traces(t: ExecutionContext) {
  const directory = mkdtempSync(join(tmpdir(), "mooring-shell-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return { lock: join(directory, "lock"), begun: join(directory, "begun"), made: join(directory, "made") };
}

/** Takes the lock, makes what its trap removes, and hangs. */
function hanging({ lock, begun, made }: ReturnType<typeof traces>, seconds: number): Sh {
  return sh`exec 9>${lock}
flock 9
trap ${`rm ${made}`} EXIT
touch ${made} ${begun}
sleep ${seconds}`;
}

for (const [how, end] of [
  ["the deadline", () => undefined],
  ["a channel that is closed", (shell: Shell) => shell.stream.destroy()],
  ["the end of input", (shell: Shell) => shell.end()],
] as const) {
  test(`${how} ends the script on the host: its trap runs, and its lock is free`, async (t) => {
    const shell = open(t);
    const left = traces(t);
    const seconds = 3000 + how.length;
    const running = shell.run(hanging(left, seconds), { timeoutMs: how === "the deadline" ? 3000 : 20_000 });
    // It may still say that it was terminated.
    const ended = running.then(
      ({ exitCode }) => t.is(exitCode, 143),
      () => undefined,
    );
    await until(() => existsSync(left.begun));
    end(shell);
    await ended;
    await until(() => !existsSync(left.made));
    await until(() => isFree(left.lock));
    t.false(runs(`sleep ${seconds}`));
  });
}

test("a script that does not heed SIGTERM is killed", async (t) => {
  const shell = open(t);
  const left = traces(t);
  const script = sh`trap '' TERM\nexec 9>${left.lock}\nflock 9\ntouch ${left.begun}\nsleep 3100`;
  const ended = t.throwsAsync(shell.run(script, TIMEOUT));
  await until(() => existsSync(left.begun));
  shell.stream.destroy();
  await ended;
  t.false(isFree(left.lock));
  await until(() => isFree(left.lock));
  t.false(runs("sleep 3100"));
});

test("what a script leaves running in a session of its own lives on", async (t) => {
  const shell = open(t);
  const { stdout } = await shell.run(sh`setsid sleep 3200 >/dev/null 2>&1 & echo $!`, TIMEOUT);
  shell.stream.destroy();
  await until(() => shell.stream.closed);
  await new Promise((wake) => setTimeout(wake, 500));
  t.true(process.kill(Number(stdout), "SIGKILL"));
});

test("a script that takes a lock has a clock on the host, which ends with it", async (t) => {
  const shell = open(t);
  const bounds = { timeoutMs: 3_300_000, lockMs: 60_000 };
  const { stdout } = await shell.run(
    sh`until pgrep -f ${"^sleep 3420$"}; do sleep 0.1; done; exit 4`,
    bounds,
  );
  t.regex(stdout, /^\d+\n$/);
  await until(() => !runs("^sleep 3420$"));
  t.is((await shell.run(sh`echo next`, bounds)).stdout, "next\n");
});

test("the host's clock ends a script that nobody else ends, and its trap runs", async (t) => {
  const stream = localChannel();
  const shell = new Shell(stream);
  t.teardown(() => stream.destroy());
  const left = traces(t);
  const write = stream.write.bind(stream) as (text: string) => boolean;
  Object.assign(stream, {
    write: (text: string) => write(text.replace(/sleep \d+ & wait/, "sleep 1 & wait")),
  });
  const { exitCode } = await shell.run(hanging(left, 3400), { timeoutMs: 20_000, lockMs: 20_000 });
  t.is(exitCode, 143);
  t.false(existsSync(left.made));
  t.true(isFree(left.lock));
  t.is((await shell.run(sh`echo next`, TIMEOUT)).stdout, "next\n");
});

test("the time of a script that waits for a lock counts from its first output", async (t) => {
  const shell = open(t);
  const bounds = { timeoutMs: 1500, lockMs: 10_000 };
  t.is((await shell.run(sh`sleep 2; echo got it; sleep 0.1`, bounds)).exitCode, 0);
  const late = await t.throwsAsync(shell.run(sh`echo got it; sleep 60`, bounds), { instanceOf: NoAnswer });
  t.is(late.stdout, "got it\n");
});
