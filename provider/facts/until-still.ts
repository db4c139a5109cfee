import { type Sh, sh } from "../host/sh.js";

const MARK = "\u001e\n";

/**
 * Reads again when it fails: between listing files and reading them, another program may have removed one. `body`
 * must fail then. Only what the last try printed counts: see {@link lastTry}.
 */
export function untilStill(body: Sh): Sh {
  return sh`tries=0
while :; do
  printf '\\036\\n'
  { ${body}
  } && break
  tries=$((tries + 1)); [ $tries -lt 5 ] || exit 1
done`;
}

export function lastTry(stdout: string): string {
  const mark = stdout.lastIndexOf(MARK);
  return mark < 0 ? stdout : stdout.slice(mark + MARK.length);
}
