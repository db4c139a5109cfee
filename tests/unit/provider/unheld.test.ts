import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { Sh, sh } from "../../../provider/host/sh.js";
import { refuseHeld } from "../../../provider/unheld.js";

const HEAD = "the file system is still mounted, also or only in the name spaces of these processes:";

/** As a step does it; `proc` stands for /proc. */
function holding(mark: Sh, proc = "/proc") {
  const script = `set -eu\n${refuseHeld(mark)}\necho free`.replaceAll("/proc/", `${proc}/`);
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", script], { encoding: "utf8" });
  return { status, stdout, stderr };
}

const FREE = { status: 0, stdout: "free\n", stderr: "" };

/** Of a line in mountinfo(5): device, and file system with what is mounted. */
function marksIn(mountinfo: string): string[] {
  return mountinfo
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [before = "", after = ""] = line.split(" - ");
      const [type, source] = after.split(" ");
      return [` ${before.split(" ")[2]} `, ` - ${type} ${source} `];
    });
}

test("what is mounted on this machine is refused, with processes that have it, and how they were called", (t) => {
  const marks = marksIn(readFileSync("/proc/self/mountinfo", "utf8")).slice(0, 2);
  t.is(marks.length, 2);
  for (const mark of marks) {
    const { status, stdout, stderr } = holding(sh`${mark}`);
    t.deepEqual([status, stdout], [1, ""], mark);
    // Of a thread of the kernel, and of one that ends meanwhile, nothing is known but its number.
    t.regex(stderr, new RegExp(`^${HEAD}(\\n {2}\\d+ .*){1,5}\\n$`), mark);
  }
});

test("what no process of this machine has mounted is let through", (t) => {
  for (const mark of [" 4095:1048575 ", " - nfs4 10.77.0.11:/srv/not-there ", "-e no option"])
    t.deepEqual(holding(sh`${mark}`), FREE, mark);
});

/** Processes, each with what it has mounted and how it was called. */
function processes(
  t: ExecutionContext,
  of: Record<string, [mountinfo: string, ...command: string[]]>,
): string {
  const proc = mkdtempSync(join(tmpdir(), "mooring-proc-"));
  t.teardown(() => rmSync(proc, { recursive: true }));
  for (const [pid, [mountinfo, ...command]] of Object.entries(of)) {
    mkdirSync(join(proc, pid));
    writeFileSync(join(proc, pid, "mountinfo"), mountinfo);
    writeFileSync(join(proc, pid, "cmdline"), command.map((word) => `${word}\0`).join(""));
  }
  return proc;
}

const ROOT = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n";
const nfs = (source: string, at = "/data") =>
  `${ROOT}90 22 0:51 / ${at} rw,relatime - nfs4 ${source} rw,vers=4.2,hard,addr=10.77.0.11\n`;
const device = (number: string, root = "/") =>
  `${ROOT}91 22 ${number} ${root} /data rw,noatime - ext4 /dev/nbd0 rw\n`;

test("a mount counts in any name space, at any place; one of another source does not", (t) => {
  const mark = sh`${" - nfs4 10.77.0.11:/srv/a "}`;
  const held = processes(t, {
    1: [ROOT, "/sbin/init"],
    77: [nfs("10.77.0.11:/srv/a", "/in/a/container"), "mariadbd", "--user=my sql"],
    self: [nfs("10.77.0.11:/srv/a"), "sh"],
  });
  t.deepEqual(holding(mark, held), {
    status: 1,
    stdout: "",
    stderr: `${HEAD}\n  77 mariadbd --user=my sql \n`,
  });
  for (const other of [
    "10.77.0.11:/srv/a/b",
    "10.77.0.11:/srv/ab",
    "10x77.0.11:/srv/a",
    "210.77.0.11:/srv/a",
  ])
    t.deepEqual(holding(mark, processes(t, { 77: [nfs(other), "sh"] })), FREE, other);
});

test("a mark is no pattern: an IPv6 address in brackets is one", (t) => {
  const mark = sh`${" - nfs4 [fd00::11]:/srv/a "}`;
  t.is(holding(mark, processes(t, { 77: [nfs("[fd00::11]:/srv/a"), "sh"] })).status, 1);
  t.deepEqual(holding(mark, processes(t, { 77: [nfs("f:/srv/a"), "sh"] })), FREE);
});

test("of a device it is its whole number, also where a container has but a directory of it", (t) => {
  const mark = new Sh('" $number "');
  const numbered = (number: string, proc: string) => {
    const script = new Sh(`number=${number}\n${refuseHeld(mark).text.replaceAll("/proc/", `${proc}/`)}`);
    return spawnSync("/bin/sh", ["-c", `set -eu\n${script}`]).status;
  };
  t.is(numbered("43:0", processes(t, { 77: [device("43:0", "/mysql"), "sh"] })), 1);
  for (const other of ["43:01", "143:0", "43:10", "4:30"])
    t.is(numbered("43:0", processes(t, { 77: [device(other), "sh"] })), 0, other);
});

test("of many processes five are named", (t) => {
  const many = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [100 + index, [nfs("h:/a"), `sleep`, `${index}`]] as const),
  );
  const { status, stderr } = holding(sh`${" - nfs4 h:/a "}`, processes(t, many as never));
  t.deepEqual([status, stderr.split("\n").length - 1], [1, 6]);
});

test("a command of several lines is one line of the list", (t) => {
  const proc = processes(t, { "7": [nfs("10.77.0.11:/srv/a"), "sh", "-c", "set -eu\nsleep 1\n"] });
  const { stderr } = holding(sh`${" - nfs4 10.77.0.11:/srv/a "}`, proc);
  t.is(stderr, `${HEAD}\n  7 sh -c set -eu sleep 1  \n`);
});

test("a command is shown as it is, whatever `echo` would make of it", (t) => {
  const proc = processes(t, { "7": [nfs("10.77.0.11:/srv/a"), "sh", "-c", "printf 'a\\tb\\n\\0 \\c'"] });
  const { stderr } = holding(sh`${" - nfs4 10.77.0.11:/srv/a "}`, proc);
  t.is(stderr, `${HEAD}\n  7 sh -c printf 'a\\tb\\n\\0 \\c' \n`);
});
