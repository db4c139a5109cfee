import { z } from "zod";
import { type ImageFile, readImageFile } from "../facts/image-file.js";
import { ourFilesFact } from "../facts/our-files.js";
import { type Image, type Pool, poolFact } from "../facts/pool.js";
import { Refused } from "../host/errors.js";
import { Sh, sh } from "../host/sh.js";
import { checkAbsent, removeIfEmpty, run, type Step } from "../host/steps.js";
import { writeThrough } from "../host/writing.js";
import { bytesOfFormat, requireRoom, warnOfRoom } from "../images/room.js";
import {
  makeBlank,
  makeFromImage,
  readTemplateRecord,
  type TemplateRecord,
} from "../images/template-making.js";
import { besideNamesakes, IMAGES, isClone } from "../inputs/beside.js";
import { common } from "../inputs/common.js";
import { bytesOf, formatSize, hostPath, noObject, onDelete, size, volumeName } from "../inputs/schemas.js";
import { othersOwn, requireOurs } from "../ownership.js";
import { CLONES, POOL, TEMPLATES, TRASH, templateRecordFile } from "../pool.js";
import type { CheckFailure, Resource } from "../resource.js";
import { checkMounted } from "../unmounted.js";

const inputs = z.object({
  ...common,
  name: volumeName,
  size: size.optional(),
  fsType: z.enum(["ext4", "xfs"], '"ext4" or "xfs"').optional(),
  partitioned: z.boolean().optional(),
  image: z
    .strictObject(
      { path: hostPath, sha256: z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits") },
      noObject("an object with path and sha256"),
    )
    .optional(),
  onDelete,
  /** Not for the program: what `read` finds instead is drift. */
  status: z.string().default("made"),
});

export type Qcow2TemplateInputs = z.infer<typeof inputs>;

export interface ObservedTemplate {
  readonly record: TemplateRecord | undefined;
  readonly image: Image | undefined;
  /** Names of the linked clones that need it. */
  readonly clones: readonly string[];
  readonly pool: Pool;
  /** While there is no template: the image that it is to be made from. */
  readonly source?: ImageFile | undefined;
}

/** Bytes that a file system needs at least: ext4 with a journal, and xfs as mkfs.xfs(8) allows it. */
const SMALLEST = { ext4: bytesOf("16MiB"), xfs: bytesOf("300MiB") } as const;

export const qcow2Template: Resource<Qcow2TemplateInputs, ObservedTemplate> = {
  kind: "Qcow2Template",
  inputs,
  identity: ["name"],
  data: {
    isGone: (observed) => observed?.image === undefined,
    disk: POOL,
    wayBack: ({ name }, observed) =>
      `If the disk of ${POOL} is not mounted, mount it. ${clonesOf(observed)} What Mooring removed is in ${TRASH}/templates; ${templateRecordFile(name)} names the file.`,
  },
  id: ({ name }) => name,
  lock: ({ name }) => `template-${name}`,
  needs: ({ fsType, partitioned }) => [
    { command: "qemu-img", package: "qemu-utils" },
    { command: "qemu-nbd", package: "qemu-utils" },
    { module: "nbd", devices: 1 },
    ...(partitioned ? [{ command: "sfdisk", package: "fdisk" }] : []),
    ...(fsType === "xfs" ? [{ command: "mkfs.xfs", package: "xfsprogs" }] : []),
  ],
  check: checkTemplate,
  among: IMAGES,
  beside: (inputs, others) =>
    besideNamesakes(
      inputs,
      others.filter((other) => !isClone(other)),
    ),
  refuse(olds, news) {
    const changed = (["size", "fsType", "partitioned", "image"] as const).find(
      (key) =>
        news[key] !== undefined &&
        JSON.stringify(olds[key] ?? (key === "partitioned" ? false : undefined)) !==
          JSON.stringify(news[key]),
    );
    return (
      changed &&
      `${changed} can't change from ${JSON.stringify(olds[changed])} to ${JSON.stringify(news[changed])}: its clones are made of it. Make a template with another name for new clones.`
    );
  },
  async observe(host, { name, image }) {
    const [files, pool] = await Promise.all([host.fact(ourFilesFact), host.fact(poolFact)]);
    const record = readTemplateRecord(files, name, host.name);
    const made = record && pool.images.find(({ path }) => path === `${TEMPLATES}/${record.file}`);
    const source = image && !made ? await readImageFile(host, image.path) : undefined;
    if (!record) return { record, image: undefined, clones: [], pool, source };
    const clones = pool.images
      .filter(
        ({ path, backingFile }) => path.includes("/clones/") && backingFile === `../templates/${record.file}`,
      )
      .map(({ path }) => path.replace(/^.*\/|\.qcow2$/g, ""));
    return { record, image: made, clones, pool, source };
  },
  plan(wanted, observed, identity) {
    return wanted ? planWanted(wanted, observed, identity) : planGone(observed, identity);
  },
  leftAlone: ({ name, owner }, { record }) => othersOwn(`template ${name}`, record?.owner, owner),
  drift(inputs, { record, image, clones }) {
    if (record && image && (image.bytes !== record.bytes || image.modified !== record.modified)) {
      throw new Refused(
        `template "${inputs.name}" on host "${inputs.host.name}" was changed after it was made (${image.path}: ${image.bytes} bytes, made with ${record.bytes}). What its clones read through it may be damaged: ${clones.join(", ") || "it has none"}.\nCompare it with sha256 ${record.sha256}, and bring back the file from a backup.`,
      );
    }
    const found = isWritable(image) ? { ...inputs, status: "its image can be written to" } : inputs;
    if (inputs.image || !record) return found;
    return { ...found, size: formatSize(record.size), fsType: record.fsType };
  },
  outputs: (_inputs, observed) => ({ file: observed.record?.file, sha256: observed.record?.sha256 }),
  warnings: ({ host }, { pool }, changed) => warnOfRoom(host.name, pool, changed),
};

function clonesOf(observed: ObservedTemplate | undefined): string {
  const clones = observed?.clones ?? [];
  if (clones.length === 0) return "Clones of it can't be read without it.";
  return `${clones.length === 1 ? "Its clone" : "Its clones"}, ${clones.join(", ")}, can't be read without it.`;
}

function planWanted(
  wanted: Qcow2TemplateInputs,
  observed: ObservedTemplate | undefined,
  identity: Qcow2TemplateInputs,
): Step[] {
  const record = observed?.record;
  if (!record) return make(wanted, observed);
  if (record.owner === wanted.owner) {
    if (isUnfinished(observed)) return make(wanted, observed);
    return isWritable(observed.image) ? [protect(wanted.name, record)] : [];
  }
  requireOurs(`template ${wanted.name}`, record.owner, wanted, identity);
  return [writeRecord(wanted.name, { ...record, owner: wanted.owner })];
}

/** Its making was cut off after the record, and before the image had its name. */
function isUnfinished({ image, clones }: ObservedTemplate): boolean {
  return image === undefined && clones.length === 0;
}

/** Its making was cut off after the image had its name, or somebody lifted its protection. */
function isWritable(image: Image | undefined): boolean {
  return image?.immutable === false;
}

function protect(name: string, { file }: TemplateRecord): Step {
  return run(`protect the image of template ${name}`, sh`chattr +i ${`${TEMPLATES}/${file}`}`, TEMPLATES);
}

function make(wanted: Qcow2TemplateInputs, observed: ObservedTemplate | undefined): Step[] {
  const { name, image, host } = wanted;
  requireRoom(`template "${name}"`, host.name, bytesFor(wanted, observed?.source), observed?.pool);
  return [
    { ...checkMounted(POOL), leavesNothing: true },
    ...(observed?.record ? [] : [checkAbsent(`template ${name}`, templateRecordFile(name))]),
    ...(image ? makeFromImage(wanted, image) : [makeBlank(wanted)]),
  ];
}

function bytesFor(wanted: Qcow2TemplateInputs, source: ImageFile | undefined): number {
  const { name, image, host, size = "", fsType = "ext4" } = wanted;
  if (!image) return bytesOfFormat(bytesOf(size), fsType);
  if (source && "bytes" in source) return source.bytes;
  throw new Refused(
    `template "${name}" can't be made: image ${image.path} on host "${host.name}" ${source?.problem ?? "was not looked at"}. Nothing was changed.`,
  );
}

function writeRecord(name: string, record: TemplateRecord): Step {
  return writeThrough(templateRecordFile(name), `${JSON.stringify(record)}\n`);
}

function planGone(observed: ObservedTemplate | undefined, identity: Qcow2TemplateInputs): Step[] {
  if (!observed?.record || observed.record.owner !== identity.owner) return [];
  const { record, clones } = observed;
  const still = compareTemplateOwner(identity);
  if (identity.onDelete === "retain") return [still, writeRecord(identity.name, { ...record, owner: "" })];
  const live = clones.filter((name) => !/-\d{8}T\d{6}Z/.test(name));
  if (live.length > 0) {
    throw new Refused(
      `template "${identity.name}" on host "${identity.host.name}" can't be removed: ${live.join(", ")} ${live.length === 1 ? "is a linked clone" : "are linked clones"} of it. Remove ${live.length === 1 ? "that" : "those"} first, or keep the template too (onDelete: "retain"); what an update had made that was killed is in the state after the next pulumi up.`,
    );
  }
  if (identity.onDelete === "destroy" && clones.length > 0) {
    throw new Refused(
      `template "${identity.name}" on host "${identity.host.name}" can't be destroyed: clones in the trash need it (${clones.join(", ")} in ${TRASH}/clones). Empty the trash first, or use onDelete: "trash".`,
    );
  }
  const file = `${TEMPLATES}/${record.file}`;
  const put =
    identity.onDelete === "trash"
      ? sh`mkdir -p -m 0700 ${TRASH}
mkdir -p ${`${TRASH}/templates`}
ln -f -- ${file} ${`${TRASH}/templates/${record.file}`}
cp -- ${templateRecordFile(identity.name)} ${`${TRASH}/templates/${record.file}.json`}`
      : sh`:`;
  return [
    still,
    run(
      `remove template ${identity.name} (${identity.onDelete})`,
      sh`${refuseBeingCloned(record.file)}
if [ -e ${file} ]; then
  chattr -i ${file}
  ${put}
fi
rm -f -- ${file} ${templateRecordFile(identity.name)}
${removeIfEmpty(TEMPLATES, CLONES, POOL)}`,
      TEMPLATES,
      CLONES,
      TRASH,
    ),
  ];
}

/** Another program may have adopted it since it was looked at. */
function compareTemplateOwner({ name, owner }: Qcow2TemplateInputs): Step {
  const found = sh`grep -qsF -- ${`"owner":${JSON.stringify(owner)}`} ${templateRecordFile(name)}`;
  const step = run(
    `compare the owner of template ${name}`,
    sh`${found} || { echo "another program adopted or removed it meanwhile" >&2; exit 1; }`,
  );
  return { ...step, compares: true };
}

/**
 * What was made of it since it was looked at, and what is being made of it: a clone names it in its header, from its
 * first moment on. Whoever makes one has the clone's lock; where nobody has that, what is left of the making is none.
 */
function refuseBeingCloned(file: string) {
  return sh`for clone in ${new Sh(`${CLONES}/*.qcow2 ${CLONES}/.making-*`)}; do
  [ -f "$clone" ] && head -c 1024 -- "$clone" | grep -qF ${`../templates/${file}`} || continue
  case $clone in
  */.making-*) ! flock -n "/run/mooring/volume-\${clone##*/.making-}.lock" rm -f -- "$clone" || continue ;;
  esac
  echo "another program made a linked clone of it meanwhile: $clone" >&2
  exit 1
done`;
}

function checkTemplate(
  { size, fsType, image, partitioned }: Partial<Qcow2TemplateInputs>,
  unjudged: ReadonlySet<string>,
): CheckFailure[] {
  if (unjudged.has("image")) return [];
  if (image) {
    return Object.entries({ size, fsType, partitioned })
      .filter(([, value]) => value !== undefined)
      .map(([property]) => ({ property, reason: "comes from the image; leave it out, or leave image out" }));
  }
  const failures: CheckFailure[] = [];
  if (!size && !unjudged.has("size"))
    failures.push({ property: "size", reason: "is required for a blank template (or give image)" });
  if (!fsType && !unjudged.has("fsType"))
    failures.push({ property: "fsType", reason: 'is required for a blank template: "ext4" or "xfs"' });
  if (size && fsType && bytesOf(size) < SMALLEST[fsType])
    failures.push({
      property: "size",
      reason: `at least ${formatSize(SMALLEST[fsType])} for ${fsType} (got "${size}")`,
    });
  return failures;
}
