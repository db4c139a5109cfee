import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** A connection over a long line: everything arrives so much later, each way. */
export class Delayed extends Duplex {
  constructor(
    private readonly socket: Socket,
    private readonly ms: number,
  ) {
    super();
    socket.on("data", (data: Buffer) => this.#later(() => this.push(data)));
    socket.on("end", () => this.#later(() => this.push(null)));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.#later(() => this.destroy()));
  }

  override _read(): void {}

  override _write(data: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#later(() => this.socket.write(data));
    done();
  }

  override _final(done: () => void): void {
    this.#later(() => this.socket.end());
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }

  /** Timers of the same length fire in the order in which they were set. */
  #later(act: () => void): void {
    setTimeout(() => {
      if (!this.destroyed) act();
    }, this.ms);
  }
}
