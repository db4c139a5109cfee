/** As many volumes on one node as it has nbd devices. */
import type { Fault } from "./suite/fault.js";
import { nothingToDo } from "./suite/floating.js";
import { reboot, said } from "./suite/hosts.js";
import { until } from "./suite/until.js";

const NAMES = Array.from({ length: 16 }, (_, index) => `many-${index + 1}`);

const WRITE = NAMES.map((name) => `echo ${name} > /mnt/mooring/${name}/name`).join("\n");
const LOOK = NAMES.map(
  (name) => `echo "$(findmnt -no SOURCE,FSTYPE /mnt/mooring/${name}) $(cat /mnt/mooring/${name}/name)"`,
).join("\n");

export const manyOnOneNode: readonly Fault[] = [
  {
    name: "sixteen-on-one-node",
    promise: "Hosts come back by themselves, in order.",
    fault: "A node attaches sixteen volumes over NBD at once, and is rebooted.",
    expected: "Each has a device of its own and its own data, before and after.",
    async run(context) {
      const listener = context.acknowledged.port;
      const volumes = NAMES.map((name) => ({ name, node: "node-01", container: "none" }) as const);
      const stack = await context.stack("many", { listener, volumes });
      await stack.up();
      await said("node-01", `set -e\n${WRITE}\nsync`);
      eachOnItsOwn(await said("node-01", LOOK));
      await reboot("node-01");
      await until("all are mounted again", 5 * 60_000, async () => {
        eachOnItsOwn(await said("node-01", LOOK));
        return true;
      });
      await nothingToDo(stack);
    },
  },
];

/** A line for each: its device, its file system, the name that was written into it. */
function eachOnItsOwn(looked: string): void {
  const found = looked.split("\n").map((line) => line.split(/\s+/));
  const devices = new Set(found.map(([device]) => device));
  const right = found.filter(
    ([device, type, name], index) =>
      /^\/dev\/nbd\d+$/.test(device ?? "") && type === "ext4" && name === NAMES[index],
  );
  if (devices.size !== NAMES.length || right.length !== NAMES.length)
    throw new Error(`not each volume has its own device and data:\n${looked}`);
}
