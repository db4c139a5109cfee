/** QEMU's control channel: a unix socket that takes one JSON command per line. */
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export interface Qmp {
  command<T = unknown>(name: string, args?: object): Promise<T>;
  close(): void;
}

interface Answer {
  return?: unknown;
  error?: { class: string; desc: string };
  QMP?: object;
}

/** One command on a connection of its own. */
export async function qmpCommand<T>(socket: string, name: string, args?: object): Promise<T> {
  const qmp = await connectQmp(socket);
  try {
    return await qmp.command<T>(name, args);
  } finally {
    qmp.close();
  }
}

export async function connectQmp(socket: string, timeoutMs = 10_000): Promise<Qmp> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await open(socket, Math.max(1000, deadline - Date.now()));
    } catch (error) {
      // QEMU makes the socket a moment after it has started.
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== "ENOENT" && code !== "ECONNREFUSED") || Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

function open(path: string, timeoutMs: number): Promise<Qmp> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void } | undefined;
    let greeted = false;
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
      waiting?.reject(error);
      waiting = undefined;
    };
    const timer = setTimeout(() => fail(new Error(`QEMU did not answer on ${path}`)), timeoutMs);
    const command = <T>(name: string, args: object = {}): Promise<T> =>
      new Promise<T>((done, failed) => {
        if (socket.destroyed) return failed(new Error(`QEMU has closed ${path}`));
        waiting = { resolve: done as (value: unknown) => void, reject: failed };
        socket.write(`${JSON.stringify({ execute: name, arguments: args })}\n`);
      });
    socket.on("error", fail);
    socket.on("close", () => fail(new Error(`QEMU has closed ${path}`)));
    const lines = createInterface({ input: socket });
    // It passes its input's error on, which would end us: the socket's own listener has it already.
    lines.on("error", () => {});
    lines.on("line", (line) => {
      const answer = JSON.parse(line) as Answer;
      if (answer.QMP && !greeted) {
        greeted = true;
        clearTimeout(timer);
        command("qmp_capabilities").then(() => resolve({ command, close: () => socket.destroy() }), fail);
        return;
      }
      // Events come in between.
      if (!("return" in answer) && !answer.error) return;
      const asked = waiting;
      waiting = undefined;
      if (answer.error) asked?.reject(new Error(`QEMU: ${answer.error.desc}`));
      else asked?.resolve(answer.return);
    });
  });
}
