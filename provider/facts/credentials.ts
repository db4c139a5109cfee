import type { Fact } from "../host/host.js";
import { sh } from "../host/sh.js";
import { ofThoseThere } from "./still-there.js";

/**
 * SHA-256 of every key file of ours, by path: the keys themselves never leave their hosts. A directory that lets an
 * export be served is there under its path with a slash at its end, without TLS too, where no key is in it.
 */
export const credentialsFact: Fact<ReadonlyMap<string, string>> = {
  name: "credentials",
  command: sh`set --
for f in /var/lib/mooring/keys/*/keys.psk /var/lib/mooring/attachments/*/keys.psk; do
  [ ! -f "$f" ] || set -- "$@" "$f"
done
for d in /var/lib/mooring/keys/*/; do [ ! -d "$d" ] || echo "-  $d"; done
[ $# = 0 ] || ${ofThoseThere(sh`sha256sum -- "$@"`)}`,
  parse(stdout) {
    const rows = stdout.split("\n").flatMap((line) => {
      const [hash = "", path] = line.split("  ");
      return path === undefined ? [] : [[path, hash] as const];
    });
    return new Map(rows);
  },
};
