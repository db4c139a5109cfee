import * as pulumi from "@pulumi/pulumi";
import { requireArgs } from "./arguments.js";
import type { DockerImage } from "./docker-image.js";
import { type CommonArgs, MooringResource } from "./resource.js";

/** A port of a {@link DockerContainer}, published on its node. */
export interface PortArgs {
  /** The port inside the container, 1 to 65535. */
  internal: pulumi.Input<number>;
  /** The port of the node, 1 to 65535. */
  external: pulumi.Input<number>;
  /**
   * The node's address that the port is bound to.
   *
   * @default all of its addresses
   */
  ip?: pulumi.Input<string>;
  /** @default "tcp" */
  protocol?: pulumi.Input<"tcp" | "udp" | "sctp">;
}

/** A data volume of a {@link DockerContainer}: a mount on the node, bound into the container. */
export interface VolumeArgs {
  /**
   * A mount point on the node: the `path` of an {@link NfsMount} or of an attachment. The container never starts while
   * nothing is mounted there, and is stopped before it is unmounted.
   */
  source: pulumi.Input<string>;
  /** Where it appears in the container: an absolute path, not `/`. */
  target: pulumi.Input<string>;
  /**
   * The directory of the mounted file system that is bound, made (root, 0755) when it is not there: a container can't
   * write beside it, and it does not exist while nothing is mounted.
   *
   * @default "data"
   */
  subdirectory?: pulumi.Input<string>;
  /** @default false */
  readOnly?: pulumi.Input<boolean>;
}

/** How the Engine finds out whether a {@link DockerContainer} works. */
export interface HealthCheckArgs {
  /** A command inside the container, word by word; exit code 0 is healthy. */
  command: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Time between two checks, and before the first.
   *
   * @default "5s", not Docker's 30 s: a container is not ready before its first check
   */
  interval?: pulumi.Input<string>;
  /**
   * Time that one check may take.
   *
   * @default "30s"
   */
  timeout?: pulumi.Input<string>;
  /**
   * Failed checks in a row that make it unhealthy.
   *
   * @default 3
   */
  retries?: pulumi.Input<number>;
  /**
   * Time after the start in which failed checks do not count.
   *
   * @default "60s"
   */
  startPeriod?: pulumi.Input<string>;
}

/** Arguments of a {@link DockerContainer}. Durations are strings such as `"30s"`, sizes such as `"512MiB"`. */
export interface DockerContainerArgs extends CommonArgs {
  /**
   * The container's name: 2 to 63 lower-case letters, digits and hyphens.
   *
   * @default the resource's name
   */
  name?: pulumi.Input<string>;
  /** A {@link DockerImage} of the same node, or the reference of an image that is there. */
  image: DockerImage | pulumi.Input<string>;
  /**
   * What the Engine calls the image, `sha256:…`: another one under the same reference makes another container.
   *
   * @default that of the {@link DockerImage}; with a reference, none: whatever has the name
   */
  imageId?: pulumi.Input<string>;
  /**
   * Command, word by word.
   *
   * @default the image's
   */
  command?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Entry point, word by word. With an own one the image's command is not used.
   *
   * @default the image's
   */
  entrypoint?: pulumi.Input<pulumi.Input<string>[]>;
  /** Environment variables, beside the image's. Secret in the state, and never on a command line or in a message. */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Ports that are published on the node. */
  ports?: pulumi.Input<pulumi.Input<PortArgs>[]>;
  /**
   * Data volumes. What the image itself declares as a volume (`VOLUME`) stays on the node: below one of these that is
   * refused, elsewhere it is a warning.
   */
  volumes?: pulumi.Input<pulumi.Input<VolumeArgs>[]>;
  /**
   * User, or user and group, such as `"999:999"`.
   *
   * @default the image's
   */
  user?: pulumi.Input<string>;
  /**
   * `"bridge"`, `"host"`, `"none"`, `"container:NAME"` or the name of a Docker network of the node.
   *
   * @default "bridge"
   */
  networkMode?: pulumi.Input<string>;
  /**
   * Most memory that it may use, at least `"6MiB"`.
   *
   * @default no limit
   */
  memory?: pulumi.Input<string>;
  /**
   * Most CPUs that it may use, such as 0.5.
   *
   * @default no limit
   */
  cpus?: pulumi.Input<number>;
  /** Labels, beside the image's; names that start with `mooring.` are Mooring's own. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * Tells whether it works. A container that has one is ready when it is healthy.
   *
   * @default the image's; a container without one is ready when it has run for a second
   */
  healthCheck?: pulumi.Input<HealthCheckArgs>;
  /**
   * Time between the stop signal and the kill. Another one changes the unit alone: the container goes on.
   *
   * @default "30s"
   */
  stopGrace?: pulumi.Input<string>;
  /**
   * What systemd does when it ends without having been stopped through its unit: `"always"` starts it again after 2 s,
   * `"on-failure"` does so unless its exit code is 0, `"no"` leaves it down. At boot, and when a volume is mounted
   * again, it starts in any case. Another one changes the unit alone: the container goes on.
   *
   * @default "always"
   */
  restart?: pulumi.Input<"no" | "on-failure" | "always">;
  /**
   * How long a new container may take until it is ready; then it is an error, with its last log lines.
   *
   * @default "5m"
   */
  waitTimeout?: pulumi.Input<string>;
}

/**
 * A Docker container on a node. systemd alone starts it, as `mooring-container-NAME.service`: after a crash, at boot,
 * and when its volumes are mounted, never without them. `systemctl stop` of that unit stops it by hand; `docker stop`
 * does not last.
 *
 * Any other argument than `stopGrace` and `restart` makes another container, in place; the data in its volumes stays.
 * Another `host` moves it. A container of that name that is not ours is an error unless `adopt` is true; then it is
 * replaced by ours.
 */
export class DockerContainer extends MooringResource {
  /** The container's name. */
  declare readonly name: pulumi.Output<string>;
  /** The canonical reference of its image. */
  declare readonly image: pulumi.Output<string>;

  constructor(name: string, args: DockerContainerArgs, opts?: pulumi.CustomResourceOptions) {
    requireArgs(`DockerContainer "${name}"`, args);
    const { environment, image, ...rest } = args;
    const secrets = environment === undefined ? {} : { environment: pulumi.secret(environment) };
    super(
      "DockerContainer",
      name,
      { ...ofImage(image), ...rest, ...secrets, name: args.name ?? name },
      [],
      opts,
    );
  }
}

/** By what it has and not by the class: a program may have two copies of the package. */
function ofImage(image: DockerContainerArgs["image"]): Record<string, pulumi.Input<string>> {
  if (!pulumi.CustomResource.isInstance(image)) return { image };
  const { image: reference, imageId } = image;
  return { image: reference, imageId };
}
