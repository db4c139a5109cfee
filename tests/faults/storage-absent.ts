/** A node that boots while its storage host is not there. */
import { setTimeout as sleep } from "node:timers/promises";
import { powerOff, powerOn } from "../lab/index.js";
import type { Fault } from "./suite/fault.js";
import { floating, goesOn, NAME, NFS, nothingToDo, PATIENT } from "./suite/floating.js";
import { nothingRuns, said, shutDown } from "./suite/hosts.js";

export const storageAbsent: readonly Fault[] = (["nbd", "nfs"] as const).map((backend) => ({
  name: `storage-absent-${backend}`,
  promise: "A container never starts on an empty directory.",
  fault: `The node boots while the storage host, which has its volume over ${backend.toUpperCase()}, is off.`,
  expected:
    "The container stays down, its mount point empty and not to be written; it starts when the storage host is back.",
  shares: backend === "nbd" ? PATIENT : NFS,
  async run(context) {
    const stack = await floating(context);
    const root = await said("node-01", ON_ROOT);
    await shutDown("node-01");
    await powerOff("storage");
    await powerOn("node-01");
    context.say("node-01 has booted, the storage host is off");
    for (let looks = 0; looks < 3; looks++) {
      await sleep(context.random.between(3000, 10_000));
      await nothingRuns("node-01", NAME);
    }
    if ((await said("node-01", ON_ROOT)) !== root)
      throw new Error("something was written to the node's root file system");
    await powerOn("storage");
    context.say("the storage host is back");
    await goesOn(context, "node-01");
    await nothingToDo(stack);
  },
}));

/** What a container could have written to beside its volume. */
const ON_ROOT = "find /mnt /srv /data -xdev ! -path /mnt/mooring/float/'*' 2>/dev/null | sort";
