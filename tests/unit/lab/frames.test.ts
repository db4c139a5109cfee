import test from "ava";
import fc from "fast-check";
import { AddressTable, FrameReader } from "../../lab/frames";

function frame(payload: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length);
  return Buffer.concat([length, payload]);
}

function ethernet(to: string, from: string): Buffer {
  return frame(Buffer.concat([Buffer.from(to + from, "hex"), Buffer.from("0800", "hex"), Buffer.alloc(46)]));
}

const A = "525400000011";
const B = "525400000012";
const EVERYBODY = "ffffffffffff";

test("frames come out whole however the stream is cut", (t) => {
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
  const payloads = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 });
  fc.assert(
    fc.property(payloads, cuts, (sent, sizes) => {
      const frames = sent.map((payload) => frame(Buffer.from(payload)));
      const stream = Buffer.concat(frames);
      const reader = new FrameReader();
      const received: Buffer[] = [];
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        received.push(...reader.take(stream.subarray(at, at + size)));
        at += size;
      }
      t.deepEqual(received, frames);
    }),
  );
});

test("a length no frame has ends the stream", (t) => {
  t.throws(() => new FrameReader().take(Buffer.from("ffffffff", "hex")), { message: /out of step/ });
});

test("a frame goes to all others until its destination was seen, then there alone", (t) => {
  const table = new AddressTable<number>();
  for (const port of [1, 2, 3]) table.add(port);
  t.deepEqual(table.route(ethernet(B, A), 1), [2, 3]);
  t.deepEqual(table.route(ethernet(A, B), 2), [1]);
  t.deepEqual(table.route(ethernet(B, A), 1), [2]);
  t.deepEqual(table.route(ethernet(EVERYBODY, A), 1), [2, 3]);
});

test("an address that shows up at another port is found there", (t) => {
  const table = new AddressTable<number>();
  for (const port of [1, 2, 3]) table.add(port);
  table.route(ethernet(EVERYBODY, A), 1);
  table.route(ethernet(EVERYBODY, A), 3);
  t.deepEqual(table.route(ethernet(A, B), 2), [3]);
});

test("a port that is gone gets nothing, and its addresses are forgotten", (t) => {
  const table = new AddressTable<number>();
  for (const port of [1, 2, 3]) table.add(port);
  table.route(ethernet(EVERYBODY, A), 1);
  table.remove(1);
  t.deepEqual(table.route(ethernet(A, B), 2), [3]);
});

test("a frame too short for addresses goes nowhere", (t) => {
  const table = new AddressTable<number>();
  for (const port of [1, 2]) table.add(port);
  t.deepEqual(table.route(frame(Buffer.alloc(10)), 1), []);
});
