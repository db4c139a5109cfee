import { dirname } from "node:path";
import { z } from "zod";
import { dockerNeeds } from "../container/docker-needs.js";
import {
  type ImageRecord,
  imageSlug,
  inAnyUse,
  recordFile,
  recordsOf,
  recordText,
  removeImage,
  stillNeeded,
} from "../container/image-records.js";
import { imageReference, repositoryOf } from "../container/image-reference.js";
import { unlessWithoutDocker } from "../container/without-docker.js";
import { type ArchivedImage, readArchive } from "../facts/image-archive.js";
import { ourFilesFact } from "../facts/our-files.js";
import type { ImageInfo } from "../host/docker.js";
import { Refused } from "../host/errors.js";
import { sh } from "../host/sh.js";
import { engine, remove, run, type Step } from "../host/steps.js";
import { write } from "../host/writing.js";
import { common } from "../inputs/common.js";
import { hostPath, noObject } from "../inputs/schemas.js";
import { shown } from "../inputs/shown.js";
import type { Resource } from "../resource.js";

const inputs = z.object({
  ...common,
  image: imageReference,
  archive: hostPath.optional(),
  registryAuth: z
    .strictObject(
      { username: z.string().min(1, "not empty"), password: z.string().min(1, "not empty") },
      noObject("an object with username and password"),
    )
    .optional(),
  keepOnDelete: z.boolean().optional(),
  /** Not for the program: what `read` finds instead is drift. */
  status: z.string().default("present"),
});

export type DockerImageInputs = z.infer<typeof inputs>;

export interface ObservedDockerImage {
  readonly image: Pick<ImageInfo, "Id" | "RepoDigests"> | undefined;
  /** Containers made from it. */
  readonly users: readonly string[];
  /** Of all resources on this host that need it. */
  readonly records: readonly ImageRecord[];
  readonly archived: ArchivedImage | undefined;
}

export const dockerImage: Resource<DockerImageInputs, ObservedDockerImage> = {
  kind: "DockerImage",
  inputs,
  identity: ["image"],
  movable: true,
  id: ({ image }) => image,
  lock: ({ image }) => `image-${imageSlug(image)}`,
  needs: () => dockerNeeds,
  check: ({ image, archive, registryAuth }) => [
    ...(archive && registryAuth
      ? [{ property: "registryAuth", reason: "is for a pull; with an archive nothing is pulled" }]
      : []),
    ...(archive && image?.includes("@")
      ? [
          {
            property: "image",
            reason: `an archive names its images by tag, not by digest (got ${shown(image)})`,
          },
        ]
      : []),
  ],
  async observe(host, { image: reference, archive, owner }) {
    const [image, files, archived] = await Promise.all([
      unlessWithoutDocker(host, host.engine.image(reference)),
      host.fact(ourFilesFact),
      archive === undefined ? undefined : readArchive(host, archive, reference),
    ]);
    const records = recordsOf(files, reference, host.name);
    if (!image && !archived && !records.some((record) => record.owner === owner)) return undefined;
    return { image, users: image ? await host.engine.usersOf(image.Id) : [], records, archived };
  },
  plan(wanted, observed, identity) {
    return wanted ? planWanted(wanted, observed) : planGone(observed, identity);
  },
  drift(inputs, observed) {
    if (!observed.image) return { ...inputs, status: "absent" };
    return fits(inputs, observed) ? inputs : { ...inputs, status: "another image has its name" };
  },
  outputs({ image: reference }, { image }) {
    const prefix = `${repositoryOf(reference)}@`;
    const digest = image?.RepoDigests?.find((each) => each.startsWith(prefix))?.slice(prefix.length);
    return { imageId: image?.Id, digest };
  },
};

function planWanted(wanted: DockerImageInputs, observed: ObservedDockerImage | undefined): Step[] {
  const { image, archive, registryAuth, owner } = wanted;
  const records = observed?.records ?? [];
  const own = records.find((record) => record.owner === owner);
  const file = recordFile(image, owner);
  if (observed && fits(wanted, observed)) {
    // An image that was there before Mooring is nobody's of ours; one that we brought counts whom it serves.
    if (records.length === 0 || (own && !own.left)) return [];
    const { left: _, ...record } = own ?? (records[0] as ImageRecord);
    return [write(file, recordText({ ...record, owner }))];
  }
  if (archive !== undefined) return load(wanted, archive, observed);
  const auth = registryAuth && { auth: registryAuth };
  return [
    write(file, recordText({ image, owner, source: "pull" })),
    { ...engine(`pull ${image}`, { call: "pull", image, ...auth }), ...(auth && { secret: true }) },
  ];
}

function planGone(observed: ObservedDockerImage | undefined, identity: DockerImageInputs): Step[] {
  const { image, owner, keepOnDelete } = identity;
  const own = observed?.records.find((record) => record.owner === owner);
  if (!observed || !own) return [];
  const file = recordFile(image, owner);
  if (keepOnDelete || !observed.image || !isBrought(own, observed.image)) return [remove(file)];
  if (inAnyUse(observed.records, owner)) return [stillNeeded(image, observed.records, owner), remove(file)];
  if (observed.users.length === 0) return removeImage(image, observed.records);
  return own.left ? [] : [write(file, recordText({ ...own, left: true }))];
}

/** A load that was cut off may not have begun: what has the name then was there before. */
function isBrought(own: ImageRecord, image: { readonly Id: string }): boolean {
  return own.source === "pull" || own.fresh || own.imageId !== undefined || own.archiveId === image.Id;
}

/** The reference is on the host and is what was pulled, or what the archive holds. */
function fits({ owner }: DockerImageInputs, { image, archived, records }: ObservedDockerImage): boolean {
  if (!image) return false;
  const own = records.find((record) => record.owner === owner);
  if (!archived) {
    const pulled = own?.source === "pull";
    return (
      !pulled || (image.RepoDigests ?? []).some((each) => each.startsWith(`${repositoryOf(own.image)}@`))
    );
  }
  // Without the archive what is there can't be compared, and is good.
  if ("problem" in archived) return true;
  return (
    image.Id === archived.id ||
    records.some((record) => record.archiveId === archived.id && record.imageId === image.Id)
  );
}

function load(
  { image, owner, host }: DockerImageInputs,
  archive: string,
  observed: ObservedDockerImage | undefined,
): Step[] {
  const archived = observed?.archived;
  if (archived && "problem" in archived)
    throw new Refused(`image ${image} on host "${host.name}": ${archived.problem}. Nothing was changed.`);
  const file = recordFile(image, owner);
  const record: ImageRecord = {
    ...{ image, owner, source: "archive" },
    ...(archived && { archiveId: archived.id }),
  };
  return [
    // First: cut off in the middle of the load, it still says whose the image is.
    write(file, recordText(observed?.image ? record : { ...record, fresh: true })),
    run(
      `load ${image} from ${archive}`,
      // Some Engines name an image by its manifest and not by its configuration: what this one did is written down.
      sh`docker load -q -i ${archive}
id=$(docker image inspect -f '{{.Id}}' ${image})
printf '%s,"imageId":"%s"}\\n' ${JSON.stringify(record).slice(0, -1)} "$id" > ${`${file}.mooring-new`}
mv -f ${`${file}.mooring-new`} ${file}`,
      dirname(file),
    ),
  ];
}
