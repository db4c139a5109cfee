/** Ethernet frames on a byte stream as QEMU's `-netdev stream` writes them: four bytes of length, big-endian, each. */

const HEADER = 4;
/** The largest frame QEMU sends or takes. */
const LARGEST = 69632;

/** Cuts a stream, as it comes in chunks of any size, into frames; each still has its length in front. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  /** The frames that `chunk` completes. Throws when the stream can't be one of frames. */
  take(chunk: Buffer): Buffer[] {
    let data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const frames: Buffer[] = [];
    while (data.length >= HEADER) {
      const length = data.readUInt32BE(0);
      if (length > LARGEST) throw new Error(`a frame of ${length} bytes: the stream is out of step`);
      if (data.length < HEADER + length) break;
      frames.push(data.subarray(0, HEADER + length));
      data = data.subarray(HEADER + length);
    }
    this.rest = data;
    return frames;
  }
}

/** Where a switch sends a frame: to the port its destination was last seen at, or to all the others. */
export class AddressTable<Port> {
  private readonly ports = new Set<Port>();
  private readonly seen = new Map<string, Port>();

  add(port: Port): void {
    this.ports.add(port);
  }

  remove(port: Port): void {
    this.ports.delete(port);
    for (const [address, at] of this.seen) if (at === port) this.seen.delete(address);
  }

  /** `frame` still has its length in front. */
  route(frame: Buffer, from: Port): Port[] {
    if (frame.length < HEADER + 14) return [];
    const group = ((frame[HEADER] ?? 0) & 1) === 1;
    const destination = frame.toString("latin1", HEADER, HEADER + 6);
    this.seen.set(frame.toString("latin1", HEADER + 6, HEADER + 12), from);
    const known = group ? undefined : this.seen.get(destination);
    if (known !== undefined) return known === from ? [] : [known];
    return [...this.ports].filter((port) => port !== from);
  }
}
