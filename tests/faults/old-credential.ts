/** A node tries by hand what it once was allowed. */
import type { Fault, FaultContext } from "./suite/fault.js";
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

const STORAGE = "10.77.0.11";

/** Looks into an export as a client of it; the key is a directory with keys.psk in it. */
function look(name: string, port: string, key: string): string {
  const tls = `--object tls-creds-psk,id=tls,endpoint=client,dir=${key},username=mooring`;
  const export_ = `driver=nbd,server.type=inet,server.host=${STORAGE},server.port=${port},export=${name},tls-creds=tls`;
  return `timeout 15 qemu-img info ${tls} --image-opts '${export_}' 2>&1 && echo opened || [ $? != 124 ] || echo no answer`;
}

export const oldWays: readonly Fault[] = [
  {
    name: "old-credential",
    promise: "One volume has one writer.",
    fault: "After a move, the old node attaches by hand with the export's old name and its old credential.",
    expected:
      "The storage host refuses it, the old name, the old credential and the old address each alone too; the writer on the new node is not disturbed.",
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
      await eachAlone(context);
      await goesOn(context, "node-02");
      await nothingToDo(stack);
    },
  },
];

/** While nobody is attached, so that nothing but what is tried can be the reason. */
async function eachAlone({ say }: FaultContext): Promise<void> {
  const keys = `/var/lib/mooring/attachments/${NAME}`;
  const unit = `mooring-attach-${NAME}.service`;
  const script = await said("node-02", `cat ${keys}.sh; systemctl stop ${unit}`);
  const [, name = "", epoch = "", port = ""] = script.match(/^# Export: (\S+)\.g(\d+) at \S*:(\d+)$/m) ?? [];
  const key = await said("node-02", `cat ${keys}/keys.psk`);
  const other = `mooring:${"0".repeat(64)}`;
  const tried = async (from: "node-01" | "node-02", epoch: number, secret: string) =>
    said(
      from,
      `umask 077; mkdir -p /run/tried; echo ${secret} > /run/tried/keys.psk
${look(`${name}.g${epoch}`, port, "/run/tried")}; rm -r /run/tried`,
    );
  const now = Number(epoch);
  const attempts = [
    ["the old name", await tried("node-02", now - 1, key), /not (present|available)|unknown export|No such/i],
    ["another key", await tried("node-02", now, other), /TLS|handshake|authentication/i],
    ["another address", await tried("node-01", now, key), /no answer|timed out|unreachable|refused/i],
    ["what it was given", await tried("node-02", now, key), /^opened$/m],
  ] as const;
  await said("node-02", `systemctl start ${unit}`);
  for (const [what, answer, expected] of attempts) {
    say(`with ${what}: ${answer.split("\n").at(-1)}`);
    if (!expected.test(answer) || (what !== "what it was given" && /^opened$/m.test(answer)))
      throw new Error(`with ${what} the storage host's answer was:\n${answer}`);
  }
}
