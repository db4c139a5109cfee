import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { CommandFailed, HostUnreachable, Refused, TimedOut } from "../../../../provider/host/errors.js";
import { Host } from "../../../../provider/host/host.js";
import { DEFAULT_LIMITS } from "../../../../provider/host/limits.js";
import { sh } from "../../../../provider/host/sh.js";
import type { HostRef } from "../../../../provider/inputs/host-ref.js";
import { isFree, until } from "../../until.js";
import { type ServerOptions, sshServer } from "./ssh-server.js";

delete process.env.SSH_AUTH_SOCK;

const ROOT = { id: "echo 0" };

/** A directory of programs that stand for the host's own. */
function programs(t: ExecutionContext, scripts: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), "mooring-programs-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return directory;
}

async function start(
  t: ExecutionContext,
  scripts: Record<string, string>,
  connection: Partial<HostRef["connection"]> = {},
  options: ServerOptions = {},
) {
  const server = await sshServer(t, { password: "right", programs: programs(t, scripts), ...options });
  const host = new Host({
    name: "node-01",
    connection: {
      host: "127.0.0.1",
      port: server.port,
      hostKey: server.hostKey,
      password: "right",
      dialErrorLimit: 1,
      ...connection,
    },
  });
  t.teardown(() => host.close());
  return { server, host };
}

test("however many ask at once, it is one connection and a few shells", async (t) => {
  const { server, host } = await start(t, ROOT);
  const said = await Promise.all(
    Array.from({ length: 12 }, (_, index) => host.run("counting", sh`sleep 0.2; echo ${index}`)),
  );
  t.deepEqual(
    said,
    Array.from({ length: 12 }, (_, index) => `${index}\n`),
  );
  t.is(server.connections(), 1);
  t.is(server.sessions(), 3);
});

test("a server that allows one session is slower, and no error", async (t) => {
  const { server, host } = await start(t, ROOT, {}, { maxSessions: 1 });
  t.is(await host.run("warming up", sh`echo 0`), "0\n");
  const said = await Promise.all([1, 2, 3].map((index) => host.run("counting", sh`echo ${index}`)));
  t.deepEqual(said, ["1\n", "2\n", "3\n"]);
  t.is(server.sessions(), 1);
});

test("a command that fails is an error with host, command, exit code and the tool's words", async (t) => {
  const { host } = await start(t, ROOT);
  await t.throwsAsync(host.run("reading it", sh`echo noise; echo "no such file" >&2; exit 3`), {
    instanceOf: CommandFailed,
    message: `reading it on host "node-01" failed with exit code 3:
  no such file
The command was:
  echo noise; echo "no such file" >&2; exit 3`,
  });
  t.is((await host.attempt("reading it", sh`exit 3`)).exitCode, 3);
});

test("a fact is read once for all who ask, until a step is applied, and again after an error", async (t) => {
  const { host } = await start(t, ROOT);
  const log = join(programs(t, {}), "log");
  const fact = {
    name: "the fact",
    command: sh`echo read >> ${log}; wc -l < ${log}`,
    parse: (stdout: string) => Number(stdout),
  };
  t.deepEqual(await Promise.all([host.fact(fact), host.fact(fact)]), [1, 1]);
  t.is(await host.fact(fact), 1);
  host.forgetFacts();
  t.is(await host.fact(fact), 2);
  host.forgetFacts();
  const broken = { ...fact, command: sh`exit 1` };
  await t.throwsAsync(host.fact(broken), { message: /^reading the fact on host "node-01" failed/ });
  t.is(await host.fact(fact), 3);
});

test("a fact that can't be understood is an error with host, fact and the parser's words, and is read again", async (t) => {
  const { host } = await start(t, ROOT);
  const fact = {
    name: "the fact",
    command: sh`echo 'not json'`,
    parse: (stdout: string): unknown => {
      if (stdout === "not json\n") throw new Error("line 1 is not what it should be");
      return stdout;
    },
  };
  for (const ask of [
    () => host.fact(fact),
    () => Promise.all([host.fact(fact), host.look("other", sh`true`)]),
  ])
    await t.throwsAsync(ask, {
      instanceOf: Refused,
      message: `reading the fact on host "node-01": line 1 is not what it should be
Nothing was assumed about what is on it.`,
    });
  t.is(await host.fact({ ...fact, command: sh`echo repaired` }), "repaired\n");
  const thrown = {
    ...fact,
    name: "another",
    parse: () => {
      throw "no error at all";
    },
  };
  await t.throwsAsync(host.fact(thrown), {
    message: /^reading another on host "node-01": no error at all\n/,
  });
});

