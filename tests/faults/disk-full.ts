/** The storage host's images on a file system of their own, which has no room left, or comes late at boot. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./suite/fault.js";
import {
  containerStart,
  floating,
  goesOn,
  hadNoError,
  NAME,
  nothingToDo,
  PATIENT,
  PATIENTLY,
} from "./suite/floating.js";
import { reboot, said } from "./suite/hosts.js";

/** The pool on a file system of its own, and small. */
const SMALL_POOL = `truncate -s 160M /srv/pool.img
mkfs.ext4 -q -F /srv/pool.img
mkdir -p /var/lib/mooring
mount -o loop /srv/pool.img /var/lib/mooring
rmdir /var/lib/mooring/lost+found`;

/** To the last block, and a little room again for what is not data. */
const FILL = `dd if=/dev/zero of=/var/lib/mooring/filler bs=64k 2>/dev/null || true
sync -f /var/lib/mooring`;
const MAKE_ROOM = "rm /var/lib/mooring/filler; sync -f /var/lib/mooring";
const END_POOL = "umount /var/lib/mooring && rm /srv/pool.img";

/** The boot does not wait for it. */
const AT_BOOT = `echo '/srv/pool.img /var/lib/mooring ext4 loop,nofail 0 0' >> /etc/fstab
systemctl daemon-reload`;
const NOT_AT_BOOT = `sed -i '\\|^/srv/pool.img |d' /etc/fstab
systemctl daemon-reload`;

export const disk: readonly Fault[] = [
  {
    name: "disk-full-create",
    promise: "Half-way is a state like any other.",
    fault: "The storage host's disk is full when a volume is to be made.",
    expected: "The error says that there is no space; after room was made, the next up goes on.",
    async run(context) {
      const { acknowledged } = context;
      await said("storage", SMALL_POOL);
      await said("storage", FILL);
      const stack = await context.stack("full", {
        listener: acknowledged.port,
        volumes: [{ name: NAME, node: "node-01" }],
      });
      const { output } = await stack.failedUp();
      if (!/host "storage"/.test(output) || !/no room for .* needs |No space left on device/.test(output))
        throw new Error(`the error does not say that the disk is full:\n${output}`);
      await said("storage", MAKE_ROOM);
      await stack.up();
      await goesOn(context, "node-01");
      await nothingToDo(stack);
      await stack.destroy();
      await said("storage", END_POOL);
    },
  },
  {
    name: "disk-full-write",
    promise: "A longer outage is reported by refresh and repaired by up.",
    fault: "The storage host's disk becomes full while a container writes.",
    expected:
      "What has no room fails and is not acknowledged; after room was made, up repairs it, and nothing acknowledged is lost.",
    async run(context) {
      await said("storage", SMALL_POOL);
      const stack = await floating(context);
      await said("storage", FILL);
      const large = "dd if=/dev/urandom of=/data/large bs=1M count=40 conv=fsync 2>&1";
      const wrote = await said(
        "node-01",
        `docker exec ${NAME} ${large} && echo written; docker exec ${NAME} rm -f /data/large 2>&1 || true`,
      );
      if (/^written$/m.test(wrote)) throw new Error(`40 MiB had room, where there was none:\n${wrote}`);
      context.say(`writing 40 MiB more: ${wrote.split("\n").at(0)}`);
      await sleep(context.random.between(1000, 5000));
      await said("storage", MAKE_ROOM);
      await stack.refreshUp();
      await goesOn(context, "node-01");
      await nothingToDo(stack);
      await stack.destroy();
      await said("storage", END_POOL);
    },
  },
  {
    name: "pool-disk-reboot",
    promise: "Hosts come back by themselves, in order.",
    fault: `The storage host is rebooted, and its images are on a disk that the boot does not wait for (nofail), over ${PATIENTLY}.`,
    expected:
      "The export waits for the disk; the writer pauses and goes on without an error. Nothing acknowledged is lost.",
    async run(context) {
      await said("storage", SMALL_POOL);
      await said("storage", AT_BOOT);
      const stack = await floating(context, PATIENT);
      const started = await containerStart();
      await reboot("storage");
      context.say("the storage host is back");
      await goesOn(context, "node-01");
      await hadNoError(started);
      await nothingToDo(stack);
      await stack.destroy();
      await said("storage", NOT_AT_BOOT);
      await said("storage", END_POOL);
    },
  },
];
