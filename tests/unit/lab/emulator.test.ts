import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { emulator } from "../../lab/emulator.js";

test.serial(
  "the QEMU of this machine emulates the hosts where it is new, and runs them where there is KVM",
  async (t) => {
    const said = complaints(t);
    await commands(t, { "qemu-system-x86_64": "echo QEMU emulator version 10.0.2", "apt-get": "exit 1" });
    t.is(await emulator("tcg"), "qemu-system-x86_64");
    await commands(t, { "qemu-system-x86_64": "echo QEMU emulator version 7.2.22", "apt-get": "exit 1" });
    t.is(await emulator("kvm"), "qemu-system-x86_64");
    t.deepEqual(said, [], "nothing else was looked for");
  },
);

test.serial("an old QEMU has to do where no newer one can be had, and it is said why", async (t) => {
  await commands(t, {
    "qemu-system-x86_64": "echo 'QEMU emulator version 7.2.0 (test)'",
    "apt-get": "echo no network >&2; exit 1",
    "apt-config": "exit 1",
  });
  const said = complaints(t);
  t.is(await emulator("tcg"), "qemu-system-x86_64");
  t.regex(said.join("\n"), /twice as long with QEMU emulator version 7\.2\.0 \(test\): .*\n?no network/);
});

/** What is said of what goes wrong. */
function complaints(t: ExecutionContext): string[] {
  const said: string[] = [];
  const { error } = console;
  console.error = (text: string) => said.push(text);
  t.teardown(() => {
    console.error = error;
  });
  return said;
}

/** Commands of a folder that is first on PATH. */
async function commands(t: ExecutionContext, scripts: Record<string, string>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mooring-emulator-"));
  const { PATH } = process.env;
  process.env.PATH = `${folder}:${PATH}`;
  t.teardown(() => {
    process.env.PATH = PATH;
    return rm(folder, { recursive: true });
  });
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
}
