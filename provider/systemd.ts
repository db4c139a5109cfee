import { addUnread, LINKS_READ, listUnits, UNITS_READ } from "./facts/units.js";
import { patience } from "./host/patience.js";
import { Sh, sh } from "./host/sh.js";
import { runFor, type Step } from "./host/steps.js";

export const UNIT_DIRECTORY = "/etc/systemd/system";
/** For the shell. */
const CONTAINER_UNITS = `${UNIT_DIRECTORY}/mooring-container-*.service`;

export function unitFile(unit: string): string {
  return `${UNIT_DIRECTORY}/${unit}`;
}

/**
 * Makes units start at boot, and lets systemd read what changed of them. A full reload takes seconds on a slow host: it
 * is done only when systemd holds an older version of one of them; what it has not loaded yet it reads by itself. What
 * failed before may be started again.
 */
export function enableUnits(...units: string[]): Step {
  return runFor(
    `enable ${units.join(", ")}`,
    units,
    sh`systemctl enable -q --no-reload "$@"\n${readChanged}`,
    UNIT_DIRECTORY,
  );
}

/** The same for units that others start. */
export function refreshUnits(...units: string[]): Step {
  return runFor(`let systemd read ${units.join(", ")}`, units, readChanged);
}

/**
 * All units of ours that systemd may hold an older version of are looked at, whoever wrote them: only then is the mark
 * as old as it says. What systemd has not loaded has no older version.
 */
const readChanged = sh`: > ${UNITS_READ}.$$
loaded="
$(${listUnits})"
case $loaded in *' failed '*) systemctl reset-failed "$@" 2>/dev/null || true ;; esac
${addUnread}
asked=' '
for u do
  shift
  case $loaded in *"
$u "*) case $asked in *" $u "*) ;; *) asked="$asked$u "; set -- "$@" "$u" ;; esac ;; esac
done
state=
[ $# = 0 ] || state=$(systemctl show -p NeedDaemonReload --value -- "$@")
case $state in *yes*) systemctl daemon-reload ;; esac
mv -f ${UNITS_READ}.$$ ${UNITS_READ}`;

/** Lets units that are loaded already see the links that were made for them, or removed: a mount, the container that starts with it. */
export const readLinks: Step = runFor(
  "let systemd read everything",
  [],
  sh`: > ${LINKS_READ}.$$
systemctl daemon-reload
mv -f ${LINKS_READ}.$$ ${LINKS_READ}`,
);

/** What another unit still started after its file was removed stays in the list as failed. After {@link readLinks}. */
export const forgetGone: Step = runFor(
  "let systemd forget what is gone",
  [],
  sh`gone=$(systemctl list-units --all --full --plain --no-legend --state=not-found 'mooring-*' | while read -r u _; do echo "$u"; done)
[ -z "$gone" ] || systemctl reset-failed $gone 2>/dev/null || true`,
);

/**
 * Starts units and waits until they are active; `--foreground`: timeout(1) stays in the script's process group, and
 * ends with it. Their journal is the error where one is not.
 */
export function startUnits(seconds: number, ...units: string[]): Step {
  return runFor(`start ${units.join(", ")}`, units, within(seconds, sh`start`, "active"));
}

/** Like {@link startUnits}; those that run are stopped first. */
export function restartUnits(seconds: number, ...units: string[]): Step {
  return runFor(`restart ${units.join(", ")}`, units, within(seconds, RESTART, "active"));
}

/** One that another's failure makes it do again: what was started anew a moment ago is not stopped once more. */
export const RESTART = sh`\${redo:-restart}`;

/** {@link startUnits} for the units in "$@", as a piece of a step. */
export function starting(seconds: number): Sh {
  return within(seconds, sh`start`, "active");
}

/**
 * Stops the units in "$@", as a piece of a step; systemd may not know one (exit code 5), and then says nothing of the
 * others. With a mount systemd stops the containers on it: they have their stop grace beside.
 */
export function stopping(seconds: number): Sh {
  return sh`timeout --foreground ${patience(seconds)} systemctl stop "$@" || {
  code=$?
  if [ $code = 5 ] && [ $# != 1 ]; then
    for u do
      timeout --foreground ${patience(seconds)} systemctl stop "$u" || {
        code=$?
        [ $code = 5 ] || set -- "$u"
        [ $code = 5 ] || break
      }
    done
  elif [ $code = 124 ]; then
    grace=0
    for u do
      for f in ${new Sh(CONTAINER_UNITS)}; do
        if grep -qsF -- "$u" "$f"; then
          g=$(sed -n 's/^TimeoutStopSec=//p' "$f")
          [ "$g" -le $grace ] || grace=$g
        fi
      done
    done
    if [ $grace -gt 0 ]; then
      code=0
      timeout --foreground $grace systemctl stop "$@" || code=$?
    fi
  fi
  [ $code = 0 ] || [ $code = 5 ] || {
    ${explain(seconds, "stopped")}
  }
}`;
}

/** Stops a unit and lets it not start at boot any more; systemd may not know it. */
export function stopUnit(unit: string, seconds: number): Step {
  return runFor(`stop ${unit}`, [unit], sh`${stopping(seconds)}\n${unlink}`, UNIT_DIRECTORY);
}

/** Lets nothing start them any more, at the next boot, or once systemd has read everything: see {@link readLinks}. */
export function disableUnits(...units: string[]): Step {
  return runFor(`disable ${units.join(", ")}`, units, unlink, UNIT_DIRECTORY);
}

/** Removes the files of stopped units. systemd forgets them by itself: no reload. */
export function removeUnits(...units: string[]): Step {
  return runFor(
    `remove ${units.join(", ")}`,
    units,
    sh`(cd ${UNIT_DIRECTORY}; rm -f -- "$@")
systemctl reset-failed "$@" 2>/dev/null || true
${unlink}`,
    UNIT_DIRECTORY,
  );
}

/** What `systemctl disable` does to the units in "$@", also when their files are gone, and without a reload. */
const unlink = sh`n=$#
for u do
  for l in ${new Sh(`${UNIT_DIRECTORY}/*.wants`)}/"$u"; do [ ! -L "$l" ] || set -- "$@" "$l"; done
done
shift $n
[ $# = 0 ] || rm -f -- "$@"
for l do
  d=\${l%/*}
  set -- "$d"/*
  [ -e "$1" ] || [ -L "$1" ] || rmdir --ignore-fail-on-non-empty -- "$d" 2>/dev/null || [ ! -d "$d" ]
done`;

function within(seconds: number, verb: Sh, wanted: string): Sh {
  return sh`timeout --foreground ${patience(seconds)} systemctl ${verb} "$@" || {
  code=$?
  ${explain(seconds, wanted)}
}`;
}

function explain(seconds: number, wanted: string): Sh {
  return sh`[ $code != 124 ] || echo "not ${new Sh(wanted)} after ${patience(seconds)} s (timeouts.steps gives it longer)" >&2
  n=$#; for u do set -- "$@" -u "$u"; done; shift $n
  journalctl -q -o cat -n 12 "$@" --no-pager >&2
  exit $code`;
}
