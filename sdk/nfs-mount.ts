import * as pulumi from "@pulumi/pulumi";
import { requireArgs, requireHost } from "./arguments.js";
import type { Host } from "./host.js";
import { type CommonArgs, MooringResource } from "./resource.js";

/** Arguments of an {@link NfsMount}. */
export interface NfsMountArgs extends CommonArgs {
  /**
   * The volume's name: 1 to 63 lower-case letters, digits and hyphens.
   *
   * @default the resource's name
   */
  name?: pulumi.Input<string>;
  /** What is mounted, `address:/path`: the `source` of an {@link NfsExport}. */
  source: pulumi.Input<string>;
  /**
   * The mount point on the node. It is made when it is not there, and can't be written while nothing is mounted. One
   * that is reached through a symbolic link, is inside of another volume's mount, or has a mount below it is an error.
   *
   * @default "/mnt/mooring/NAME"
   */
  path?: pulumi.Input<string>;
  /**
   * Mount options (nfs(5)).
   *
   * @default ["hard", "nodev", "nosuid", "vers=4.2"]
   */
  options?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The storage host, for an {@link NfsExport} with `access: "single"`: the mount then takes the volume there, and
   * gives it back when it moves or is removed. A volume that another mount has is an error that names it.
   *
   * @default none: the export is shared
   */
  storage?: Host;
  /**
   * With `storage`, the only address that the storage host lets in: the node's own on the storage network, or the one
   * that it connects from behind. NFS tells nodes apart by nothing else, so it can't be a network, and no two nodes may
   * share it.
   *
   * @default the host's address on the storage network
   */
  address?: pulumi.Input<string>;
}

/**
 * An NFS mount on a node, as a systemd mount unit that comes back at boot. Another `host` moves it. With `storage` it
 * has the volume alone: taking it counts the volume's epoch up on the storage host, which from then on lets this node's
 * address alone in.
 */
export class NfsMount extends MooringResource {
  /** The volume's name. */
  declare readonly name: pulumi.Output<string>;
  /** The mount point. */
  declare readonly path: pulumi.Output<string>;
  /** How often the volume changed hands; nothing where the export is shared. */
  declare readonly epoch: pulumi.Output<number | undefined>;

  constructor(name: string, args: NfsMountArgs, opts?: pulumi.CustomResourceOptions) {
    requireArgs(`NfsMount "${name}"`, args);
    const volume = args.name ?? name;
    const path = args.path ?? pulumi.interpolate`/mnt/mooring/${volume}`;
    const { storage, ...rest } = args;
    if (storage !== undefined) requireHost(`NfsMount "${name}"`, "storage", storage);
    const holding = storage && { storage: storage.toInput(), address: args.address ?? args.host.address };
    super("NfsMount", name, { ...rest, name: volume, path, ...holding }, ["epoch"], opts);
  }
}
