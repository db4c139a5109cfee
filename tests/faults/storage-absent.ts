/** A node that boots while its storage host is not there. */
import { setTimeout as sleep } from "node:timers/promises";
import { powerOff, powerOn } from "../lab/index.js";
import type { Fault } from "./suite/fault.js";
import { floating, goesOn, IMPATIENT, NAME, NFS, nothingToDo, PATIENT } from "./suite/floating.js";
import { said, shutDown, staysDown } from "./suite/hosts.js";

type Backend = "nbd" | "nfs";

export const storageAbsent: readonly Fault[] = (["nbd", "nfs"] as const).flatMap((backend) => [
  absentAtBoot(backend),
  absentAtReboot(backend),
]);

function absentAtBoot(backend: Backend): Fault {
  return {
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
      await staysDown(context.random, "node-01", NAME);
      if ((await said("node-01", ON_ROOT)) !== root)
        throw new Error("something was written to the node's root file system");
      await powerOn("storage");
      context.say("the storage host is back");
      await goesOn(context, "node-01");
      await nothingToDo(stack);
    },
  };
}

function absentAtReboot(backend: Backend): Fault {
  return {
    name: `storage-lost-reboot-${backend}`,
    promise: "Hosts come back by themselves, in order.",
    fault: `The storage host loses its power while the container writes over ${backend.toUpperCase()}, and the node is rebooted cleanly without it.`,
    expected:
      "The node shuts down within ten minutes; the container is back with all acknowledged data once both hosts are.",
    shares: backend === "nbd" ? IMPATIENT : NFS,
    async run(context) {
      const stack = await floating(context);
      await powerOff("storage");
      await sleep(context.random.between(0, 5000));
      const began = Date.now();
      await shutDown("node-01", 10 * 60_000);
      context.measured("shutdown", Date.now() - began);
      await Promise.all([powerOn("node-01"), powerOn("storage")]);
      context.say("both are back");
      await goesOn(context, "node-01");
      await nothingToDo(stack);
    },
  };
}

/** What a container could have written to beside its volume. */
const ON_ROOT = "find /mnt /srv /data -xdev ! -path /mnt/mooring/float/'*' 2>/dev/null | sort";
