import type { Fact } from "../host/host.js";
import { sh } from "../host/sh.js";
import { POOL } from "../pool.js";
import { type FileSystem, fileSystemOf, parseFileSystem } from "./file-system.js";
import { ofThoseThere } from "./still-there.js";

export interface Image {
  readonly path: string;
  /** Bytes of the file, not of the disk in it. */
  readonly bytes: number;
  /** Bytes that it takes on the file system: fewer, where it has holes. */
  readonly allocated: number;
  /** Seconds since the epoch. */
  readonly modified: number;
  /** Bytes of the disk in it. */
  readonly virtualSize: number;
  /** As it stands in the image: relative to the image's own directory. */
  readonly backingFile: string | undefined;
  /** Of a template: nobody can write to it. `undefined` of other images, and where the file system can't tell. */
  readonly immutable?: boolean | undefined;
}

/** Every qcow2 image of ours, and the file system that they are on. */
export interface Pool {
  readonly images: readonly Image[];
  readonly fileSystem: FileSystem;
}

const HEADER = 1024;

/**
 * From one `stat` and one `head`: `qemu-img info` takes 150 ms for each image. The header's layout is
 * docs/interop/qcow2.txt of qemu. The room for more is read with it, in the same round trip.
 */
export const poolFact: Fact<Pool> = {
  name: "images and their file system",
  command: sh`${fileSystemOf(POOL)}
echo
set --
for f in ${POOL}/templates/*.qcow2 ${POOL}/clones/*.qcow2 ${POOL}/trash/clones/*.qcow2; do [ ! -f "$f" ] || set -- "$@" "$f"; done
[ $# = 0 ] || {
  ${ofThoseThere(sh`stat -c '%n|%s|%Y|%b' -- "$@"`)}
  echo
  ${ofThoseThere(sh`{ head -v -c ${HEADER} -- "$@" | base64 -w 0; }`)}
  printf '\n\n'
  lsattr -d -- ${POOL}/templates/*.qcow2 2>/dev/null || :
}`,
  parse(stdout) {
    const [fileSystem = "", list = "", encoded = "", attributes = ""] = stdout.split("\n\n");
    const immutable = parseAttributes(attributes);
    return {
      fileSystem: parseFileSystem(fileSystem),
      images: parseImages(list, Buffer.from(encoded, "base64")).map((image) =>
        immutable.has(image.path) ? { ...image, immutable: immutable.get(image.path) } : image,
      ),
    };
  },
};

/** Lines of lsattr(1): letters at fixed places, a space, the path. */
function parseAttributes(text: string): Map<string, boolean> {
  const lines = text.split("\n").filter(Boolean);
  return new Map(
    lines.map((line) => {
      const space = line.indexOf(" ");
      return [line.slice(space + 1), line.slice(0, space).includes("i")];
    }),
  );
}

/** `head -v` says whose header comes: of an image that was removed after it was listed there is none. */
function parseImages(list: string, headers: Buffer): Image[] {
  let read = 0;
  return list
    .split("\n")
    .filter(Boolean)
    .flatMap((line) => {
      const [path = "", bytes, modified, blocks] = line.split("|");
      const title = `==> ${path} <==\n`;
      const at = headers.indexOf(title, read);
      if (at < 0) return [];
      const start = at + Buffer.byteLength(title);
      // `head` prints less of a file that is shorter.
      read = start + Math.min(Number(bytes), HEADER);
      return [
        {
          path,
          bytes: Number(bytes),
          allocated: Number(blocks) * 512,
          modified: Number(modified),
          ...parseHeader(path, headers.subarray(start, read)),
        },
      ];
    });
}

function parseHeader(path: string, header: Buffer): { virtualSize: number; backingFile: string | undefined } {
  if (header.length < 32 || header.toString("latin1", 0, 3) !== "QFI")
    return { virtualSize: 0, backingFile: undefined };
  const offset = Number(header.readBigUInt64BE(8));
  const length = header.readUInt32BE(16);
  if (offset + length > header.length)
    throw new Error(
      `${path}: the name of its backing file is not in its first ${HEADER} bytes, so Mooring did not make it; move it elsewhere`,
    );
  return {
    virtualSize: Number(header.readBigUInt64BE(24)),
    backingFile: offset === 0 ? undefined : header.toString("utf8", offset, offset + length),
  };
}
