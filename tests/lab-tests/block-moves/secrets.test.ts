import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { hostNames } from "../../lab/index.js";
import { FOREVER, TINY_2, TINY_2_ARCHIVE } from "../docker.js";
import { labHosts, makeStack, ssh } from "../harness.js";
import { checkSecrets } from "../state.js";

/**
 * Prints each word that is on a command line of any process, once, again and again until it is ended. A process is looked
 * at often in its first seconds, then once a second: it has others soon after its start, when it becomes another program.
 * It starts no process itself: on an emulated host it would see little else.
 */
const SAMPLER = `exec perl -e '$| = 1; local $/;
while (1) {
  my $now = time;
  my $all = $now > $last and $last = $now;
  opendir(my $proc, "/proc") or die;
  for (grep { /^[0-9]/ } readdir $proc) {
    $first{$_} //= $now;
    next unless $all or $now < $first{$_} + 2;
    open(my $file, "<", "/proc/$_/cmdline") or next;
    for (split /\\0/, <$file> // "") { print "$_\\n" unless $seen{$_}++ }
  }
  select undef, undef, undef, 0.01;
}'`;
const START = `systemd-run -q --unit=argv-sampler -p StandardOutput=truncate:/run/argv-sampled sh -c "$(cat)"`;
const STOP = "systemctl stop argv-sampler; cat /run/argv-sampled; rm /run/argv-sampled";

/** Where secrets (lines of its input) must not be: units, what systemd and the kernel log, what anybody may read of ours. */
const READABLE = `set +e
SECRETS=$(cat)
grep -rlaF -- "$SECRETS" /etc/systemd /run/systemd/system /etc/exports.d /etc/modprobe.d /tmp /run/mooring 2>/dev/null
grep -rlaF --exclude-dir=journal -- "$SECRETS" /var/log 2>/dev/null
journalctl -q --no-pager -o cat | grep -qaF -- "$SECRETS" && echo "the journal"
find /var/lib/mooring -type f -perm /077 -exec grep -laF -- "$SECRETS" {} +
true`;

/** This machine has the CLI and its provider. */
class Local {
  #output = "";
  readonly #child: ChildProcess;

  constructor() {
    this.#child = spawn("sh", ["-c", SAMPLER], { stdio: ["ignore", "pipe", "ignore"], detached: true });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
    });
  }

  stop(): string {
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid);
    return this.#output;
  }
}

function program(token: string, node: string, command: string[]) {
  return async () => {
    const storage = mooring.Host.fromConfig("storage");
    const template = new mooring.Qcow2Template("kept-base", { host: storage, size: "64MiB", fsType: "ext4" });
    const volume = new mooring.DataVolume("kept", { storage, template, onDelete: "destroy" });
    new mooring.StatefulContainer("kept", {
      ...{ node: mooring.Host.fromConfig(node), volume, mountPath: "/data", command },
      ...{ image: TINY_2, imageArchive: TINY_2_ARCHIVE, restart: "no", waitTimeout: "20s" },
      environment: { TOKEN: token },
    });
  };
}

test.serial("no secret is on a command line, in a unit, a log, a message or the state", async (t) => {
  const { storage } = await labHosts();
  const [token, seen] = [randomBytes(16).toString("hex"), `seen-${randomBytes(8).toString("hex")}`];
  const stack = await makeStack(t, { program: program(token, "node-01", FOREVER) });
  await Promise.all(hostNames.map((host) => ssh(host, START, SAMPLER)));
  const local = new Local();

  await stack.up();
  const keyOf = "cut -d: -f2 /var/lib/mooring/keys/kept/keys.psk";
  const keys = [await ssh("storage", keyOf)];
  t.log("a move, and a container that tells its secret and ends");
  stack.program = program(token, "node-02", ["sh", "-c", "echo the token is $TOKEN; exit 1"]);
  const error = await stack.failedUp();
  t.regex(error, /the token is \(a secret\)/);
  keys.push(await ssh("storage", keyOf));
  t.is(new Set(keys).size, 2, "each attachment has a key of its own");
  for (const key of keys) t.regex(key, /^[0-9a-f]{64}$/);

  // What shows that the samplers see what there is to see.
  const short = `sh -c 'sleep 1; :' ${seen}`;
  await Promise.all([
    ...hostNames.map((host) => ssh(host, short)),
    new Promise((resolve) => spawn("sh", ["-c", short]).once("exit", resolve)),
  ]);
  const [, keyText = ""] = storage.connection.privateKey.split("\n");
  const secrets = { token, keyText, "the first key": keys[0] ?? "", "the second key": keys[1] ?? "" };
  const sampled = [
    ["this machine", local.stop()],
    ...(await Promise.all(hostNames.map(async (host) => [host, await ssh(host, STOP)]))),
  ];
  for (const [where = "", words = ""] of sampled) {
    t.true(words.includes(seen), `the sampler on ${where} works`);
    for (const [name, secret] of Object.entries(secrets))
      t.false(words.includes(secret), `${name} was on a command line on ${where}`);
  }
  const found = await Promise.all(
    hostNames.map((host) => ssh(host, READABLE, Object.values(secrets).join("\n"))),
  );
  t.deepEqual(found, ["", "", ""], `what has a secret in it, on ${hostNames}`);
  await checkSecrets(t, stack, [token, ...keys]);
  t.false(error.includes(token) || keys.some((key) => error.includes(key)), "a secret in the error");
});
