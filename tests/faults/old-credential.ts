/** A node tries by hand what it once was allowed. */
import type { Node } from "./program/spec.js";
import type { Fault, FaultContext } from "./suite/fault.js";
import { floating, goesOn, NAME, nothingToDo } from "./suite/floating.js";
import { said } from "./suite/hosts.js";

/** Everything that an attachment left on the node, before it moved away. */
const KEEP =
  "tar -C / -cf /var/tmp/old.tar var/lib/mooring $(cd / && ls -d etc/mooring etc/systemd/system/mooring-attach-* 2>/dev/null)";

/** The old script under a name that is free now, so that only the storage host can refuse it. */
const TRY = `tar -C / -xf /var/tmp/old.tar
timeout 100 sh /var/lib/mooring/attachments/${NAME}.sh attach 2>&1 && echo attached || true
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
      const old = await given("node-01");
      await stack.moveTo("node-02");
      await stack.up();
      await goesOn(context, "node-02");
      const answer = await said("node-01", TRY);
      if (/^attached$|\/sys\/block/m.test(answer)) throw new Error(`the old node could attach: ${answer}`);
      if (!/timed out|Connection|refused|unreachable/i.test(answer))
        throw new Error(`the old node was not refused by the storage host: ${answer}`);
      context.say(`the old node was refused: ${answer.split("\n").at(0)}`);
      await goesOn(context, "node-02");
      await eachAlone(context, old);
      await goesOn(context, "node-02");
      await nothingToDo(stack);
    },
  },
];

/** What an attachment has of the storage host. */
interface Given {
  readonly name: string;
  readonly port: string;
  readonly key: string;
}

async function given(node: Node): Promise<Given> {
  const keys = `/var/lib/mooring/attachments/${NAME}`;
  const script = await said(node, `cat ${keys}.sh`);
  const [, name = "", port = ""] = script.match(/^# Export: (\S+\.g\d+) at \S*:(\d+)$/m) ?? [];
  return { name, port, key: await said(node, `cat ${keys}/keys.psk`) };
}

/** While nobody is attached, so that nothing but what is tried can be the reason. */
async function eachAlone({ say }: FaultContext, old: Given): Promise<void> {
  const unit = `mooring-attach-${NAME}.service`;
  const now = await given("node-02");
  if (old.name === now.name || old.key === now.key)
    throw new Error(`the move changed neither ${old.name} nor its key, or one of them alone`);
  await said("node-02", `systemctl stop ${unit}`);
  const tried = async (from: Node, name: string, key: string) =>
    said(
      from,
      `umask 077; mkdir -p /run/tried; echo ${key} > /run/tried/keys.psk
${look(name, now.port, "/run/tried")}; rm -r /run/tried`,
    );
  const attempts = [
    ["the old name", await tried("node-02", old.name, now.key), /export '[^']*' not present/],
    ["the old key", await tried("node-02", now.name, old.key), /TLS handshake failed/],
    [
      "the old address",
      await tried("node-01", now.name, now.key),
      /no answer|timed out|unreachable|refused/i,
    ],
    ["what it was given", await tried("node-02", now.name, now.key), /^opened$/m],
  ] as const;
  await said("node-02", `systemctl start ${unit}`);
  for (const [what, answer, expected] of attempts) {
    say(`with ${what}: ${answer.split("\n").at(-1)}`);
    if (!expected.test(answer) || (what !== "what it was given" && /^opened$/m.test(answer)))
      throw new Error(`with ${what} the storage host's answer was:\n${answer}`);
  }
}
