import * as pulumi from "@pulumi/pulumi";
import { requireArgs, requireHost, requireMethod } from "../arguments.js";
import { DockerContainer, type DockerContainerArgs } from "../docker-container.js";
import { DockerImage, type RegistryAuthArgs } from "../docker-image.js";
import type { Host } from "../host.js";
import type { NbdAttachment } from "../nbd-attachment.js";
import type { NfsMount } from "../nfs-mount.js";
import type { DataVolume } from "./data-volume.js";

/** What a {@link StatefulContainer} takes of a {@link DockerContainer}'s arguments as it is. */
export type ContainerSettings = Omit<DockerContainerArgs, "host" | "name" | "image" | "imageId" | "volumes">;

/** Arguments of a {@link StatefulContainer}. */
export interface StatefulContainerArgs extends ContainerSettings {
  /** The node that the container runs on. Another one moves it, with its data. */
  node: Host;
  /** Reference of the image, such as `"mariadb:11"`. */
  image: pulumi.Input<string>;
  /**
   * Path on the node of a `docker save` archive that the image is loaded from.
   *
   * @default none: the image is pulled
   */
  imageArchive?: pulumi.Input<string>;
  /** Credentials for the pull. */
  registryAuth?: pulumi.Input<RegistryAuthArgs>;
  /** Its data. The container has the volume's name. */
  volume: DataVolume;
  /**
   * Where the data appears in the container, such as `"/var/lib/mysql"`. An image that declares a volume of its own
   * below it (`VOLUME`) is refused: what is written there would stay on the node.
   */
  mountPath: pulumi.Input<string>;
}

/**
 * A container with one data volume. To move it, change `node`: the image is brought to the new node while the
 * container still runs; then it is stopped, its volume detached there and attached here, and it starts again.
 */
export class StatefulContainer extends pulumi.ComponentResource {
  /** The container. */
  readonly container: DockerContainer;
  /** The volume's attachment to the node. */
  readonly attachment: NbdAttachment | NfsMount;
  /** The image on the node. */
  readonly image: DockerImage;

  constructor(name: string, args: StatefulContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mooring:index:StatefulContainer", name, {}, opts);
    refuseWrongArguments(`StatefulContainer "${name}"`, args);
    const { node, volume, mountPath, image, imageArchive, registryAuth, ...settings } = args;
    const waits = settings.timeouts === undefined ? {} : { timeouts: settings.timeouts };
    // One per node: the old node's goes last in an update, when the container no longer uses it.
    this.image = new DockerImage(
      `${name}-${node.name}`,
      {
        host: node,
        image,
        ...waits,
        ...(imageArchive === undefined ? {} : { archive: imageArchive }),
        ...(registryAuth === undefined ? {} : { registryAuth }),
      },
      // A move removes it from the old node, also where what holds the data is protected.
      { parent: this, protect: false },
    );
    this.attachment = volume.attach(name, { node, ...waits }, { parent: this, dependsOn: this.image });
    // For this container alone: a lost node, which is not told that the image goes, keeps it until it is back.
    const own = { imageOwner: this.image.urn };
    this.container = new DockerContainer(
      name,
      {
        ...settings,
        ...own,
        host: node,
        name: volume.name,
        image: this.image,
        volumes: [{ source: this.attachment.path, target: mountPath }],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

/** Typed by the compiler: all that it has, and nothing else. */
const SETTINGS: Record<keyof ContainerSettings, true> = {
  adopt: true,
  timeouts: true,
  command: true,
  entrypoint: true,
  environment: true,
  ports: true,
  user: true,
  networkMode: true,
  memory: true,
  cpus: true,
  labels: true,
  healthCheck: true,
  stopGrace: true,
  restart: true,
  waitTimeout: true,
};

const OWN = ["node", "image", "imageArchive", "registryAuth", "volume", "mountPath"];

function refuseWrongArguments(what: string, args: StatefulContainerArgs): void {
  requireArgs(what, args, [...OWN, ...Object.keys(SETTINGS)]);
  requireHost(what, "node", args.node);
  requireMethod(what, "volume", args.volume, "attach", "a DataVolume");
  for (const property of ["image", "mountPath"] as const)
    if (args[property] === undefined) throw new pulumi.RunError(`${what}: ${property} is required`);
}
