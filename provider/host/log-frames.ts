/** Log lines come in frames of 8 bytes header and text (Engine API, ContainerAttach). */
export function withoutFrames(logs: Buffer): string {
  const texts: string[] = [];
  let at = 0;
  while (at + 8 <= logs.length && logs.readUInt8(at) <= 2 && logs.readUIntBE(at + 1, 3) === 0) {
    const size = logs.readUInt32BE(at + 4);
    texts.push(logs.toString("utf8", at + 8, at + 8 + size));
    at += 8 + size;
  }
  return at === 0 ? logs.toString("utf8") : texts.join("");
}
