import type * as pulumi from "@pulumi/pulumi";
import { requireArgs } from "./arguments.js";
import { type CommonArgs, MooringResource } from "./resource.js";

/** An image that a {@link Qcow2Template} is made from. */
export interface TemplateImageArgs {
  /**
   * Path on the storage host, where it has to be already. It is qcow2, or raw with a file system or a partition table on
   * it; whole by itself, without a backing file or an external data file; not encrypted, and not damaged (`qemu-img
   * check`). What it is not is an error before anything is made.
   */
  path: pulumi.Input<string>;
  /** SHA-256 of that file, 64 hexadecimal digits. Another content is an error. */
  sha256: pulumi.Input<string>;
}

/** Arguments of a {@link Qcow2Template}. */
export interface Qcow2TemplateArgs extends CommonArgs {
  /**
   * The template's name: 1 to 63 lower-case letters, digits and hyphens.
   *
   * @default the resource's name
   */
  name?: pulumi.Input<string>;
  /** Size of a blank template's disk, a multiple of 1 MiB with a binary unit, such as `"2GiB"`. Clones can be larger. */
  size?: pulumi.Input<string>;
  /** File system of a blank template. */
  fsType?: pulumi.Input<"ext4" | "xfs">;
  /**
   * Put the file system of a blank template into one GPT partition.
   *
   * @default false: the file system is on the disk itself
   */
  partitioned?: pulumi.Input<boolean>;
  /** Make it from an image instead of blank. The image holds one file system, ext4 or xfs, at most one partition. */
  image?: pulumi.Input<TemplateImageArgs>;
  /**
   * What becomes of the image when the resource is deleted: `"trash"` moves it to `/var/lib/mooring/trash`,
   * `"retain"` leaves it, `"destroy"` removes it for good. While linked clones use it, deleting is an error.
   *
   * @default "trash"
   */
  onDelete?: pulumi.Input<"trash" | "retain" | "destroy">;
}

/**
 * A read-only qcow2 image on the storage host that linked clones are made of. Formatted once, offline; its file name
 * carries a hash of its content. It holds data: what it was made of can't change. No room for it on the storage host is
 * an error before anything is made.
 */
export class Qcow2Template extends MooringResource {
  /** The template's name. */
  declare readonly name: pulumi.Output<string>;
  /** File name of the image in `/var/lib/mooring/templates`. */
  declare readonly file: pulumi.Output<string>;
  /** SHA-256 of the image file. */
  declare readonly sha256: pulumi.Output<string>;

  constructor(name: string, args: Qcow2TemplateArgs, opts?: pulumi.CustomResourceOptions) {
    requireArgs(`Qcow2Template "${name}"`, args);
    super("Qcow2Template", name, { ...args, name: args.name ?? name }, ["file", "sha256"], opts);
  }
}
