import * as pulumi from "@pulumi/pulumi";
import { requireArgs } from "./arguments.js";
import type { Qcow2Template } from "./qcow2-template.js";
import { type CommonArgs, MooringResource } from "./resource.js";

/** Arguments of a {@link LinkedClone}. */
export interface LinkedCloneArgs extends CommonArgs {
  /**
   * The volume's name: 1 to 63 lower-case letters, digits and hyphens.
   *
   * @default the resource's name
   */
  name?: pulumi.Input<string>;
  /** The template, or its name. It is on the same storage host. */
  template: Qcow2Template | pulumi.Input<string>;
  /**
   * Size of the disk, a multiple of 1 MiB with a binary unit, such as `"4GiB"`. It can grow, also while it is in use:
   * the file system follows when the volume is attached the next time. It can't shrink.
   *
   * @default the template's size
   */
  size?: pulumi.Input<string>;
  /**
   * Multi-mount protection of ext4: the kernel itself refuses a second mount of the disk. It costs one small write
   * every five seconds while the volume is mounted, and a wait of about 40 s where the program that attaches it crashed
   * while files of the volume stay open. Otherwise a node that had it mounted does not wait, nor does a fail over: both
   * know that nobody writes. xfs has none.
   *
   * @default true
   */
  mmp?: pulumi.Input<boolean>;
  /**
   * What becomes of the data when the resource is deleted: `"trash"` moves the image to `/var/lib/mooring/trash`,
   * `"retain"` leaves it, `"destroy"` removes it for good.
   *
   * @default "trash"
   */
  onDelete?: pulumi.Input<"trash" | "retain" | "destroy">;
}

/**
 * A data volume's disk: a qcow2 overlay of a template, which takes space only for what changes. Clones may promise more
 * than the storage host has: that is a warning, as is a file system that is more than 85 % full. No room to make or grow
 * one is an error before anything is done. It gets a file-system
 * UUID of its own, and the file system its full size, when it is made. It holds data and is never replaced.
 */
export class LinkedClone extends MooringResource {
  /** The volume's name. */
  declare readonly name: pulumi.Output<string>;
  /** The image on the storage host. */
  declare readonly path: pulumi.Output<string>;
  /** `"ext4"` or `"xfs"`. */
  declare readonly fsType: pulumi.Output<string>;
  /** UUID of its file system: what an attachment verifies before it mounts. */
  declare readonly fsUuid: pulumi.Output<string>;

  constructor(name: string, args: LinkedCloneArgs, opts?: pulumi.CustomResourceOptions) {
    requireArgs(`LinkedClone "${name}"`, args);
    const { template } = args;
    const templateName = pulumi.Resource.isInstance(template) ? (template as Qcow2Template).name : template;
    super(
      "LinkedClone",
      name,
      { ...args, name: args.name ?? name, template: templateName },
      ["path", "fsType", "fsUuid"],
      opts,
    );
  }
}
