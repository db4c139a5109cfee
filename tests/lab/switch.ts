/**
 * The cable between the hosts, a process of its own: a switch that learns where addresses are.
 * `node switch.js SOCKET` listens on a unix socket; every connection is a port.
 */
import { createServer, type Socket } from "node:net";
import { AddressTable, FrameReader } from "./frames";

/** A port that doesn't read (a frozen host) loses frames, as on a real switch: TCP sends them again. */
const QUEUE_LIMIT = 4 * 1024 * 1024;

const table = new AddressTable<Socket>();

const server = createServer((port) => {
  const reader = new FrameReader();
  table.add(port);
  port.on("data", (chunk: Buffer) => {
    try {
      forward(reader.take(chunk), port);
    } catch (error) {
      port.destroy(error as Error);
    }
  });
  port.on("error", (error) => console.error(error.message));
  port.on("close", () => table.remove(port));
});

function forward(frames: Buffer[], from: Socket): void {
  const written = new Set<Socket>();
  for (const frame of frames) {
    for (const port of table.route(frame, from)) {
      if (port.writableLength > QUEUE_LIMIT || port.destroyed) continue;
      if (!written.has(port)) port.cork();
      written.add(port);
      port.write(frame);
    }
  }
  for (const port of written) port.uncork();
}

const [socket] = process.argv.slice(2);
if (!socket) throw new Error("usage: node switch.js SOCKET");
server.listen(socket);
