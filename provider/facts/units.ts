import type { Fact } from "../host/host.js";
import { Sh, sh } from "../host/sh.js";

export interface Unit {
  /** `active`, `inactive`, `failed`, `activating` … (systemctl(1)) */
  readonly active: string;
  readonly enabled: boolean;
  /** The file was changed since systemd read it. */
  readonly needsReload: boolean;
  /** A link by which others start it was made since systemd read them. */
  readonly unreadLinks?: boolean;
}

const FILES = new Sh(
  "/etc/systemd/system/mooring-*.service /etc/systemd/system/mooring-*.socket /etc/systemd/system/*.mount",
);

/** As old as the last look that found systemd to hold today's version of every file. */
export const UNITS_READ = "/run/mooring/units-read";

/**
 * Appends to "$@" the units of ours, and every mount, whose file is newer than all that tells that systemd has read it:
 * that look, and the directory that it makes anew when it reads everything.
 */
export const addUnread = sh`for f in ${FILES}; do
  [ ! -f "$f" ] || [ ${UNITS_READ} -nt "$f" ] || [ /run/systemd/generator -nt "$f" ] || set -- "$@" "\${f##*/}"
done`;

/** Made whenever Mooring has systemd read everything, before that. */
export const LINKS_READ = "/run/mooring/links-read";

/** Prints the links to containers' units that systemd has not read: newer than its start, and all that tells of a later reading. */
const unreadLinks = sh`(
set --
for m in /run/systemd/private /run/systemd/generator ${LINKS_READ}; do [ ! -e "$m" ] || set -- "$@" -newer "$m"; done
find /etc/systemd/system/*.wants -name 'mooring-container-*' "$@" -printf 'unread %f\\n' 2>/dev/null || true
)`;

/** What systemd holds of them: name, whether it could be loaded, activation, and more. Stopped ones may be missing. */
export const listUnits = sh`systemctl list-units --all --full --plain --no-legend 'mooring-*.service' 'mooring-*.socket' '*.mount'`;

/**
 * The state of every service and socket of ours and every mount that has a unit file, by unit name. `systemctl show`
 * takes as long for one as a process does, so it is asked only of those that systemd may hold an older version of.
 */
export const unitsFact: Fact<ReadonlyMap<string, Unit>> = {
  name: "units",
  command: sh`for f in ${FILES}; do [ ! -f "$f" ] || printf 'file %s\\n' "\${f##*/}"; done
for l in /etc/systemd/system/*.wants/mooring-* /etc/systemd/system/*.wants/*.mount; do
  [ ! -L "$l" ] || printf 'wanted %s\\n' "\${l##*/}"
done
set --
${addUnread}
[ $# = 0 ] || systemctl show -p Id,NeedDaemonReload -- "$@" || exit
${unreadLinks}
${listUnits}`,
  parse(stdout) {
    const units = new Map<string, Unit>();
    const change = (name: string, what: Partial<Unit>): void => {
      const unit = units.get(name);
      if (unit) units.set(name, { ...unit, ...what });
    };
    let shown = "";
    for (const line of stdout.split("\n")) {
      const [word = "", name = "", active = ""] = line.trim().split(/\s+/);
      if (word === "file") units.set(name, { active: "inactive", enabled: false, needsReload: false });
      else if (word === "wanted") change(name, { enabled: true });
      else if (word === "unread") change(name, { unreadLinks: true });
      else if (word.startsWith("Id=")) shown = word.slice("Id=".length);
      else if (word.startsWith("NeedDaemonReload=")) change(shown, { needsReload: word.endsWith("=yes") });
      else change(word, { active });
    }
    return units;
  },
};
