import { Refused } from "./host/errors.js";

/** A node that answers is not dead, whatever anybody says of it. `sessions` are those of a node that does. */
export function refuseLiveNode(name: string, node: string, sessions: readonly string[]): void {
  if (sessions.length === 0) return;
  throw new Refused(
    `volume "${name}": node "${node}" still has a live session with the storage host: ${sessions.join("; ")}. Nothing was changed.\nIf an update was cut off that took it there, name that node again and run pulumi up, which completes it. If the node was said to be lost and can be reached, remove \`lost\` and move the volume. To fence it all the same, set fence: "force" beside lost: what it is writing at that moment ends as with a power cut.`,
  );
}
