import * as pulumi from "@pulumi/pulumi";
import { requireArgs } from "./arguments.js";
import { type CommonArgs, MooringResource } from "./resource.js";

/** A client of an {@link NfsExport}. */
export interface NfsClientArgs {
  /** An address, a network such as `"10.77.0.0/24"`, a host name, or `"*"` (see `anyClient`). */
  address: pulumi.Input<string>;
  /**
   * Export options (exports(5)).
   *
   * @default ["rw", "sync", "no_root_squash", "no_subtree_check"]
   */
  options?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Arguments of an {@link NfsExport}. */
export interface NfsExportArgs extends CommonArgs {
  /**
   * The volume's name: 1 to 63 lower-case letters, digits and hyphens.
   *
   * @default the resource's name
   */
  name?: pulumi.Input<string>;
  /**
   * The directory. It is made when it is not there. A symbolic link in its place, or on the way to it, is an error.
   *
   * @default "/srv/mooring/NAME"
   */
  path?: pulumi.Input<string>;
  /**
   * `"shared"`: all of `clients` may mount it at the same time. `"single"`: the one {@link NfsMount} that took it, with
   * `storage` set; who that is stands in a record on the storage host, and nobody else is let in. While a mount has it,
   * it can neither become `"shared"` nor be removed. One that is `"shared"` can't become `"single"`, nor be removed,
   * while clients have files in it open; a mount that is idle is not seen.
   *
   * @default "shared"
   */
  access?: pulumi.Input<"single" | "shared">;
  /** Who may mount it: addresses, or addresses with options. Required with `access: "shared"`, and not for `"single"`. */
  clients?: pulumi.Input<pulumi.Input<string | NfsClientArgs>[]>;
  /**
   * `"*"` may stand among the clients: every host that reaches the storage host can read and write.
   *
   * @default false
   */
  anyClient?: pulumi.Input<boolean>;
  /** Permissions of the directory, octal, such as `"0750"`. When not given: 0755 when it is made, then not watched. */
  mode?: pulumi.Input<string>;
  /** User that the directory belongs to, by name or number. When not given: root when it is made, then not watched. */
  user?: pulumi.Input<string>;
  /** Group that the directory belongs to, by name or number. When not given: root when it is made, then not watched. */
  group?: pulumi.Input<string>;
  /**
   * UUID that identifies the file system to clients (fsid in exports(5)).
   *
   * @default one made from the host's name and the path: it outlives reboots and renumbered disks
   */
  fsid?: pulumi.Input<string>;
  /**
   * What becomes of the data when the resource is deleted: `"trash"` moves the directory to `.mooring-trash` beside
   * it, `"retain"` leaves it where it is, `"destroy"` removes it for good.
   *
   * @default "trash"
   */
  onDelete?: pulumi.Input<"trash" | "retain" | "destroy">;
}

/**
 * A directory of the storage host, exported over NFS: one drop-in file in `/etc/exports.d`. It holds data: neither its
 * name, its path nor its host can change.
 */
export class NfsExport extends MooringResource {
  /** The volume's name. */
  declare readonly name: pulumi.Output<string>;
  /** The directory on the storage host. */
  declare readonly path: pulumi.Output<string>;
  /** What a node mounts: `address:/path`. */
  readonly source: pulumi.Output<string>;

  constructor(name: string, args: NfsExportArgs, opts?: pulumi.CustomResourceOptions) {
    requireArgs(`NfsExport "${name}"`, args);
    const volume = args.name ?? name;
    const path = args.path ?? pulumi.interpolate`/srv/mooring/${volume}`;
    super("NfsExport", name, { ...args, name: volume, path }, [], opts);
    // nfs(5): the colons of an IPv6 address are not the one before the path.
    const address = args.host.address.apply((text) => (text?.includes(":") ? `[${text}]` : text));
    this.source = pulumi.interpolate`${address}:${this.path}`;
  }
}
