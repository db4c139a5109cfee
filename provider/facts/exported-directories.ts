import type { Fact } from "../host/host.js";
import { sh } from "../host/sh.js";

/** The directory of an export. */
export interface Directory {
  readonly mode: string;
  readonly user: string;
  readonly uid: string;
  readonly group: string;
  readonly gid: string;
  readonly empty: boolean;
}

/**
 * The directories that exports of ours name, by path: a process for all of them and not some for each, or a refresh
 * would take a round trip for every export. One that is not there, or behind a link, is left out and is looked at by
 * itself: `realpath` prints a path unchanged that leads nowhere else.
 */
export const exportedDirectoriesFact: Fact<ReadonlyMap<string, Directory>> = {
  name: "exported directories",
  command: sh`paths=$(sed -n 's|^\\(/[^ ]*\\) .*|\\1|p; s|.*"kind":"nfs","path":"\\([^"]*\\)".*|\\1|p' /etc/exports.d/mooring-*.exports /var/lib/mooring/volumes/*.json 2>/dev/null)
set -f
IFS='
'
set -- $paths
[ $# = 0 ] || set -- $(realpath -e -- "$@" 2>/dev/null)
[ $# = 0 ] || find "$@" -maxdepth 0 -type d \\( -empty -printf 'empty|' -o -printf 'used|' \\) -printf '%m|%u|%U|%g|%G|%p\\n' 2>/dev/null || true`,
  parse(stdout) {
    const rows = stdout.split("\n").flatMap((line) => {
      const [fill, mode = "", user = "", uid = "", group = "", gid = "", path] = line.split("|");
      if (path === undefined) return [];
      return [
        [path, { mode: mode.padStart(4, "0"), user, uid, group, gid, empty: fill === "empty" }] as const,
      ];
    });
    return new Map(rows);
  },
};