test("a lasting fact is read once, until it is said that this changed too", async (t) => {
  const { host } = await start(t, ROOT);
  const log = join(programs(t, {}), "log");
  const fact = {
    name: "the fact",
    lasting: true,
    command: sh`echo read >> ${log}; wc -l < ${log}`,
    parse: (stdout: string) => Number(stdout),
  };
  t.is(await host.fact(fact), 1);
  host.forgetFacts();
  t.is(await host.fact(fact), 1);
  host.forgetFacts(true);
  t.is(await host.fact(fact), 2);
});

test.serial(
  "a fact that takes its time to read is read once all the same, and is old ten seconds later",
  async (t) => {
    const { host } = await start(t, ROOT);
    const log = join(programs(t, {}), "log");
    const fact = {
      name: "the fact",
      command: sh`echo read >> ${log}; sleep 0.3; wc -l < ${log}`,
      parse: (stdout: string) => Number(stdout),
    };
    const { now } = Date;
    t.teardown(() => {
      Date.now = now;
    });
    const first = host.fact(fact);
    Date.now = () => now() + 11_000;
    t.deepEqual(await Promise.all([first, host.fact(fact)]), [1, 1]);
    t.is(await host.fact(fact), 1);
    Date.now = () => now() + 22_000;
    t.is(await host.fact(fact), 2);
  },
);

test("tools answer in the words that their parsers expect, and the system's are found", async (t) => {
  const { host } = await start(t, ROOT);
  const said = await host.run("looking", sh`echo "$LC_ALL $DOCKER_HOST"; echo ":$PATH:"`);
  t.regex(said, /^C unix:\/\/\/var\/run\/docker\.sock\n:.*:\/usr\/sbin:.*:\/sbin:/);
});

test("a user who is not root is told what to set", async (t) => {
  const { host } = await start(t, { id: "echo 1000" }, { user: "admin" });
  await t.throwsAsync(host.run("looking", sh`true`), {
    instanceOf: HostUnreachable,
    message: `host "node-01" could not be reached: the connection's user admin is not root
Set sudo: true in the connection (sudo must work without a password), or connect as root.`,
  });
});

test("a login shell that prints something is told of: the Engine's answers would begin with it", async (t) => {
  const { host } = await start(t, { id: "echo 'Welcome to node-01!'; echo 0" });
  await t.throwsAsync(host.run("looking", sh`true`), {
    instanceOf: HostUnreachable,
    message: `host "node-01" could not be reached: its login shell prints something before each command: Welcome to node-01!
Let ~/.bashrc, ~/.zshenv and /etc/ssh/sshrc of the connection's user print nothing where there is no terminal: [ -t 1 ] || return`,
  });
});

test("with sudo everything runs through it; one that asks for a password is an error with its words", async (t) => {
  const sudo = 'case "$1" in -n) shift; SUDO=yes exec "$@" ;; esac; exit 1';
  const { host } = await start(t, { ...ROOT, sudo }, { sudo: true });
  t.is(await host.run("looking", sh`echo "$SUDO"`), "yes\n");
  const { host: asking } = await start(
    t,
    { sudo: 'echo "sudo: a password is required" >&2; exit 1' },
    { sudo: true },
  );
  await t.throwsAsync(asking.run("looking", sh`true`), {
    instanceOf: HostUnreachable,
    message: `host "node-01" could not be reached: no root shell: the shell ended: sudo: a password is required
sudo must work without a password for this user (NOPASSWD in sudoers).`,
  });
});

test("a connection that is cut in a script is unknown, not failed; the next script connects again", async (t) => {
  const { server, host } = await start(t, ROOT);
  t.is(await host.run("warming up", sh`echo 0`), "0\n");
  const begun = join(programs(t, {}), "begun");
  const ended = t.throwsAsync(host.run("making it", sh`touch ${begun}; sleep 30`), {
    instanceOf: HostUnreachable,
    message: /^host "node-01" could not be reached: .* while: making it\nIt is not known how far that got\. /,
  });
  await until(() => existsSync(begun));
  server.cut();
  await ended;
  const again = await Promise.all([1, 2].map((index) => host.run("counting", sh`echo ${index}`)));
  t.deepEqual(again, ["1\n", "2\n"]);
  t.is(server.connections(), 2);
});

test("when a host goes down, all who wait for it are told, and none waits for ever", async (t) => {
  const { server, host } = await start(t, ROOT);
  const running = Array.from({ length: 12 }, () => host.run("making it", sh`sleep 30`));
  const stop = setTimeout(() => server.stop(), 300);
  t.teardown(() => clearTimeout(stop));
  const outcomes = await Promise.allSettled(running);
  t.deepEqual(
    outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason instanceof HostUnreachable),
    Array(12).fill(true),
  );
});

