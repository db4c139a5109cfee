/** Where the demo's things are now, as the hosts themselves tell it. */
import { type HostName, ssh } from "./lab";
import { textTable } from "./table";

export async function whereEverythingLives(node: HostName): Promise<string> {
  const storage = await ssh(
    "storage",
    `cat /var/lib/mooring/volumes/yundream.json
qemu-img info -U /var/lib/mooring/clones/yundream.qcow2 | sed -n 's|^backing file: ../templates/\\([^ ]*\\).*|/var/lib/mooring/templates/\\1|p'
du -h --apparent-size /var/lib/mooring/clones/yundream.qcow2
systemctl show -p ActiveState --value mooring-export-yundream.service
cat /var/lib/mooring/volumes/yundream.env`,
  );
  const [record = "{}", template = "", disk = "", active = "", port = ""] = storage.stdout.trim().split("\n");
  const { epoch } = JSON.parse(record) as { epoch: number };
  const there = await ssh(
    node,
    `findmnt -no SOURCE,TARGET,FSTYPE /mnt/mooring/yundream
docker ps --filter name=yundream --format '{{.Names}}, {{.Image}}, {{.Status}}'`,
  );
  const [mount = "", container = ""] = there.stdout.trim().split("\n");
  const [device, path, fsType] = mount.split(/\s+/);
  const rows = [
    ["WHAT", "HOST", "WHERE"],
    ["template", "storage", template],
    ["linked clone", "storage", `/var/lib/mooring/clones/yundream.qcow2, ${disk.split("\t")[0]}B on disk`],
    ["NBD export", "storage", `10.77.0.11:${port.split("=")[1]}, export yundream.g${epoch}, unit ${active}`],
    ["device", node, device ?? ""],
    ["mount", node, `${path}, ${fsType}`],
    ["container", node, container],
  ];
  return textTable(rows);
}
