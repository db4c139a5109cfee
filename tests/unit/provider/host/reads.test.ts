import test from "ava";
import { CommandFailed, HostUnreachable, TimedOut } from "../../../../provider/host/errors.js";
import { sh } from "../../../../provider/host/sh.js";
import { localHost } from "../../local-host.js";

test("what is read at the same time is one script, each with its own answer", async (t) => {
  const { host, scripts } = localHost(t, "storage");
  const said = await Promise.allSettled([
    host.look("one", sh`printf 'no end of line'`),
    host.look("two", sh`echo two; exit 0; echo never`),
    host.look("three", sh`echo noise; echo "no such file" >&2; exit 3`),
    host.look("four", sh`printf '\\0a\\0\\n\\n'`),
  ]);
  t.deepEqual(
    said.map((each) => (each.status === "fulfilled" ? each.value : (each.reason as Error).message)),
    [
      "no end of line",
      "two\n",
      'three on host "storage" failed with exit code 3:\n  no such file\nThe command was:\n  echo noise; echo "no such file" >&2; exit 3',
      "\0a\0\n\n",
    ],
  );
  t.true((said[2] as PromiseRejectedResult).reason instanceof CommandFailed);
  t.is(scripts.length, 1);
});

test("what several ask for at the same time is read once", async (t) => {
  const { host, scripts } = localHost(t, "storage");
  const [one, two, other] = await Promise.allSettled([
    host.look("one", sh`echo once; exit 3`),
    host.look("two", sh`echo once; exit 3`),
    host.look("other", sh`echo other`),
  ]);
  for (const each of [one, two])
    t.regex((each as PromiseRejectedResult).reason.message, /failed with exit code 3:\n {2}once\n/);
  t.deepEqual(other, { status: "fulfilled", value: "other\n" });
  t.is(scripts.join("\n").split("echo once").length, 2);
});

test("those that leave the shell as it is share it, also with what they read", async (t) => {
  const { host } = localHost(t, "storage");
  const all = (word: string) => sh`: "\${all=$(echo read)}"; echo "$all" ${word}`;
  const said = await Promise.all([
    host.look("one", all("one"), true),
    host.look("two", sh`all=mine; exit 0`),
    host.look("three", sh`echo three; [ -z "$all" ] || all=other`, true),
    host.look("four", all("four"), true),
  ]);
  t.deepEqual(said, ["read one\n", "", "three\n", "other four\n"]);
});

test("one alone is the script that it is", async (t) => {
  const { host, scripts } = localHost(t, "storage");
  t.is(await host.look("one", sh`echo 1`), "1\n");
  t.deepEqual(scripts, ["echo 1"]);
});

test("one that does not answer in time fails alone, and those behind it are asked again", async (t) => {
  const { host, scripts } = localHost(t, "storage", { limits: { readMs: 2000 } });
  const [first, hung, last] = await Promise.allSettled([
    host.look("first", sh`echo 1`),
    host.look("hung", sh`sleep 60`),
    host.look("last", sh`echo 3`),
  ]);
  t.deepEqual(first, { status: "fulfilled", value: "1\n" });
  t.deepEqual(last, { status: "fulfilled", value: "3\n" });
  const { reason } = hung as PromiseRejectedResult;
  t.true(reason instanceof TimedOut);
  t.regex((reason as Error).message, /^hung on host "storage" was given up: no answer within 2 s\n/);
  t.is(scripts.length, 3);
});

test("when the connection is cut all of them are told", async (t) => {
  const local = localHost(t, "storage");
  const asked = Promise.allSettled([
    local.host.look("one", sh`sleep 60`),
    local.host.look("two", sh`echo 2`),
  ]);
  setTimeout(() => local.cut(), 300);
  for (const each of await asked) t.true((each as PromiseRejectedResult).reason instanceof HostUnreachable);
});

test("a read that ends the shell around it names the host; those before it are answered, those behind it asked again", async (t) => {
  const { host, scripts } = localHost(t, "storage");
  const [first, ending, last] = await Promise.allSettled([
    host.look("first", sh`echo 1`),
    host.look("ending it", sh`exit 3`, true),
    host.look("last", sh`echo 3`),
  ]);
  t.deepEqual(first, { status: "fulfilled", value: "1\n" });
  t.deepEqual(last, { status: "fulfilled", value: "3\n" });
  const { reason } = ending as PromiseRejectedResult;
  t.true(reason instanceof HostUnreachable);
  t.is(
    (reason as Error).message,
    `host "storage" could not be reached: the shell ended while: ending it
Check that the host is up and that the connection is right; nothing was assumed about what is on it.`,
  );
  t.is(scripts.length, 2);
});
