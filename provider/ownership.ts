import { Refused } from "./host/errors.js";
import type { CommonInputs } from "./resource.js";

/** The head of every file of ours on a host. */
export function header(owner: string): string {
  return `# Made by Mooring; changes by hand are drift.\n# Owner: ${owner}\n`;
}

/** The owner record in a file of ours; `undefined`: it is not ours. */
export function ownerIn(text: string): string | undefined {
  return text.match(/^# Owner: (.+)$/m)?.[1];
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
