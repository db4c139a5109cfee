/** A container that can't start where it moves to. */
import type { HostChanges } from "../lab/cli-stack.js";
import type { Fault } from "./suite/fault.js";
import { floating, goesOn, NAME, NFS, nothingToDo, PATIENT } from "./suite/floating.js";
import { said } from "./suite/hosts.js";

/** The runtime of containers is there, and starts none. */
const BREAK = 'mount --bind /bin/false "$(command -v runc)"';
const MEND = 'umount "$(command -v runc)"';

const SUDO = { connection: { user: "mooring", sudo: true } };
const AS_USER: HostChanges = { storage: SUDO, "node-01": SUDO, "node-02": SUDO };

export const failedStart: readonly Fault[] = (["nbd", "nfs"] as const).map((backend) => ({
  name: `start-fails-${backend}`,
  promise: "Half-way is a state like any other.",
  fault: `A container on a volume over ${backend.toUpperCase()} moves to a node whose Docker can't start it, and goes back; as a user with sudo.`,
  expected:
    "up fails with what Docker said; with the old node it succeeds, though the new one is still broken. Nothing acknowledged is lost.",
  shares: backend === "nbd" ? PATIENT : NFS,
  async run(context) {
    const stack = await floating(context);
    await stack.setHosts(AS_USER);
    await said("node-02", BREAK);
    await stack.moveTo("node-02");
    const { output } = await stack.failedUp();
    for (const word of [`start mooring-container-${NAME}`, "runc", 'to go back, name "node-01" again']) {
      if (!output.includes(word)) throw new Error(`the error does not name ${word}:\n${output}`);
    }
    context.say("up failed with what Docker said");
    await stack.moveTo("node-01");
    await stack.up();
    await goesOn(context, "node-01");
    await said("node-02", MEND);
    await nothingToDo(stack);
    await stack.setHosts({});
  },
}));
