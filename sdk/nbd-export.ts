import type * as pulumi from "@pulumi/pulumi";
import { requireArgs, requireHost } from "./arguments.js";
import { type CommonArgs, MooringResource } from "./resource.js";

/** Arguments of an {@link NbdExport}. */
export interface NbdExportArgs extends CommonArgs {
  /**
   * Name of the volume that is served: the `name` of a {@link LinkedClone}.
   *
   * @default the resource's name
   */
  name?: pulumi.Input<string>;
  /**
   * Address that the server listens on. Never all of the host's.
   *
   * @default the host's address on the storage network
   */
  address?: pulumi.Input<string>;
  /**
   * TCP port.
   *
   * @default the lowest free one from 10809, chosen when the export is made and kept
   */
  port?: pulumi.Input<number>;
  /**
   * Encrypt the traffic, and let in only the attachment that holds the volume: TLS with a pre-shared key, made anew
   * whenever the volume changes hands. `false` is refused on an address that is not private.
   *
   * @default true
   */
  tls?: pulumi.Input<boolean>;
}

/**
 * A linked clone served over NBD: `qemu-nbd` behind a systemd socket of the storage host that comes back at boot. It
 * serves nobody until an {@link NbdAttachment} takes the volume, and then that one alone.
 */
export class NbdExport extends MooringResource {
  /** The volume's name. */
  declare readonly name: pulumi.Output<string>;
  /** Address that the server listens on. */
  declare readonly address: pulumi.Output<string>;
  /** TCP port. */
  readonly port: pulumi.Output<number>;
  /** @internal The state's name for it: `port` is the input, which may be absent. */
  declare readonly servedPort: pulumi.Output<number>;

  constructor(name: string, args: NbdExportArgs, opts?: pulumi.CustomResourceOptions) {
    requireArgs(`NbdExport "${name}"`, args);
    const { host } = args;
    requireHost(`NbdExport "${name}"`, "host", host);
    const props = { ...args, name: args.name ?? name, address: args.address ?? host.address };
    super("NbdExport", name, props, ["servedPort"], opts);
    this.port = this.servedPort;
  }
}
