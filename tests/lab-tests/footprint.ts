import { hostNames } from "../lab/index.js";
import { ssh } from "./harness.js";

/**
 * Everything that resources can leave on a host, a line each: files and links, directories of volumes and mount
 * points, exports, mounts, devices, units that run or failed, containers, images, servers. Not the trash, where
 * removed data belongs, not what `install: true` prepared, and not what systemd remembers of stopped units.
 */
const LOOK = `
find /etc/systemd/system /etc/exports.d /var/lib/mooring /run/mooring/attached ! -type d \
  ! -path '/var/lib/mooring/trash/*' 2>/dev/null
find /srv/mooring /mnt/mooring -mindepth 1 -maxdepth 1 ! -name .mooring-trash 2>/dev/null
exportfs -s
findmnt -rn -o TARGET,SOURCE -t nfs4,ext4,xfs
ls -d /sys/block/nbd*/pid 2>/dev/null
systemctl list-units --all --plain --no-legend 'mooring-*' 'mnt-mooring-*' \
  | awk '$3 != "inactive" { print "unit", $1, $3 }'
# As \`docker ps -a\` and \`docker images -a\` would, in a hundredth of the time.
ls /var/lib/docker/containers 2>/dev/null | sed 's/^/container /'
ls /var/lib/docker/image/overlay2/imagedb/content/sha256 2>/dev/null | sed 's/^/image /'
ps -C qemu-nbd,nbd-client -o args=
true`;

export type Footprint = Readonly<Record<string, readonly string[]>>;

export async function footprint(): Promise<Footprint> {
  const found = await Promise.all(
    hostNames.map(async (host) => [host, (await ssh(host, LOOK)).split("\n").filter(Boolean).sort()]),
  );
  return Object.fromEntries(found) as Footprint;
}

/** What has come (+) and gone (-) since `before`. */
export async function footprintSince(before: Footprint): Promise<string[]> {
  const after = await footprint();
  return hostNames.flatMap((host) => {
    const [was = [], is = []] = [before[host], after[host]];
    return [
      ...is.filter((line) => !was.includes(line)).map((line) => `+ ${host}: ${line}`),
      ...was.filter((line) => !is.includes(line)).map((line) => `- ${host}: ${line}`),
    ];
  });
}
