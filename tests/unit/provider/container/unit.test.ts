import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { takesWrites, unitText } from "../../../../provider/container/unit.js";
import { dockerContainer } from "../../../../provider/resources/docker-container.js";
import { fakeNode } from "../../fake-node.js";
import { inputsOf } from "../plans.js";

const [DATA, LOGS] = ["/mnt/mooring/data", "/mnt/mooring/logs"];

/** A block volume, with what ext4 has recorded of errors, and a directory over NFS. */
function mounted(
  t: ExecutionContext,
  { errors = "0", unreadable = "", bound = "", owner = "# Owner: urn:x" }: Record<string, string>,
) {
  const node = fakeNode(t, { devices: 0 });
  node.put("findmnt", `case $3 in ${DATA}) echo "$root/dev/nbd0" ;; *) echo 10.77.0.11:/srv/logs ;; esac`);
  const refuse = `[ "\${2:-$1}" != "${unreadable}" ] || { echo "Stale file handle" >&2; exit 2; }`;
  node.put("ls", refuse);
  node.put("stat", refuse);
  node.put("systemd-escape", 'echo "$(basename "$3").mount"');
  node.put("systemctl", `[ "$1" != show ] || echo "${bound}"`);
  mkdirSync(join(node.root, "ext4/nbd0"), { recursive: true });
  writeFileSync(join(node.root, "ext4/nbd0/errors_count"), `${errors}\n`);
  for (const unit of ["data.mount", "logs.mount"]) writeFileSync(join(node.root, unit), `${owner}\n`);
  const script = takesWrites([DATA, LOGS])
    .replaceAll("/sys/fs/ext4", join(node.root, "ext4"))
    .replaceAll("/etc/systemd/system", node.root);
  const { status, stderr } = node.run(script);
  const restarted = node.log().filter((line) => line.includes("restart"));
  return { status, stderr, restarted };
}

test("a container starts when its volumes take writes", (t) => {
  t.deepEqual(mounted(t, {}), { status: 0, stderr: "", restarted: [] });
});

test("after an error of its file system it does not, and its attachment is started anew", (t) => {
  const found = mounted(t, { errors: "2", bound: "mooring-attach-data.service" });
  t.is(found.status, 1);
  t.regex(found.stderr, /^\/mnt\/mooring\/data takes no writes after an error/);
  t.deepEqual(found.restarted, ["systemctl --no-block restart mooring-attach-data.service"]);
});

test("where nothing can be read, the mount is what is started anew when it has no attachment", (t) => {
  const found = mounted(t, { unreadable: LOGS });
  t.is(found.status, 1);
  t.regex(found.stderr, /Stale file handle\n\/mnt\/mooring\/logs takes no writes/);
  t.deepEqual(found.restarted, ["systemctl --no-block restart logs.mount"]);
});

test("what is not ours is neither judged nor started anew", (t) => {
  t.deepEqual(mounted(t, { errors: "2", unreadable: LOGS, owner: "[Unit]" }), {
    status: 0,
    stderr: "",
    restarted: [],
  });
});

/** What the unit of this container asks of docker, on a node where that name is the beginning of this one's id. */
function asked(t: ExecutionContext, name: string, found: string) {
  const text = unitText(inputsOf(dockerContainer, { owner: "urn:x", name, image: "tiny:1" }));
  const commands = [...text.matchAll(/^Exec(?:StartPre|Stop)=(.*)$/gm)].map(([, command = ""]) => command);
  t.is(commands.length, 2);
  return commands.map((command) => {
    const node = fakeNode(t, { devices: 0 });
    node.put("docker", `[ "$1" != container ] || echo "${found}"`);
    const { status } = node.run(command.replaceAll("$$", "$"));
    return [status, ...node.log().filter((line) => !line.includes("inspect"))];
  });
}

test("a name that could be the beginning of an id is asked for first: another's is neither started nor stopped", (t) => {
  t.deepEqual(asked(t, "db", "/db"), [
    [0, "docker start db"],
    [0, "docker stop -t 30 db"],
  ]);
  t.deepEqual(asked(t, "db", "/shop"), [[1], [1]]);
  t.deepEqual(asked(t, "db", ""), [[1], [1]]);
  t.deepEqual(asked(t, "shop", "/another"), [
    [0, "docker start shop"],
    [0, "docker stop -t 30 shop"],
  ]);
});