test("a host that never answers is dialled once for all who ask, and for those who ask just after", async (t) => {
  let dialled = 0;
  const silent = createServer(() => dialled++).listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.teardown(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const connection = { host: "127.0.0.1", port, insecureIgnoreHostKey: true, dialErrorLimit: 1 };
  const host = new Host({ name: "node-01", connection: { ...connection, perDialTimeout: 1 } });
  const asked = () => host.run("looking", sh`true`).catch((error: Error) => error.message);
  const said = [...(await Promise.all(Array.from({ length: 12 }, asked))), await asked()];
  t.is(new Set(said).size, 1);
  t.regex(said[0] ?? "", /^host "node-01" could not be reached: SSH to .* Timed out/);
  t.is(dialled, 1);
});

test("a script that takes too long is unknown too, and its shell is given up", async (t) => {
  const { host } = await start(t, ROOT);
  await t.throwsAsync(host.within({ ...DEFAULT_LIMITS, readMs: 200 }).run("making it", sh`sleep 30`), {
    instanceOf: TimedOut,
    message: /^making it on host "node-01" was given up: no answer within 0\.2 s\n.*timeouts\.read/,
  });
  t.is(await host.run("looking", sh`echo still here`), "still here\n");
});

test("a host without a connection says where to give it one", async (t) => {
  await t.throwsAsync(new Host({ name: "node-01" }).run("looking", sh`true`), {
    instanceOf: HostUnreachable,
    message: `host "node-01" could not be reached: no connection is known for it
Give it one under mooring:hosts in the stack's configuration, or in the program's Host("node-01", { connection }).`,
  });
});

test("with two sessions allowed, a shell gives way to Docker's channel", async (t) => {
  const { server, host } = await start(t, { ...ROOT, docker: "exec cat" }, {}, { maxSessions: 2 });
  await Promise.all([1, 2].map((index) => host.run("counting", sh`sleep 2; echo ${index}`)));
  t.is(server.sessions(), 2);
  const late = host.within({ ...DEFAULT_LIMITS, readMs: 10_000 }).engine.container("a");
  // What answers is `cat`: that it was asked at all is what counts.
  await t.throwsAsync(late, { message: /Parse Error|no answer within/ });
  t.is(server.sessions(), 3);
  const said = await Promise.all([1, 2].map((index) => host.run("counting", sh`echo ${index}`)));
  t.deepEqual(said, ["1\n", "2\n"]);
});

test("with one session allowed, Docker says what to raise", async (t) => {
  const { host } = await start(t, ROOT, {}, { maxSessions: 1 });
  await host.run("warming up", sh`true`);
  await t.throwsAsync(host.engine.container("a"), { message: /too few sessions.*raise MaxSessions/ });
});

test("a login whose shell never answers is given up in a bounded time", async (t) => {
  const { host } = await start(t, { id: "sleep 60" }, { perDialTimeout: 4 });
  await t.throwsAsync(host.run("looking", sh`true`), {
    instanceOf: HostUnreachable,
    message: /no root shell: no answer within 8 s/,
  });
});

test("a server that opens no channel is given up in a bounded time", async (t) => {
  const { host } = await start(t, ROOT, { perDialTimeout: 4 }, { silentSessions: true });
  await t.throwsAsync(host.run("looking", sh`true`), {
    instanceOf: HostUnreachable,
    message: /no channel within 8 s/,
  });
});

test("a script whose connection is cut is ended on the host, and its lock is free", async (t) => {
  const { server, host } = await start(t, ROOT);
  const directory = programs(t, {});
  const [lock, begun] = [join(directory, "lock"), join(directory, "begun")];
  const running = host.run("making it", sh`exec 9>${lock}\nflock 9\ntouch ${begun}\nsleep 60`);
  const ended = t.throwsAsync(running, { instanceOf: HostUnreachable });
  await until(() => existsSync(begun));
  t.false(isFree(lock));
  server.cut();
  await ended;
  await until(() => isFree(lock));
});

test("a fact that one resource gives little time does not fail for one that gives it more", async (t) => {
  const { host } = await start(t, ROOT);
  const fact = { name: "it", command: sh`sleep 1; echo 5`, parse: (stdout: string) => Number(stdout) };
  const hasty = host.within({ ...DEFAULT_LIMITS, readMs: 300 }).fact(fact);
  const patient = host.fact(fact);
  await t.throwsAsync(hasty, { instanceOf: TimedOut });
  t.is(await patient, 5);
});

test("a shell that was given up is replaced for who waits already", async (t) => {
  const { host } = await start(t, ROOT);
  const busy = [1, 2].map(() => host.run("converting", sh`sleep 6`));
  const hasty = host.within({ ...DEFAULT_LIMITS, readMs: 2000 }).run("hanging", sh`sleep 60`);
  const given = t.throwsAsync(hasty, { instanceOf: TimedOut });
  await new Promise((wake) => setTimeout(wake, 1500));
  const waiting = host.run("looking", sh`echo here`).then(() => "first");
  t.is(await Promise.race([waiting, ...busy.map((each) => each.then(() => "too late"))]), "first");
  await given;
  await Promise.all(busy);
});
