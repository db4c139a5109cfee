/** Somebody opens the image of a volume that is written to, on the storage host itself. */
import type { Fault } from "./suite/fault.js";
import { floating, goesOn, NAME, nothingToDo, PATIENT } from "./suite/floating.js";
import { said } from "./suite/hosts.js";

const IMAGE = `/var/lib/mooring/clones/${NAME}.qcow2`;
const MOUNTED = "/run/by-hand";

/** What is written goes to a file of its own, so that nothing but the file system can refuse the mount. */
const MOUNT = `modprobe nbd
dev=/dev/nbd15; mkdir -p ${MOUNTED}
qemu-nbd --fork --snapshot --cache=none --connect=$dev --image-opts driver=qcow2,file.driver=file,file.locking=off,file.filename=${IMAGE}
sleep 1
mount -t ext4 $dev ${MOUNTED} >&2 && echo mounted || dmesg | grep -o 'ext4_multi_mount_protect.*' | tail -n 2
umount ${MOUNTED} 2>/dev/null || true
qemu-nbd --disconnect $dev >&2; rmdir ${MOUNTED}`;

export const imageByHand: readonly Fault[] = [
  {
    name: "image-by-hand",
    promise: "One volume has one writer.",
    fault:
      "On the storage host the image of a volume is opened by hand, and mounted there with its lock ignored.",
    expected:
      "The image lock refuses the first, multi-mount protection the second; the writer is not disturbed.",
    shares: PATIENT,
    async run(context) {
      const stack = await floating(context);
      const opened = await said("storage", `qemu-io -c 'read 0 512' ${IMAGE} 2>&1 || true`);
      if (!/Failed to get "\w+" lock/.test(opened)) throw new Error(`the image is not locked: ${opened}`);
      context.say("the image is locked");
      const mounted = await said("storage", MOUNT);
      if (!/already active on another node/.test(mounted))
        throw new Error(`multi-mount protection did not refuse: ${mounted}`);
      context.say(`the file system is in use: ${mounted.split("\n").at(-1)}`);
      await goesOn(context, "node-01");
      await nothingToDo(stack);
    },
  },
];
