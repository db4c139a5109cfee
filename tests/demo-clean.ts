/** `npm run demo -- --clean`: all of the demo removed, and the hosts asked what of it is left. */
import { type HostName, hostNames, ssh } from "./lab";
import type { LabStack } from "./lab/stack";

/** Everything that Mooring makes on a host, but for the trash, and for what `install: true` prepared. */
const LEFT = `
find /etc/exports.d /etc/systemd/system -name 'mooring-*.*s' 2>/dev/null
grep -ls '^# Made by Mooring' /etc/systemd/system/*.mount
find /var/lib/mooring /srv/mooring /mnt/mooring -mindepth 1 2>/dev/null | grep -v -e /trash -e /.mooring-trash
findmnt -rno TARGET | grep /mooring
docker ps -aq --filter label=mooring.owner 2>/dev/null | sed 's/^/container /'
pgrep -a qemu-nbd
true`;

export async function clean(stack: LabStack): Promise<void> {
  console.log("\n== Removing the demo's resources");
  const code = await stack.show(
    "destroy",
    "--yes",
    "--skip-preview",
    "--suppress-permalink=true",
    "--suppress-progress",
  );
  if (code !== 0) throw new Error(`pulumi destroy failed with exit code ${code}; what it said is above`);
  await stack.run("stack", "rm", "--yes", "--force");

  console.log("\n== Looking at the hosts");
  const left = await Promise.all(hostNames.map(async (name) => ({ name, lines: await list(name, LEFT) })));
  for (const { name, lines } of left) {
    console.log(
      lines.length === 0
        ? `  ${name}: nothing of Mooring is left`
        : `  ${name}: still there:\n    ${lines.join("\n    ")}`,
    );
  }
  const trash = await list(
    "storage",
    "find /var/lib/mooring/trash /srv/mooring/.mooring-trash -type f 2>/dev/null; true",
  );
  console.log(`  storage, in the trash: ${trash.length === 0 ? "nothing" : `\n    ${trash.join("\n    ")}`}`);
  if (left.some(({ lines }) => lines.length > 0)) throw new Error("the hosts are not clean");
  console.log("\nThe hosts still run. To end them: npm run lab -- down");
}

async function list(name: HostName, script: string): Promise<string[]> {
  const { stdout } = await ssh(name, script);
  return stdout.split("\n").filter(Boolean);
}
