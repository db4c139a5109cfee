import { z } from "zod";
import { ourFilesFact } from "../facts/our-files.js";
import { type Image, type Pool, poolFact } from "../facts/pool.js";
import { Refused } from "../host/errors.js";
import { sh } from "../host/sh.js";
import { checkAbsent, removeIfEmpty, run, type Step } from "../host/steps.js";
import { growClone, makeClone } from "../images/clone-making.js";
import { bytesOfGrowth, requireRoom, warnOfRoom } from "../images/room.js";
import { readTemplateRecord, type TemplateRecord } from "../images/template-making.js";
import { besideNamesakes, IMAGES, isClone } from "../inputs/beside.js";
import { common } from "../inputs/common.js";
import { bytesOf, formatSize, onDelete, size, volumeName } from "../inputs/schemas.js";
import { othersOwn, requireOurs } from "../ownership.js";
import { CLONES, cloneFile, POOL, TEMPLATES, TRASH, templateRecordFile, VOLUMES } from "../pool.js";
import type { Resource } from "../resource.js";
import {
  compareRecord,
  describeOwner,
  readVolumeRecord,
  refuseAnew,
  type VolumeRecord,
  volumeRecordFile,
  writeRecord,
} from "../volume-record.js";

const inputs = z.object({
  ...common,
  name: volumeName,
  template: volumeName,
  size: size.optional(),
  mmp: z.boolean().default(true),
  onDelete,
});

export type LinkedCloneInputs = z.infer<typeof inputs>;

export interface ObservedClone {
  readonly template: TemplateRecord | undefined;
  readonly record: VolumeRecord | undefined;
  readonly image: Image | undefined;
  readonly pool: Pool;
}

export const linkedClone: Resource<LinkedCloneInputs, ObservedClone> = {
  kind: "LinkedClone",
  inputs,
  identity: ["name", "template"],
  data: {
    isGone: (observed) => observed?.image === undefined,
    disk: POOL,
    rememberedBy: ({ name }, observed) => (observed?.record ? [volumeRecordFile(name)] : []),
    wayBack: ({ name }) =>
      `If the disk of ${POOL} is not mounted, mount it. If it was moved, move it back to ${cloneFile(name)}; what Mooring removed is in ${TRASH}/clones.`,
  },
  id: ({ name }) => name,
  lock: ({ name }) => `volume-${name}`,
  needs: () => [
    { command: "qemu-img", package: "qemu-utils" },
    { command: "qemu-nbd", package: "qemu-utils" },
    { module: "nbd", devices: 1 },
    { command: "resize2fs", package: "e2fsprogs" },
  ],
  among: IMAGES,
  beside(inputs, others) {
    const base = others.find((other) => !isClone(other) && other.name === inputs.template);
    if (inputs.size && base?.size && bytesOf(inputs.size) < bytesOf(base.size))
      return [{ property: "size", reason: `${inputs.size} is smaller than its template, ${base.size}` }];
    return besideNamesakes(inputs, others.filter(isClone));
  },
  refuse(olds, news) {
    if (news.mmp !== undefined && olds.mmp !== undefined && news.mmp !== olds.mmp)
      return `mmp can't change from ${olds.mmp} to ${news.mmp} in place. Set it back; or detach the volume and use tune2fs on the image by hand.`;
    if (news.size === undefined || olds.size === undefined || bytesOf(news.size) >= bytesOf(olds.size))
      return undefined;
    return `size can't shrink from ${olds.size} to ${news.size}: a file system does not give space back safely. Set size to ${olds.size}; for a smaller volume make a new one and copy.`;
  },
  async observe(host, { name, template }) {
    const [files, pool] = await Promise.all([host.fact(ourFilesFact), host.fact(poolFact)]);
    return {
      template: readTemplateRecord(files, template, host.name),
      record: readVolumeRecord(files, name, host.name),
      image: pool.images.find((image) => image.path === cloneFile(name)),
      pool,
    };
  },
  plan(wanted, observed, identity) {
    return wanted ? planWanted(wanted, observed, identity) : planGone(observed, identity);
  },
  leftAlone: ({ name, owner }, { record }) => othersOwn(`volume ${name}`, record?.owner, owner),
  drift(inputs, { image, record }) {
    const bytes = record?.growing ?? image?.virtualSize;
    return {
      ...inputs,
      ...(inputs.size && bytes !== undefined && { size: formatSize(bytes) }),
      ...(record && { template: record.template }),
    };
  },
  outputs: (_inputs, observed) => ({
    path: observed.image?.path,
    fsType: observed.record?.fsType,
    fsUuid: observed.record?.fsUuid,
  }),
  warnings: ({ host }, { pool }, changed) => warnOfRoom(host.name, pool, changed),
};

