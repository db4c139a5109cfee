/** Whether the hosts are as the work wants them: the same look for every contestant. */
import { hostNames, ssh } from "../lab/index.js";
import { type Part, partsOf, type Volume, type VolumeWork } from "./works.js";

/** One line for each object, whoever made it. */
const LOOK = `exportfs -s 2>/dev/null | awk '{ sub(/\\(.*/, "", $2); print "export", $1, $2 }'
for image in /var/lib/mooring/clones/*.qcow2; do
  [ ! -e "$image" ] || echo "clone $(basename "$image" .qcow2) $(od -A n -t u8 --endian=big -j 24 -N 8 "$image")"
done
ps -C qemu-nbd -o args= | sed -n '/--connect/d; s|.* /var/lib/mooring/clones/\\(.*\\)\\.qcow2$|server \\1|p'
findmnt -rn -t nfs4 -o TARGET,SOURCE | sed -n 's|^/mnt/mooring/|nfs-mount |p'
findmnt -brn -t ext4 -o TARGET,SOURCE,SIZE | sed -n 's|^/mnt/mooring/||p' | while read -r name device size; do
  read -r sectors < "/sys/block/\${device#/dev/}/size"
  echo "attached $name $((sectors * 512)) $(blkid -p -s UUID -o value "$device") $size"
done
ids=$(docker ps -q)
[ -z "$ids" ] || docker inspect -f 'container {{.Name}} {{.HostConfig.Memory}}{{range .Mounts}} {{.Source}}{{end}}' $ids`;

const MIB = 1024 * 1024;
/** An emulated host with fifty disks takes minutes. */
const LOOK_MS = 10 * 60_000;

/** Rejects with what is missing and what is there too much. */
export async function checkHosts(work: VolumeWork, volumes: readonly Volume[]): Promise<void> {
  const found: string[] = [];
  for (const host of hostNames) {
    const { stdout } = await ssh(host, LOOK, { timeoutMs: LOOK_MS });
    found.push(...normalised(stdout).map((line) => `${host} ${line}`));
  }
  const wrong = differences(expected(work, volumes), found);
  if (wrong.length > 0) throw new Error(`the hosts are not as wanted:\n${wrong.slice(0, 10).join("\n")}`);
}

export function expected(work: VolumeWork, volumes: readonly Volume[]): string[] {
  return volumes.flatMap((volume) => partsOf[work].map((part) => lineOf(part, volume)));
}

function lineOf(part: Part, { name, node, client, sizeMiB, memoryMiB }: Volume): string {
  switch (part) {
    case "nfs-exports":
      return `storage export /srv/mooring/${name} ${client}`;
    case "clones":
      return `storage clone ${name} ${sizeMiB * MIB}`;
    case "nbd-exports":
      return `storage server ${name}`;
    case "nfs-mounts":
      return `${node} nfs-mount ${name} 10.77.0.11:/srv/mooring/${name}`;
    case "attachments":
      return `${node} attached ${name} ${sizeMiB * MIB}, its file system as large`;
    case "containers":
      return `${node} container ${name} ${memoryMiB * MIB} /mnt/mooring/${name}/data`;
  }
}

/** A file system that did not grow with its disk, or has another's UUID, is not what is wanted. */
export function normalised(said: string): string[] {
  const seen = new Set<string>();
  return said
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [kind = "", name = "", bytes, uuid = "", size] = line.split(/\s+/);
      if (kind === "container") return line.replace("container /", "container ");
      if (kind !== "attached") return line.replaceAll(/\s+/g, " ");
      const twice = seen.has(uuid);
      seen.add(uuid);
      const whole = Number(size) > 0.8 * Number(bytes);
      const state = twice
        ? "its UUID is another's"
        : whole
          ? "its file system as large"
          : "its file system smaller";
      return `attached ${name} ${bytes}, ${state}`;
    });
}

export function differences(wanted: readonly string[], found: readonly string[]): string[] {
  const [there, asked] = [new Set(found), new Set(wanted)];
  return [
    ...wanted.filter((line) => !there.has(line)).map((line) => `missing: ${line}`),
    ...found.filter((line) => !asked.has(line)).map((line) => `too much: ${line}`),
  ];
}
