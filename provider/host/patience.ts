import { Sh, sh } from "./sh.js";

/**
 * The seconds of one wait inside a script of steps, for a unit or a device: `seconds`, unless the user said how long
 * the steps may take. Then no wait ends before they do.
 */
export function patience(seconds: number): Sh {
  return new Sh(`\${patience:-${seconds}}`);
}

/** Looks ten times a second until `condition` holds; when it was {@link patience patient}, it says why it gives up. */
export function waitUntil(condition: Sh, seconds: number, giveUp: Sh): Sh {
  return sh`tries=0
until ${condition}; do
  tries=$((tries + 1)); [ $tries -lt ${patience(seconds)}0 ] || { ${giveUp} >&2; exit 1; }
  sleep 0.1
done`;
}

/** What the script sets before its steps. */
export function setPatience(stepsMs: number | undefined): Sh {
  // A little less: that the wait is over can be said with the tool's own words then.
  return new Sh(stepsMs === undefined ? "" : `patience=${Math.ceil((stepsMs * 0.9) / 1000)}`);
}
