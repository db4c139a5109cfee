/** A node tries by hand what it once was allowed. */
import type { Fault } from "./suite/fault.js";
import { floating, goesOn, NAME, nothingToDo } from "./suite/floating.js";
import { said } from "./suite/hosts.js";

/** Everything that an attachment left on the node, before it moved away. */
const KEEP =
  "tar -C / -cf /var/tmp/old.tar var/lib/mooring $(cd / && ls -d etc/mooring etc/systemd/system/mooring-attach-* 2>/dev/null)";

/** The old script under a name that is free now, so that only the storage host can refuse it. */
const TRY = `tar -C / -xf /var/tmp/old.tar
timeout 100 sh /var/lib/mooring/attachments/${NAME}.sh attach && echo attached || true
ls -d /sys/block/nbd*/pid 2>/dev/null
sh /var/lib/mooring/attachments/${NAME}.sh detach
for file in $(tar -tf /var/tmp/old.tar | grep -v '/$'); do rm -f "/$file"; done
for folder in $(tar -tf /var/tmp/old.tar | grep '/$' | sort -r); do rmdir "/$folder" 2>/dev/null || true; done
rm /var/tmp/old.tar`;

export const oldWays: readonly Fault[] = [
  {
    name: "old-credential",
    promise: "One volume has one writer.",
    fault: "After a move, the old node attaches by hand with the export's old name and its old credential.",
    expected: "The storage host refuses it; the writer on the new node is not disturbed.",
    async run(context) {
      const stack = await floating(context);
      await said("node-01", KEEP);
      await stack.moveTo("node-02");
      await stack.up();
      await goesOn(context, "node-02");
      const attached = await said("node-01", `(${TRY}) 2>/dev/null`);
      if (attached !== "") throw new Error(`the old node could attach: ${attached}`);
      context.say("the old node was refused");
      await goesOn(context, "node-02");
      await nothingToDo(stack);
    },
  },
];
