import * as pulumi from "@pulumi/pulumi";
import { requireArgs, requireHost } from "./arguments.js";
import type { Host } from "./host.js";
import { type CommonArgs, MooringResource } from "./resource.js";

/** Arguments of an {@link NbdAttachment}. */
export interface NbdAttachmentArgs extends CommonArgs {
  /** The storage host that exports the volume. */
  storage: Host;
  /**
   * The volume's name: the `name` of an {@link NbdExport}. Pass that output, so that the export is made first.
   *
   * @default the resource's name
   */
  name?: pulumi.Input<string>;
  /**
   * The mount point on the node. It is made when it is not there, and can't be written while nothing is mounted. One
   * that is reached through a symbolic link, is inside of another volume's mount, or has a mount below it is an error.
   *
   * @default "/mnt/mooring/NAME"
   */
  path?: pulumi.Input<string>;
  /**
   * Mount options (mount(8)).
   *
   * @default ["noatime", "nodev", "nosuid"]
   */
  options?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The program that attaches. `"qemu-nbd"` reconnects when the storage host was away; with `"nbd-client"` writers get
   * an error at once when the connection drops, and the {@link NbdExport} needs `tls: false`.
   *
   * @default "qemu-nbd"
   */
  client?: pulumi.Input<"qemu-nbd" | "nbd-client">;
  /**
   * The only address that the storage host lets in: the node's own on the storage network, or a network such as
   * `"10.77.0.0/24"` where it connects from behind another address.
   *
   * @default the host's address on the storage network
   */
  address?: pulumi.Input<string>;
  /**
   * How long writers wait for a storage host that is away, before they get an error: `"120s"`, `"5m"`; at least 5 s.
   *
   * @default "120s"
   */
  reconnectDelay?: pulumi.Input<string>;
  /**
   * Size that the device has at least, such as `"4GiB"`: pass the {@link LinkedClone}'s. When that has grown, the
   * volume is attached anew and its file system grows; its container restarts.
   *
   * @default none: a disk that grew is seen when it is attached the next time
   */
  size?: pulumi.Input<string>;
}

/**
 * A block volume on a node: device and mount, as systemd units that come back at boot. One volume has one attachment:
 * taking it counts the volume's epoch up on the storage host, which from then on lets this node's address alone in, with
 * a key made for this attachment. Another `host` moves it. It never formats anything.
 */
export class NbdAttachment extends MooringResource {
  /** The volume's name. */
  declare readonly name: pulumi.Output<string>;
  /** The mount point. */
  declare readonly path: pulumi.Output<string>;
  /** The block device on the node, such as `/dev/nbd0`; after a reboot it may be another. */
  declare readonly device: pulumi.Output<string>;
  /** How often the volume changed hands. */
  declare readonly epoch: pulumi.Output<number>;

  constructor(name: string, args: NbdAttachmentArgs, opts?: pulumi.CustomResourceOptions) {
    requireArgs(`NbdAttachment "${name}"`, args);
    const { storage, ...rest } = args;
    requireHost(`NbdAttachment "${name}"`, "storage", storage);
    const volume = args.name ?? name;
    const path = args.path ?? pulumi.interpolate`/mnt/mooring/${volume}`;
    super(
      "NbdAttachment",
      name,
      { ...rest, name: volume, path, address: args.address ?? args.host.address, storage: storage.toInput() },
      ["device", "epoch"],
      opts,
    );
  }
}
