import { patience } from "./host/patience.js";
import { Sh, sh } from "./host/sh.js";
import { run, type Step } from "./host/steps.js";

export const UNIT_DIRECTORY = "/etc/systemd/system";

/** The unit name of a mount point (systemd-escape --path). */
export function mountUnit(path: string): string {
  return `${escapePath(path)}.mount`;
}

export function escapePath(path: string): string {
  return path
    .split("/")
    .filter(Boolean)
    .map((part, index) =>
      part.replaceAll(/[^A-Za-z0-9:_.]/g, hex).replace(/^\./, (dot) => (index === 0 ? hex(dot) : dot)),
    )
    .join("-");
}

function hex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

export function unitFile(unit: string): string {
  return `${UNIT_DIRECTORY}/${unit}`;
}

/**
 * Makes units start at boot, and lets systemd read what changed of them and of the `others` that they start. A full
 * reload takes seconds on a slow host: it is done only when systemd holds an older version of one of them; what it has
 * not loaded yet it reads by itself. What failed before may be started again.
 */
export function enableUnits(units: string[], others: string[] = []): Step {
  return run(
    `enable ${units.join(", ")}`,
    sh`systemctl enable -q --no-reload ${units}
state=$(systemctl show -p NeedDaemonReload,ActiveState --value -- ${[...units, ...others]})
case $state in *yes*) systemctl daemon-reload ;; esac
case $state in *failed*) systemctl reset-failed ${units} ;; esac`,
    UNIT_DIRECTORY,
  );
}

/** Lets a unit that is loaded already see what new files want of it: a mount, the container that starts with it. */
export const reloadUnits: Step = run("reload systemd", sh`systemctl daemon-reload`);

/** Starts units and waits until they are active; their journal is the error where one is not. */
export function startUnits(seconds: number, ...units: string[]): Step {
  return run(`start ${units.join(", ")}`, starting(seconds, ...units));
}

/** The same, as a piece of a step. */
export function starting(seconds: number, ...units: string[]): Sh {
  return within(seconds, "start", units, "active");
}

/** Like {@link startUnits}; those that run are stopped first. */
export function restartUnits(seconds: number, ...units: string[]): Step {
  return run(`restart ${units.join(", ")}`, within(seconds, "restart", units, "active"));
}

/** Stops units, as a piece of a step; systemd may not know one (exit code 5). */
export function stopUnits(seconds: number, ...units: string[]): Sh {
  return within(seconds, "stop", units, "stopped");
}

/** Stops a unit and lets it not start at boot any more; systemd may not know it. */
export function stopUnit(unit: string, seconds: number): Step {
  return run(`stop ${unit}`, sh`${stopUnits(seconds, unit)}\n${unlink([unit])}`, UNIT_DIRECTORY);
}

/** Removes the files of stopped units. systemd forgets them by itself: no reload. */
export function removeUnits(...units: string[]): Step {
  const files = units.map(unitFile);
  return run(
    `remove ${units.join(", ")}`,
    sh`rm -f ${files}
${unlink(units)}
systemctl reset-failed ${units} 2>/dev/null || true`,
    UNIT_DIRECTORY,
  );
}

/** What `systemctl disable` does, also when the unit's file is gone, and without a reload. */
function unlink(units: string[]): Sh {
  return sh`for u in ${units}; do
  for l in ${new Sh(`${UNIT_DIRECTORY}/*.wants`)}/"$u"; do
    [ ! -L "$l" ] || { rm -f "$l"; rmdir --ignore-fail-on-non-empty "\${l%/*}" 2>/dev/null || [ ! -d "\${l%/*}" ]; }
  done
done`;
}

function within(seconds: number, verb: "start" | "restart" | "stop", units: string[], wanted: string): Sh {
  const journal = new Sh(units.map((unit) => sh` -u ${unit}`.text).join(""));
  const explain = sh`[ $code != 124 ] || echo "not ${new Sh(wanted)} after ${patience(seconds)} s (timeouts.steps gives it longer)" >&2
  journalctl -q -o cat -n 12${journal} --no-pager >&2
  exit $code`;
  return sh`timeout ${patience(seconds)} systemctl ${new Sh(verb)} ${units} || {
  code=$?
  ${verb === "stop" ? sh`[ $code = 5 ] || { ${explain}; }` : explain}
}`;
}
