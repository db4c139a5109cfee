import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ExecutionContext } from "ava";

/** A directory of the test in place of /sys, /dev and /run, and tools that only tell what they were asked. */
export function fakeNode(t: ExecutionContext, { devices, pid = 0 }: { devices: number; pid?: number }) {
  const root = mkdtempSync(join(tmpdir(), "mooring-node-"));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const directory of ["bin", "dev", "run"]) mkdirSync(join(root, directory));
  const put = (tool: string, body: string) => {
    const file = join(root, "bin", tool);
    writeFileSync(file, `#!/bin/sh\nroot=${root}\necho "${tool}\${1+ $*}" >> "$root/log"\n${body}\n`);
    chmodSync(file, 0o755);
  };
  for (let number = 0; number < devices; number++) {
    mkdirSync(join(root, "sys", `nbd${number}`), { recursive: true });
    writeFileSync(join(root, "dev", `nbd${number}`), "");
  }
  put("qemu-nbd", "");
  put("sleep", "");
  const here = (text: string) =>
    text
      // Where a script begins among the devices is by its process number.
      .replaceAll("$$", String(pid))
      .replaceAll("/etc/systemd", `${root}/etc/systemd`)
      .replaceAll("/etc/exports.d", `${root}/etc/exports.d`)
      .replaceAll("/proc/fs/", `${root}/proc/fs/`)
      .replaceAll("/run/systemd", `${root}/run/systemd`)
      .replaceAll(/\/sys\/(class\/)?block/g, `${root}/sys`)
      .replaceAll("/run/mooring", `${root}/run`)
      .replaceAll("/var/lib/mooring", `${root}/var/lib/mooring`)
      .replaceAll(/(?<=[ =])\/dev\/(?=nbd|\$)/g, `${root}/dev/`);
  const there = (text: string) => text.replaceAll(`${root}/dev/`, "/dev/").replaceAll(root, "");
  return {
    root,
    put,
    /** A file, as old as it is said to be. */
    file(path: string, modified = new Date(), content = "") {
      const file = here(path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      utimesSync(file, modified, modified);
    },
    read: (path: string) => readFileSync(here(path), "utf8"),
    list: (path: string) => readdirSync(here(path)),
    /** A symbolic link. */
    link(path: string, to = "/nowhere") {
      mkdirSync(dirname(here(path)), { recursive: true });
      symlinkSync(to, here(path));
    },
    exists: (path: string) => existsSync(here(path)),
    /** Something else has the device. */
    connected: (device: string) => writeFileSync(join(root, "sys", device, "pid"), "1\n"),
    run(script: string, ...args: string[]) {
      const env = { PATH: `${join(root, "bin")}:${process.env.PATH}` };
      const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", here(script), "sh", ...args], {
        encoding: "utf8",
        env,
        timeout: 20_000,
      });
      return { status, stdout: there(stdout), stderr: there(stderr) };
    },
    /** What the tools were asked, in order. */
    log: () =>
      existsSync(join(root, "log"))
        ? there(readFileSync(join(root, "log"), "utf8"))
            .trim()
            .split("\n")
        : [],
  };
}
