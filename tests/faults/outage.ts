/** The export goes away for longer than writers wait for it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./suite/fault.js";
import {
  containerStart,
  floating,
  goesOn,
  hadNoError,
  IMPATIENT,
  NAME,
  nothingToDo,
  PATIENT,
  PATIENTLY,
} from "./suite/floating.js";
import { said } from "./suite/hosts.js";
import { flushedLate, letFlush, writeUnflushed } from "./suite/unflushed.js";

const unit = `mooring-export-${NAME}`;
const KILL = `systemctl kill -s KILL ${unit}.service`;

export const outage: readonly Fault[] = [
  {
    name: "export-killed",
    promise: "An outage that is shorter than the reconnect delay is a pause.",
    fault: `The program that serves the volume is killed on the storage host, while the container writes and once more while writes wait to be flushed, over ${PATIENTLY}.`,
    expected:
      "systemd starts it again; the writer pauses and goes on without an error; nothing acknowledged is lost, nor what was written before and is flushed after.",
    shares: PATIENT,
    async run(context) {
      const stack = await floating(context);
      const started = await containerStart();
      await said("storage", KILL);
      await goesOn(context, "node-01");
      await writeUnflushed();
      await said("storage", KILL);
      await letFlush();
      await flushedLate();
      await goesOn(context, "node-01");
      await hadNoError(started);
      await nothingToDo(stack);
    },
  },
  {
    name: "export-away",
    promise: "A longer outage is reported by refresh and repaired by up.",
    fault: "The export is stopped for longer than the reconnect delay, which is 10 s here.",
    expected:
      "Writes fail; refresh says that the attachment is not as wanted; a container that ends with its error comes back when the export does; up finds it so. Nothing acknowledged is lost.",
    shares: IMPATIENT,
    async run(context) {
      const stack = await floating(context);
      await said("storage", `systemctl stop ${unit}.socket ${unit}.service`);
      await sleep(context.random.between(30_000, 40_000));
      const output = await stack.refresh();
      if (!/~ status: "attached" => "(takes no writes|detached)/.test(output)) {
        const mount = await said(
          "node-01",
          `grep /mnt/mooring/${NAME} /proc/self/mountinfo; dmesg | tail -n 5`,
        );
        throw new Error(`refresh reported no change of the attachment:\n${output}\nThe mount is:\n${mount}`);
      }
      context.say("refresh has reported it");
      await said("storage", `systemctl start ${unit}.socket`);
      await goesOn(context, "node-01");
      await stack.refreshUp();
      await goesOn(context, "node-01");
      await nothingToDo(stack);
    },
  },
];
