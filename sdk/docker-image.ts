import * as pulumi from "@pulumi/pulumi";
import { requireArgs } from "./arguments.js";
import { type CommonArgs, MooringResource } from "./resource.js";

/** Credentials for a registry. */
export interface RegistryAuthArgs {
  /** User name at the registry. */
  username: pulumi.Input<string>;
  /** Password or access token; secret in the state. */
  password: pulumi.Input<string>;
}

/** Arguments of a {@link DockerImage}. */
export interface DockerImageArgs extends CommonArgs {
  /**
   * The image's reference: `"mariadb:11"`, `"registry.example.org/team/app:1.2"` or, pinned, `"mariadb@sha256:…"`.
   * Without a tag it is `:latest`.
   */
  image: pulumi.Input<string>;
  /**
   * Path on the node of an archive in the format of `docker save` that holds the reference. It is loaded when the
   * image that the archive holds is not the one that has the reference's name. Nothing is pulled.
   *
   * @default none: the image is pulled from its registry
   */
  archive?: pulumi.Input<string>;
  /** Credentials for the pull; they are never on a command line and never written on the node. */
  registryAuth?: pulumi.Input<RegistryAuthArgs>;
  /**
   * Leave the image on the node when the resource is deleted or moved, as a cache.
   *
   * @default false: it is removed if Mooring brought it, when no other resource needs it and no container uses it any more
   */
  keepOnDelete?: pulumi.Input<boolean>;
}

/**
 * A container image that is present on a node. An image that was there already is used as it is, and stays when the
 * resource is deleted. Several resources may need one image: it goes with the last. A tag that moves on in the
 * registry is not drift: what was pulled stays until the image is removed or another reference is asked for. Another
 * `host` moves it.
 */
export class DockerImage extends MooringResource {
  /** The canonical reference: with a tag, without `docker.io/library/`. */
  declare readonly image: pulumi.Output<string>;
  /** What the Engine calls the image: `sha256:…`. Give it to a container, and another image makes another container. */
  declare readonly imageId: pulumi.Output<string>;
  /** The digest that the registry calls it by, `sha256:…`; none for an image that was not pulled. */
  declare readonly digest: pulumi.Output<string | undefined>;

  constructor(name: string, args: DockerImageArgs, opts?: pulumi.CustomResourceOptions) {
    requireArgs(`DockerImage "${name}"`, args);
    const { registryAuth, ...rest } = args;
    const auth = registryAuth === undefined ? {} : { registryAuth: pulumi.secret(registryAuth) };
    super("DockerImage", name, { ...rest, ...auth }, ["imageId", "digest"], opts);
  }
}
