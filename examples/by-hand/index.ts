import * as pulumi from "@pulumi/pulumi";
import * as mooring from "pulumi-mooring";

// A tour of the chain. What `DataVolume` and `StatefulContainer` do for you, link by link; beside each link is the
// command that shows it on its host.

const config = new pulumi.Config();
const storage = mooring.Host.fromConfig("storage");
const node = mooring.Host.fromConfig(config.get("node") ?? "node-01");

// 1. The template: an image that was formatted once and never changes. Storage host: ls -l /var/lib/mooring/templates
const template = new mooring.Qcow2Template("plain", { host: storage, size: "512MiB", fsType: "ext4" });

// 2. The linked clone: the volume's disk. It holds only what differs from the template, has a file-system UUID of its
//    own and is already as large as it should be. Storage host: qemu-img info -U /var/lib/mooring/clones/tour.qcow2
const size = config.get("size") ?? "1GiB";
const clone = new mooring.LinkedClone("tour", {
  host: storage,
  template,
  size,
});

// 3. The export: qemu-nbd as a systemd unit that comes back at boot. The clone's name is the export's name, and with
//    it the volume's: the name is the contract. Storage host: systemctl status mooring-export-tour
const nbd = new mooring.NbdExport("tour", { host: storage, name: clone.name });

// 4. The attachment: block device and mount on the node, also as units. It takes the volume's next epoch on the
//    storage host: whoever had it before can't write any more. Node: systemctl status mooring-attach-tour
const attachment = new mooring.NbdAttachment("tour", { host: node, storage, name: nbd.name, size });

// 5. The image on the node. Node: docker images
const archive = config.get("imageArchive");
const image = new mooring.DockerImage("tour", {
  host: node,
  image: config.get("image") ?? "busybox:1",
  ...(archive === undefined ? {} : { archive }),
});

// 6. The container. systemd starts it when the volume is mounted, and stops it before it is unmounted.
//    Node: systemctl list-dependencies mooring-container-tour
const container = new mooring.DockerContainer("tour", {
  host: node,
  image,
  command: ["/bin/sh", "-c", "while :; do date >> /data/log; sleep 1; done"],
  volumes: [{ source: attachment.path, target: "/data" }],
  stopGrace: "2s",
});

// To move the chain: pulumi config set node node-02 && pulumi up. Links 4 to 6 follow, 1 to 3 stay where the data is.
export const chain = {
  template: template.file,
  disk: clone.path,
  fileSystem: clone.fsUuid,
  export: pulumi.interpolate`${nbd.address}:${nbd.port}`,
  epoch: attachment.epoch,
  device: attachment.device,
  mount: attachment.path,
  container: container.name,
};
