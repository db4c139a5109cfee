import { posix } from "node:path";
import { Refused } from "./errors.js";

/** What a container is to be made from. */
interface WantedImage {
  readonly host: string;
  readonly reference: string;
  /** What the reference must be on the host. */
  readonly imageId?: string;
  /** Where the container's volumes are to appear in it. */
  readonly targets: readonly string[];
}

/** Of what the Engine answers to an inspection. */
interface FoundImage {
  readonly Id: string;
  readonly Config?: { readonly Volumes?: Readonly<Record<string, unknown>> | null };
}

/** Throws {@link Refused} where a container can't be made from what is there, or would keep data beside its volumes. */
export function requireImage(
  { host, reference, imageId, targets }: WantedImage,
  image: FoundImage | undefined,
): void {
  if (!image)
    throw new Refused(
      `image "${reference}" is not on host "${host}": bring it there with a DockerImage on the same host.`,
    );
  if (imageId !== undefined && image.Id !== imageId)
    throw new Refused(
      `image "${reference}" on host "${host}" is ${image.Id}, and the container is to be made from ${imageId}: the reference was moved since. Run: pulumi up --refresh`,
    );
  for (const declared of Object.keys(image.Config?.Volumes ?? {})) {
    // As the Engine reads it, which makes none where something of the container's is mounted.
    const own = posix.normalize(declared).replace(/(?<=.)\/$/, "");
    const target = targets.find((each) => own.startsWith(each === "/" ? each : `${each}/`));
    if (target !== undefined && !targets.includes(own))
      throw new Refused(
        `image "${reference}" declares a volume of its own at ${own} (VOLUME), below ${target}, where a data volume is to be mounted: Docker would put an empty volume of host "${host}" in its place, and what is written to ${own} would stay there when the container moves, or is made anew. Nothing was changed.\nMount the data volume at ${own}.`,
      );
  }
}