function planWanted(
  wanted: LinkedCloneInputs,
  observed: ObservedClone | undefined,
  identity: LinkedCloneInputs,
): Step[] {
  const { name } = wanted;
  const { image, record, template, pool } = observed ?? {};
  if (image) {
    if (!record)
      throw new Refused(
        `${cloneFile(name)} on host "${wanted.host.name}" has no record (${volumeRecordFile(name)}): it is not known whose data it is. Nothing was changed.`,
      );
    requireOurs(`volume ${name}`, record.owner, wanted, identity);
    return [
      ...adopt(wanted, record),
      ...grow(wanted, image, { ...record, owner: wanted.owner }, template, pool),
    ];
  }
  if (!template)
    throw new Refused(
      `there is no template "${wanted.template}" on host "${wanted.host.name}" (${templateRecordFile(wanted.template)}). Nothing was changed.`,
    );
  if (record) {
    requireOurs(`the record of volume ${name}`, record.owner, wanted, identity);
    // One that nobody was ever given is what is left of a making that was cut off.
    if (record.epoch > 0 || ![wanted.owner, identity.owner].includes(record.owner))
      refuseAnew(name, wanted.host.name, {
        files: [volumeRecordFile(name)],
        what: `image ${cloneFile(name)}`,
        ...{ anew: "a blank one", trash: `${TRASH}/clones` },
      });
  }
  const bytes = wanted.size ? bytesOf(wanted.size) : template.size;
  if (bytes < template.size) {
    throw new Refused(
      `size: ${wanted.size} is smaller than template "${wanted.template}" (${formatSize(template.size)}). Nothing was changed.`,
    );
  }
  const growth = bytesOfGrowth(template.size, bytes, template.size, template.fsType);
  requireRoom(`volume "${name}"`, wanted.host.name, growth, pool);
  const unchanged = record
    ? compareRecord(name, record)
    : checkAbsent(`volume ${name}`, volumeRecordFile(name));
  return [unchanged, makeClone(wanted, template, bytes)];
}

function adopt(wanted: LinkedCloneInputs, record: VolumeRecord): Step[] {
  return record.owner === wanted.owner ? [] : changeOwner(wanted.name, record, wanted.owner);
}

function changeOwner(name: string, record: VolumeRecord, owner: string): Step[] {
  const changed = { ...record, owner };
  return [compareRecord(name, record, changed), writeRecord(name, changed)];
}

function grow(
  { name, size, host }: LinkedCloneInputs,
  image: Image,
  record: VolumeRecord,
  template: TemplateRecord | undefined,
  pool: Pool | undefined,
): Step[] {
  const { growing, ...after } = record;
  const { fsType, partitioned } = record;
  const [from, to] = [image.virtualSize, size === undefined ? 0 : bytesOf(size)];
  if (to <= from && growing === undefined) return [];
  // The file system follows on the node: without room for that it would be an error in there.
  const growth = bytesOfGrowth(from, Math.max(from, to), template?.size ?? from, fsType);
  requireRoom(`volume "${name}" of ${size ?? formatSize(from)}`, host.name, growth, pool);
  const grown = growClone(name, Math.max(from, to), partitioned);
  if (!partitioned) return [compareRecord(name, record), grown];
  // The disk is larger before its partition is: cut off in between, the record still says what is to be done.
  const during = { ...record, growing: growing ?? from };
  return [compareRecord(name, record, during), writeRecord(name, during), grown, writeRecord(name, after)];
}

function planGone(observed: ObservedClone | undefined, identity: LinkedCloneInputs): Step[] {
  if (!observed?.record || observed.record.owner !== identity.owner) return [];
  const { record } = observed;
  const { name } = identity;
  if (record.holder) {
    throw new Refused(
      `volume "${name}" on host "${identity.host.name}" is attached to node "${record.holder.node}" by ${describeOwner(record.holder.owner)}, epoch ${record.epoch}. Detach it first. Nothing was changed.`,
    );
  }
  const file = cloneFile(name);
  const free = sh`[ ! -e ${file} ] || qemu-img info -f qcow2 ${file} >/dev/null || { echo "the image is in use: something still serves it" >&2; exit 1; }`;
  const records = sh`rm -f -- ${volumeRecordFile(name)} ${volumeRecordFile(name).replace(/json$/, "env")}
${removeIfEmpty(VOLUMES, CLONES, POOL)}`;
  switch (identity.onDelete) {
    case "retain":
      return changeOwner(name, record, "");
    case "destroy":
      return [
        compareRecord(name, record),
        run(`destroy volume ${name}`, sh`${free}\nrm -f -- ${file}\n${records}`, CLONES, VOLUMES),
      ];
    case "trash":
      return [
        compareRecord(name, record),
        run(
          `move volume ${name} to ${TRASH}/clones`,
          toTrash(name, identity, record, observed.image?.backingFile, free, records),
          `${TRASH}/clones`,
          CLONES,
          VOLUMES,
        ),
      ];
  }
}

/** The template's image is linked into the trash too: what lies there can be read even after the template is removed. */
function toTrash(
  name: string,
  { owner, host }: LinkedCloneInputs,
  record: VolumeRecord,
  backingFile: string | undefined,
  free: ReturnType<typeof sh>,
  records: ReturnType<typeof sh>,
) {
  const manifest = JSON.stringify({
    kind: "LinkedClone",
    path: cloneFile(name),
    owner,
    host: host.name,
    record,
  }).slice(0, -1);
  const base = backingFile?.replace(/^.*\//, "") ?? "";
  return sh`${free}
mkdir -p -m 0700 ${TRASH}
mkdir -p ${TRASH}/clones ${TRASH}/templates
if [ -n ${base} ]; then (
  # Another clone of it may be removed now: nobody else may link it while it is not immutable.
  flock -w 60 8 || { echo "another program is linking an image into the trash: run this again" >&2; exit 1; }
  image=${`${TEMPLATES}/${base}`}
  trap '[ ! -e "$image" ] || chattr +i "$image"' EXIT
  [ ! -e ${`${TRASH}/templates/${base}`} ] || exit 0
  chattr -i "$image"
  ln -- "$image" ${`${TRASH}/templates/${base}`}
) 8< ${`${TRASH}/templates`}
fi
place=${TRASH}/clones/${name}-$(date -u +%Y%m%dT%H%M%SZ)
printf '%s,"removed":"%s"}\n' ${manifest} "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$place.json"
[ ! -e ${cloneFile(name)} ] || mv -n -T -- ${cloneFile(name)} "$place.qcow2"
${records}`;
}
