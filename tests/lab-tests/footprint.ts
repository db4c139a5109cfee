import { type HostName, hostNames } from "../lab/index.js";
import { ssh } from "./harness.js";

/**
 * Everything that resources can leave on a host, a line each: files and links, directories of volumes and mount
 * points, exports, mounts, devices, units that run or failed, containers, images, servers. Not the trash, where
 * removed data belongs, not what `install: true` prepared, and not what systemd remembers of stopped units. As few
 * processes as it takes: on an emulated host each costs a tenth of a second.
 */
const LOOK = `
find /etc/systemd/system /etc/systemd/system.control /etc/exports.d /var/lib/mooring /run/mooring/attached /srv/mooring /mnt/mooring -mindepth 1 \
  \\( -path /var/lib/mooring/trash -o -name .mooring-trash \\) -prune \
  -o \\( -path '/srv/mooring/*' -o -path '/mnt/mooring/*' \\) -print -prune -o \\( -path '/var/lib/mooring/*' -o ! -type d \\) -print 2>/dev/null
exportfs -s
systemctl list-units --all --plain --no-legend 'mooring-*' 'mnt-mooring-*' | while read -r unit loaded active rest; do
  [ "$active" = inactive ] || echo "unit $unit $active"
done
exec perl -e '
sub text { open my $file, "<", $_[0] or return ""; local $/; return <$file> // "" }
for (split /\\n/, text "/proc/self/mounts") {
  my ($source, $target, $type) = split / /;
  print "mount $target $source\\n" if $type =~ /^(nfs4|ext4|xfs)$/;
}
print "device $_\\n" for glob "/sys/block/nbd*/pid";
my $docker = "/var/lib/docker";
for (glob "$docker/containers/*/config.v2.json") { print "container $1\\n" if text($_) =~ m{"Name":"/([^"]+)"} }
for (glob "$docker/image/overlay2/imagedb/content/sha256/*") { print "image $1\\n" if m{([^/]+)$} }
my $names = text "$docker/image/overlay2/repositories.json";
print "image $1\\n" while $names =~ /"([^"@]+:[^"@]+)":"sha256:/g;
for (glob "/proc/[0-9]*/cmdline") {
  my $words = join " ", split /\\0/, text $_;
  print "server $words\\n" if $words =~ m{^(\\S*/)?(qemu-nbd|nbd-client) };
}'`;

/** Those that no test switches off while others run. */
export const QUIET_HOSTS: readonly HostName[] = ["storage", "node-01"];

export interface Footprint {
  lines: Readonly<Record<string, readonly string[]>>;
  /** What is looked for in a line; every line counts where there are none. */
  names: readonly string[];
  hosts: readonly HostName[];
}

/** Of all that is on the hosts, or of what has one of the names: a test that is not alone on them has names of its own. */
export async function footprint(
  names: readonly string[] = [],
  hosts: readonly HostName[] = hostNames,
): Promise<Footprint> {
  const ours = (line: string) => names.length === 0 || names.some((name) => line.includes(name));
  const found = await Promise.all(
    hosts.map(async (host) => [
      host,
      (await ssh(host, LOOK)).split("\n").filter(Boolean).filter(ours).sort(),
    ]),
  );
  return { lines: Object.fromEntries(found), names, hosts };
}

/** What has come (+) and gone (-) since `before`. */
export async function footprintSince(before: Footprint): Promise<string[]> {
  const after = await footprint(before.names, before.hosts);
  return before.hosts.flatMap((host) => {
    const [was = [], is = []] = [before.lines[host], after.lines[host]];
    return [
      ...is.filter((line) => !was.includes(line)).map((line) => `+ ${host}: ${line}`),
      ...was.filter((line) => !is.includes(line)).map((line) => `- ${host}: ${line}`),
    ];
  });
}
