import type { Fact } from "../host/host.js";
import { sh } from "../host/sh.js";

export interface Unit {
  /** `active`, `inactive`, `failed`, `activating` … (systemctl(1)) */
  readonly active: string;
  readonly enabled: boolean;
  /** The file was changed since systemd read it. */
  readonly needsReload: boolean;
}

/** The state of every service and socket of ours and every mount that has a unit file, by unit name. */
export const unitsFact: Fact<ReadonlyMap<string, Unit>> = {
  name: "units",
  command: sh`set --
for f in /etc/systemd/system/mooring-*.service /etc/systemd/system/mooring-*.socket /etc/systemd/system/*.mount; do
  [ ! -f "$f" ] || set -- "$@" "\${f##*/}"
done
[ $# = 0 ] || systemctl show -p Id,ActiveState,UnitFileState,NeedDaemonReload -- "$@"`,
  parse(stdout) {
    const units = new Map<string, Unit>();
    for (const block of stdout.trim().split("\n\n")) {
      const value = Object.fromEntries(
        block
          .split("\n")
          .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
      );
      if (!value.Id) continue;
      units.set(value.Id, {
        active: value.ActiveState ?? "unknown",
        enabled: value.UnitFileState === "enabled",
        needsReload: value.NeedDaemonReload === "yes",
      });
    }
    return units;
  },
};
