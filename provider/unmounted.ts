import { sh } from "./host/sh.js";
import { runFor, type Step } from "./host/steps.js";

/**
 * A piece of a step that ends it where one of "$@", or a directory above it, is a mount point that systemd knows of and
 * that is not mounted, as after a boot without that disk: what is made there would be on the root file system, and
 * hidden when the disk is back. What is mounted when it is looked at (x-systemd.automount) is none.
 */
export const refuseUnmounted = sh`units=$(systemctl list-units --all --plain --no-legend --full -t mount --state=inactive,failed 2>/dev/null | while read -r u l _; do [ "$l" != loaded ] || echo "$u"; done)
[ -z "$units" ] || for w in $(systemctl show -p Where --value -- $units); do
  for p do
    case $p/ in
    "$w"/*)
      systemctl is-active -q "$(systemd-escape -p --suffix=automount "$w")" || {
        echo "$w is a mount point, and nothing is mounted there now: what is made below it would be hidden once that is. Mount it first: mount $w; or, if it is no mount point any more: systemctl daemon-reload" >&2
        exit 1
      }
      ;;
    esac
  done
done`;

export function checkMounted(path: string): Step {
  return runFor(`check that the disk of ${path} is mounted`, [path], refuseUnmounted);
}
