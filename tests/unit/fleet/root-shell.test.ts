import { Duplex, PassThrough } from "node:stream";
import test from "ava";
import { sh } from "../../../provider/host/sh.js";
import { Shell, type ShellStream } from "../../../provider/host/shell.js";
import { framed, RootShell } from "../../fleet/root-shell.js";

/** The provider's shell, and what the host's end makes of what it writes, in pieces of so many characters. */
function shells(size: number) {
  const host = new RootShell();
  const scripts: string[] = [];
  const stderr = new PassThrough();
  const stream: Duplex = new Duplex({
    read: () => undefined,
    write(data: Buffer, _encoding, done) {
      for (const piece of data.toString().match(new RegExp(`.{1,${size}}`, "gs")) ?? []) {
        for (const { script, mark } of host.take(piece)) {
          scripts.push(script);
          const said = framed({ stdout: "yes\n", stderr: "but\n", exitCode: 3 }, mark);
          stream.push(said.stdout);
          stderr.write(said.stderr);
        }
      }
      done();
    },
  });
  return { shell: new Shell(Object.assign(stream, { stderr }) as ShellStream), scripts };
}

test("what the provider's shell sends is taken apart, and it takes the answer", async (t) => {
  for (const size of [1, 7, 100_000]) {
    const { shell, scripts } = shells(size);
    const script = sh`printf '%s\\n' ${"it's"} ${"eval 'x'"} </dev/null &
echo "$?"`;
    const answer = { stdout: "yes\n", stderr: "but\n", exitCode: 3 };
    t.deepEqual(await shell.run(script, { timeoutMs: 10_000 }), answer);
    t.deepEqual(await shell.run(sh`id -u`, { timeoutMs: 10_000, lockMs: 1000 }), answer);
    t.deepEqual(scripts, [script.text, "id -u"]);
  }
});
