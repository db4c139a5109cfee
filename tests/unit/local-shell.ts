import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import type { ShellStream } from "../../provider/host/shell.js";

/** A real `sh` of this machine in the form of an SSH channel. Closing it does what sshd does: it closes pipes, no more. */
class LocalChannel extends Duplex {
  readonly child: ChildProcessWithoutNullStreams;
  readonly stderr: ChildProcessWithoutNullStreams["stderr"];

  constructor(command: readonly [string, ...string[]]) {
    super();
    const [program, ...args] = command;
    this.child = spawn(program, args, { stdio: "pipe", detached: true, env: { PATH: process.env.PATH } });
    this.stderr = this.child.stderr;
    this.child.stdout.on("data", (data: Buffer) => this.push(data));
    this.child.stdin.on("error", () => undefined);
    this.child.on("close", () => {
      this.push(null);
      this.destroy();
    });
  }

  override _read(): void {}

  override _write(data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.child.stdin.write(data, () => done());
  }

  override _final(done: () => void): void {
    this.child.stdin.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { stdin, stdout, stderr } = this.child;
    for (const pipe of [stdin, stdout, stderr]) pipe.destroy();
    done(error);
  }
}

export function localChannel(...command: [string, ...string[]] | []): ShellStream {
  return new LocalChannel(command.length > 0 ? (command as [string]) : ["/bin/sh"]);
}
