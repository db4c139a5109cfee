/** The cable between node and storage host is pulled, and put back. */
import { setTimeout as sleep } from "node:timers/promises";
import { cut, type HostName, heal } from "../lab/index.js";
import type { Fault } from "./suite/fault.js";
import {
  containerStart,
  floating,
  goesOn,
  hadNoError,
  IMPATIENT,
  NFS,
  nothingToDo,
  PATIENT,
  PATIENTLY,
} from "./suite/floating.js";

type Backend = "nbd" | "nfs";

export const cable: readonly Fault[] = [short("nbd"), short("nfs"), long("nbd"), long("nfs")];

function short(backend: Backend): Fault {
  return {
    name: `cable-short-${backend}`,
    promise: "An outage that is shorter than the reconnect delay is a pause.",
    fault: `The cable of the node or of the storage host is pulled for some seconds, over ${backend === "nbd" ? PATIENTLY : "NFS"}.`,
    expected: "The writer pauses and goes on without an error; nothing acknowledged is lost.",
    shares: backend === "nbd" ? PATIENT : NFS,
    async run(context) {
      const stack = await floating(context);
      const started = await containerStart();
      await pulled(
        context.random.pick<HostName>(["node-01", "storage"]),
        context.random.between(3000, 20_000),
      );
      await goesOn(context, "node-01");
      await hadNoError(started);
      await nothingToDo(stack);
    },
  };
}

function long(backend: Backend): Fault {
  return {
    name: `cable-long-${backend}`,
    promise: "A longer outage is reported by refresh and repaired by up.",
    fault: `The cable is pulled for longer than the reconnect delay, of 10 s here, over ${backend.toUpperCase()}.`,
    expected:
      "The writer pauses for as long as nobody notices; if its file system became read-only, up repairs it. Nothing acknowledged is lost.",
    shares: backend === "nbd" ? IMPATIENT : NFS,
    async run(context) {
      const stack = await floating(context);
      await pulled(
        context.random.pick<HostName>(["node-01", "storage"]),
        context.random.between(30_000, 60_000),
      );
      await stack.refreshUp();
      await goesOn(context, "node-01");
      await nothingToDo(stack);
    },
  };
}

async function pulled(host: HostName, ms: number): Promise<void> {
  await cut(host);
  await sleep(ms);
  await heal(host);
}
