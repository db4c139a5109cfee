import { Refused } from "./host/errors.js";
import { sh } from "./host/sh.js";
import { runFor, type Step } from "./host/steps.js";
import type { CommonInputs } from "./resource.js";

/** The head of every file of ours on a host. */
export function header(owner: string): string {
  return `# Made by Mooring; changes by hand are drift.\n# Owner: ${owner}\n`;
}

/** The owner record in a file of ours; `undefined`: it is not ours. */
export function ownerIn(text: string): string | undefined {
  return text.match(/^# Owner: (.+)$/m)?.[1];
}

/**
 * What a file of ours is made from is still so: none is there, or one of ours. An empty one is nobody's: a power cut
 * leaves such where a new file had not come to the disk. Two programs that both found nothing
 * do not write over one another. What is adopted is not compared. `isFirst`: nothing was done before, so that another
 * look tells more.
 */
export function compareOwner(
  file: string,
  wanted: CommonInputs,
  identity: CommonInputs,
  isFirst: boolean,
): Step[] {
  if (wanted.adopt) return [];
  const script = sh`while [ $# != 0 ]; do
  if [ -s "$1" ] || [ -L "$1" ]; then
    whose='somebody else'
    while IFS= read -r line; do case $line in '# Owner: '*) whose=\${line#'# Owner: '}; break ;; esac; done < "$1"
    case $whose in "$2" | "$3") ;; *) printf 'another program made it meanwhile; it belongs to %s\\n' "$whose" >&2; exit 1 ;; esac
  fi
  shift 3
done`;
  const step = runFor(`compare the owner of ${file}`, [file, wanted.owner, identity.owner], script);
  return [{ ...step, ...(isFirst && { compares: true }) }];
}

/** What a delete leaves where it is: `what` has another owner. One that nobody owns was left there on purpose. */
export function othersOwn(what: string, found: string | undefined, owner: string): string | undefined {
  return found && found !== owner ? `${what} belongs to ${found}` : undefined;
}

/** Refuses an object that is somebody else's, unless it is to be adopted. */
export function requireOurs(
  what: string,
  found: string | undefined,
  wanted: CommonInputs,
  identity: CommonInputs,
): void {
  if (found === wanted.owner || found === identity.owner || wanted.adopt) return;
  const whose = found ? `belongs to ${found}` : "has no owner record: somebody else made it";
  throw new Refused(
    `${what} on host "${wanted.host.name}" is in the way: it ${whose}. Nothing was changed.\nTo take it over set adopt: true; or choose another name; or remove it there.`,
  );
}
