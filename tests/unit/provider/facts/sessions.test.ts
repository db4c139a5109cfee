import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { isLive, parseSessions, readSessions } from "../../../../provider/facts/sessions.js";
import type { Host } from "../../../../provider/host/host.js";
import type { Sh } from "../../../../provider/host/sh.js";
import { fixture } from "../../fixture.js";

const ONE = fixture("sessions", "one");

test("a session has its peer, how long it is silent, and what came from it", (t) => {
  t.deepEqual(parseSessions(ONE), [{ peer: "10.77.0.12:60110", silentMs: 368, received: 44_175 }]);
});

test("no session is none", (t) => {
  t.deepEqual(parseSessions(""), []);
});

test("two sessions are told apart, and an IPv6 peer keeps its brackets", (t) => {
  const second = ONE.replace("10.77.0.11:11809 10.77.0.12:60110", "[fd00::b]:11809 [fd00::c]:60222")
    .replace("lastack:368", "lastack:21004")
    .replace(" bytes_received:44175", "");
  t.deepEqual(parseSessions(ONE + second), [
    { peer: "10.77.0.12:60110", silentMs: 368, received: 44_175 },
    { peer: "[fd00::c]:60222", silentMs: 21_004, received: 0 },
  ]);
});

test("a session of which the age is not known is taken for live", (t) => {
  const [session] = parseSessions(ONE.replace("lastack:368 ", ""));
  t.is(session?.silentMs, 0);
  t.true(session && isLive(session));
});

test("who was heard of within the time of the keepalive is live", (t) => {
  const session = { peer: "10.77.0.12:60110", received: 0 };
  t.true(isLive({ ...session, silentMs: 0 }));
  t.true(isLive({ ...session, silentMs: 6499 }));
  t.false(isLive({ ...session, silentMs: 6500 }));
});

/** Runs the look with a `ss` that answers these, one after another; `sleep` ends at once and is counted. */
async function look(...answers: string[]) {
  const directory = mkdtempSync(join(tmpdir(), "mooring-ss-"));
  const put = (name: string, text: string) => {
    writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(directory, name), 0o755);
  };
  try {
    for (const [index, answer] of answers.entries()) writeFileSync(join(directory, `said.${index}`), answer);
    put(
      "ss",
      `echo "ss $*" >> ${directory}/log; cat ${directory}/said.$(($(grep -c ^ss ${directory}/log) - 1))`,
    );
    put("sleep", `echo "sleep $*" >> ${directory}/log`);
    const storage = {
      async run(doing: string, script: Sh) {
        const env = { PATH: `${directory}:${process.env.PATH}` };
        const { stdout, stderr, status } = spawnSync("/bin/sh", ["-euc", script.text], {
          encoding: "utf8",
          env,
        });
        if (status !== 0 || stderr !== "") throw new Error(`${doing}: ${status} ${stderr}`);
        return stdout;
      },
    } as unknown as Host;
    const sessions = await readSessions(storage, 11_809);
    const log = spawnSync("cat", [join(directory, "log")], { encoding: "utf8" }).stdout;
    return { sessions, log: log.trim().split("\n") };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const SS = "ss -Htino state established sport = :11809";

test("what was heard of a moment ago is looked at again, after the next keepalive", async (t) => {
  const later = ONE.replace("lastack:368", "lastack:7368");
  const { sessions, log } = await look(ONE, later);
  t.deepEqual(log, [SS, "sleep 6.232", SS]);
  t.is(sessions[0]?.silentMs, 7368);
});

test("it is waited for no longer than a living peer would take to answer", async (t) => {
  const [older, other] = ["lastack:4000", "lastack:9000"].map((age) => ONE.replace("lastack:368", age));
  t.deepEqual((await look(`${other}${older}`, "")).log, [SS, "sleep 2.6", SS]);
});

test("nobody, and one that is silent for long, are not waited for", async (t) => {
  t.deepEqual(await look("", ""), { sessions: [], log: [SS, SS] });
  const silent = ONE.replace("lastack:368", "lastack:9000");
  t.deepEqual((await look(silent, silent)).log, [SS, SS]);
});
