import * as pulumi from "@pulumi/pulumi";
import { shown } from "../../provider/inputs/shown.js";
import { requireArgs, requireHost } from "../arguments.js";
import type { Host } from "../host.js";
import { LinkedClone } from "../linked-clone.js";
import { NbdAttachment } from "../nbd-attachment.js";
import { NbdExport } from "../nbd-export.js";
import { type NfsClientArgs, NfsExport } from "../nfs-export.js";
import { NfsMount } from "../nfs-mount.js";
import type { Qcow2Template } from "../qcow2-template.js";
import type { TimeoutsArgs } from "../resource.js";

/** Arguments of a {@link DataVolume}. */
export interface DataVolumeArgs {
  /** The storage host that the data lives on. It can't change. */
  storage: Host;
  /**
   * The volume's name: 1 to 63 lower-case letters, digits and hyphens. The container that uses it has the same.
   *
   * @default the resource's name
   */
  name?: pulumi.Input<string>;
  /**
   * `"nbd"`: a block device, a linked clone of `template`. `"nfs"`: a directory.
   *
   * @default "nbd"
   */
  backend?: "nbd" | "nfs";
  /**
   * `"single"`: one attachment at a time, held by the storage host, which lets nobody else in. `"shared"`, only with
   * `"nfs"`: a directory that all of `clients` may write to at the same time.
   *
   * @default "single"
   */
  mode?: "single" | "shared";
  /** The template, or its name; required with `"nbd"`. */
  template?: Qcow2Template | pulumi.Input<string>;
  /**
   * Size of the block device, such as `"4GiB"`; only with `"nbd"`. It can grow, not shrink; the container restarts for it.
   *
   * @default the template's size
   */
  size?: pulumi.Input<string>;
  /** Who may mount the directory: the nodes' addresses or network; required with `mode: "shared"`, and only for it. */
  clients?: pulumi.Input<pulumi.Input<string | NfsClientArgs>[]>;
  /**
   * What becomes of the data when the volume is deleted: `"trash"` moves it to a trash folder on the storage host,
   * `"retain"` leaves it, `"destroy"` removes it for good.
   *
   * @default "trash"
   */
  onDelete?: pulumi.Input<"trash" | "retain" | "destroy">;
  /**
   * Take over data of that name that is there already: what was retained, or brought back from the trash.
   *
   * @default false
   */
  adopt?: pulumi.Input<boolean>;
  /**
   * Encrypt the NBD traffic, and let in only the attachment that holds the volume; only with `"nbd"`. `false` is refused
   * on an address that is not private.
   *
   * @default true
   */
  tls?: pulumi.Input<boolean>;
  /**
   * How long writers wait for a storage host that is away, before they get an error: `"120s"`, `"5m"`; only with
   * `"nbd"`, and at least 5 s. Over NFS they wait for as long as it takes.
   *
   * @default "120s"
   */
  reconnectDelay?: pulumi.Input<string>;
  /** How long its resources on the storage host may wait. */
  timeouts?: pulumi.Input<TimeoutsArgs>;
}

/** How a {@link DataVolume} is attached to a node. */
export interface AttachArgs {
  /** The node. Another one moves the attachment. */
  node: Host;
  /**
   * The mount point on the node.
   *
   * @default "/mnt/mooring/NAME"
   */
  path?: pulumi.Input<string>;
  /** How long the attachment may wait. */
  timeouts?: pulumi.Input<TimeoutsArgs>;
}

/**
 * Data that outlives any node: a linked clone with its NBD export, or an NFS export, on a storage host. It is never
 * replaced.
 */
export class DataVolume extends pulumi.ComponentResource {
  /** The volume's name, known once it is served. */
  readonly name: pulumi.Output<string>;
  private readonly served: NbdExport | NfsExport;
  private readonly storage: Host;
  /** What its attachment is to know of it. */
  private readonly attaching: { size?: pulumi.Input<string>; reconnectDelay?: pulumi.Input<string> };
  private readonly mode: "single" | "shared";
  /** Name of the one attachment that a volume can have, unless it is shared. */
  private attachment: string | undefined;

