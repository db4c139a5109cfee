import * as pulumi from "@pulumi/pulumi";
import { requireHost } from "./arguments.js";
import { type Host, lostHosts } from "./host.js";

/**
 * How long a resource may wait. Each is a bound, not a delay; a deadline is an error that says what was being done,
 * where, and which of these gives it longer. They are read at every operation, so changing them changes nothing on a
 * host; `delete` and `refresh` take those of the last `up`. How long a connection may take to be made is in
 * {@link EndpointArgs}. Pulumi's own `customTimeouts` do not reach a dynamic provider.
 */
export interface TimeoutsArgs {
  /**
   * How long it waits for another program (another stack, another `up`) that holds the lock of the same object on the
   * host; then it is an error that says who has it, and nothing was done. At least `"1s"`.
   *
   * @default "5m"
   */
  lock?: pulumi.Input<string>;
  /**
   * How long the steps of one change may take on one host, once they have the lock: making an image, starting and
   * stopping units, installing packages. Then the host ends what runs (a unit that systemd is starting goes on), what
   * was made is kept in the state, and the next `up` goes on from there. Within that time a unit, a device and a call
   * to Docker have bounds of their own, from 10 s to some minutes; one that you set is theirs too. For a pull it is
   * the time without progress, and a container's `stopGrace` comes on top where Docker stops it. How long units wait at
   * boot is fixed: see docs/reliability.md. At least `"1s"`.
   *
   * @default "10m"; for a call to Docker "5m"
   */
  steps?: pulumi.Input<string>;
  /**
   * How long one look at a host may take: a command that reads, or a question to Docker. Then nothing is assumed
   * about what is there. At least `"1s"`.
   *
   * @default "60s"
   */
  read?: pulumi.Input<string>;
}

/** Arguments that every resource takes. */
export interface CommonArgs {
  /** The host that the object is on. */
  host: Host;
  /**
   * Take over an object that is already there and has no owner record, or another's. Without it such an object is
   * an error that names it, and nothing is touched.
   *
   * @default false
   */
  adopt?: pulumi.Input<boolean>;
  /** How long it may wait: for other programs, for its steps, for the host's answers. */
  timeouts?: pulumi.Input<TimeoutsArgs>;
}

/** What Pulumi keeps in the state as the provider's source. A wire format: never changed. */
export function providerText(kind: string): string {
  return `exports.handler=()=>require("pulumi-mooring/provider").${kind}`;
}

/** A dynamic resource whose provider is code of this package, found by name, and not a serialised closure. */
export abstract class MooringResource extends pulumi.CustomResource {
  protected constructor(
    kind: string,
    name: string,
    args: CommonArgs & Record<string, unknown>,
    outputs: readonly string[],
    opts?: pulumi.CustomResourceOptions,
  ) {
    const type = `pulumi-nodejs:dynamic/mooring:${kind}`;
    const { host, ...rest } = args;
    requireHost(`${kind} "${name}"`, "host", host);
    const unset = Object.fromEntries(outputs.map((output) => [output, undefined]));
    const props = {
      ...unset,
      ...rest,
      host: host.toInput(),
      owner: ownUrn(name, type, opts?.parent),
      lostHosts: lostHosts(),
      __provider: providerText(kind),
    };
    const secret = [...(opts?.additionalSecretOutputs ?? []), "left"];
    // `--replace` and `replaceOnChanges` do not ask the provider how: the new one would be the old one, and then deleted.
    super(type, name, props, { ...opts, deleteBeforeReplace: true, additionalSecretOutputs: secret });
  }
}

/** As a promise, without the parent as a dependency: a component waits for its children, and they would for it. */
function ownUrn(name: string, type: string, parent: pulumi.Resource | undefined): Promise<string> {
  return new Promise((resolve) => {
    pulumi.createUrn(name, type, parent).apply(resolve);
  });
}
