import type { Fact } from "../host/host.js";
import { sh } from "../host/sh.js";
import { ofThoseThere } from "./still-there.js";

/** Path to content of the small files that are ours, or could be: drop-ins, units, records. */
export type Files = ReadonlyMap<string, string>;

/** One `grep` reads them all: a process per file would make a refresh of a thousand volumes slow. */
export const ourFilesFact: Fact<Files> = {
  name: "files of ours",
  command: sh`set --
for f in /etc/exports.d/*.exports /etc/systemd/system/mooring-*.service /etc/systemd/system/mooring-*.socket /etc/systemd/system/*.mount /etc/systemd/system.control/mooring-export-*.socket.d/*.conf /var/lib/mooring/*/*.json /var/lib/mooring/*/*.env /var/lib/mooring/attachments/*.sh; do
  [ ! -f "$f" ] || set -- "$@" "$f"
done
[ $# = 0 ] || ${ofThoseThere(sh`{ grep -HZ '' "$@" || [ $? = 1 ]; }`)}`,
  parse(stdout) {
    const files = new Map<string, string>();
    for (const line of stdout.split("\n")) {
      const end = line.indexOf("\0");
      if (end < 0) continue;
      const path = line.slice(0, end);
      files.set(path, `${files.get(path) ?? ""}${line.slice(end + 1)}\n`);
    }
    return files;
  },
};