  constructor(name: string, args: DataVolumeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mooring:index:DataVolume", name, {}, opts);
    requireArgs(`DataVolume "${name}"`, args, Object.keys(ARGUMENTS));
    requireHost(`DataVolume "${name}"`, "storage", args.storage);
    refuseWrongBackend(name, args);
    const {
      storage: host,
      backend = "nbd",
      mode = "single",
      template,
      size,
      clients,
      onDelete,
      adopt,
    } = args;
    const waits = args.timeouts === undefined ? {} : { timeouts: args.timeouts };
    const adopting = adopt === undefined ? {} : { adopt };
    const common = { host, name: args.name ?? name, ...waits, ...adopting };
    const kept = onDelete === undefined ? {} : { onDelete };
    this.storage = host;
    this.attaching = {
      ...(size === undefined ? {} : { size }),
      ...(args.reconnectDelay === undefined ? {} : { reconnectDelay: args.reconnectDelay }),
    };
    this.mode = mode;
    if (backend === "nfs") {
      const shared = clients === undefined ? {} : { clients };
      this.served = new NfsExport(name, { ...common, ...kept, access: mode, ...shared }, { parent: this });
    } else {
      const disk = { ...common, ...kept, ...(size === undefined ? {} : { size }), template: template ?? "" };
      const clone = new LinkedClone(name, disk, { parent: this });
      const tls = args.tls === undefined ? {} : { tls: args.tls };
      const served = { host, name: clone.name, ...tls, ...waits, ...adopting };
      this.served = new NbdExport(name, served, { parent: this });
    }
    this.name = this.served.name;
    this.registerOutputs({ name: this.name });
  }

  /** Attaches it to a node and mounts it there. A volume has one attachment at a time, unless its mode is `"shared"`. */
  attach(name: string, args: AttachArgs, opts?: pulumi.CustomResourceOptions): NbdAttachment | NfsMount {
    requireArgs(`Attachment "${name}"`, args, ["node", "path", "timeouts"]);
    const { node, path, timeouts } = args;
    requireHost(`Attachment "${name}"`, "node", node);
    const common = {
      host: node,
      name: this.name,
      ...(path === undefined ? {} : { path }),
      ...(timeouts === undefined ? {} : { timeouts }),
    };
    if (this.mode === "single") this.takeFor(name);
    if (this.served instanceof NfsExport) {
      const holding = this.mode === "single" ? { storage: this.storage } : {};
      return new NfsMount(name, { ...common, ...holding, source: this.served.source }, opts);
    }
    return new NbdAttachment(name, { ...common, ...this.attaching, storage: this.storage }, opts);
  }

  private takeFor(name: string): void {
    if (this.attachment !== undefined)
      throw new pulumi.RunError(
        `Attachment "${name}": the volume is attached by "${this.attachment}" already; it has one attachment at a time`,
      );
    this.attachment = name;
  }
}

/** Typed by the compiler: all that there are. */
const ARGUMENTS: Record<keyof DataVolumeArgs, true> = {
  storage: true,
  name: true,
  backend: true,
  mode: true,
  template: true,
  size: true,
  clients: true,
  onDelete: true,
  adopt: true,
  timeouts: true,
  tls: true,
  reconnectDelay: true,
};

function refuseWrongBackend(
  name: string,
  { backend = "nbd", mode = "single", template, size, clients, tls, reconnectDelay }: DataVolumeArgs,
): void {
  const wrong = (text: string): never => {
    throw new pulumi.RunError(`DataVolume "${name}": ${text}`);
  };
  if (backend !== "nbd" && backend !== "nfs")
    wrong(`backend is ${shown(backend)}; allowed are "nbd" and "nfs"`);
  if (mode !== "single" && mode !== "shared")
    wrong(`mode is ${shown(mode)}; allowed are "single" and "shared"`);
  if (backend === "nbd" && mode === "shared")
    wrong('mode "shared" belongs to backend "nfs": a block volume has one writer');
  if (backend === "nbd" && template === undefined) wrong('template is required with backend "nbd"');
  if (backend === "nbd" && clients !== undefined) wrong('clients belong to backend "nfs"');
  if (mode === "shared" && clients === undefined)
    wrong('clients are required with mode "shared": who may mount it?');
  if (backend === "nfs" && mode === "single" && clients !== undefined)
    wrong(
      'clients belong to mode "shared"; with "single", the default, the node it is attached to is let in',
    );
  if (backend === "nfs" && tls !== undefined) wrong('tls belongs to backend "nbd"');
  if (backend === "nfs" && reconnectDelay !== undefined)
    wrong('reconnectDelay belongs to backend "nbd"; over NFS writers wait for as long as it takes');
  if (backend === "nfs" && (template ?? size) !== undefined)
    wrong('template and size belong to backend "nbd"');
}
