import { dirname } from "node:path";
import { z } from "zod";
import type { Files } from "../facts/our-files.js";
import { Refused } from "../host/errors.js";
import { type Sh, sh } from "../host/sh.js";
import { run, type Step } from "../host/steps.js";
import type { HostRef } from "../inputs/host-ref.js";
import { bytesOf } from "../inputs/schemas.js";
import { firstPartition, withLocalDevice } from "../nbd/local-device.js";
import { POOL, TEMPLATES, templateRecordFile } from "../pool.js";

/** What the storage host keeps beside a template's image. */
export interface TemplateRecord {
  readonly owner: string;
  readonly file: string;
  readonly sha256: string;
  /** Bytes of the disk in it. */
  readonly size: number;
  readonly fsType: "ext4" | "xfs";
  readonly partitioned: boolean;
  /** Its file system is new, and was never mounted. */
  readonly blank?: boolean | undefined;
  /** Of the image file, as it was made: it must stay so. */
  readonly bytes: number;
  readonly modified: number;
}

/** What of it goes into scripts has the form that it was made with. */
const recordSchema = z.looseObject({
  owner: z.string(),
  file: z.string().regex(/^[\w.-]+\.qcow2$/),
  sha256: z.string(),
  size: z.int().min(0),
  fsType: z.enum(["ext4", "xfs"]),
  partitioned: z.boolean(),
  blank: z.boolean().optional(),
  bytes: z.int(),
  modified: z.int(),
});

export function readTemplateRecord(files: Files, name: string, host: string): TemplateRecord | undefined {
  const file = templateRecordFile(name);
  const text = files.get(file);
  if (text === undefined) return undefined;
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    throw new Refused(
      `the record of template "${name}" on host "${host}" is damaged (${file}); nothing was changed. Its content is: ${text.slice(0, 200)}`,
    );
  }
}

interface Making {
  readonly name: string;
  readonly owner: string;
  readonly host: HostRef;
}

/** The one place of Mooring with a mkfs: on an image that this very script has just created under a name of its own. */
export function makeBlank(
  wanted: Making & {
    size?: string | undefined;
    fsType?: "ext4" | "xfs" | undefined;
    partitioned?: boolean | undefined;
  },
): Step {
  const { name, size = "", fsType = "ext4", partitioned = false } = wanted;
  const making = makingFile(name);
  const format =
    fsType === "ext4"
      ? // Nothing is left for the kernel to initialise later: each clone would store it again.
        sh`mkfs.ext4 -q -F -O metadata_csum_seed -E lazy_itable_init=0,lazy_journal_init=0 "$part"`
      : sh`mkfs.xfs -q -f "$part"`;
  const body = sh`${partitioned ? sh`printf 'label: gpt\n,,L\n' | sfdisk -q "$dev"` : sh`:`}
${firstPartition(partitioned)}
${format}`;
  return whole(
    `make template ${name}: ${size}, ${fsType}`,
    sh`${begin(making)}
qemu-img create -q -f qcow2 ${making} ${bytesOf(size)}
${withLocalDevice(sh`${making}`, body)}
fs=${fsType} part=${String(partitioned)} more=',"blank":true'
${finish(wanted)}`,
  );
}

/** Copies an image that has exactly one file system, on the disk itself or in its only partition. */
export function makeFromImage(wanted: Making, image: { path: string; sha256: string }): Step[] {
  const making = makingFile(wanted.name);
  const look = sh`kind=$(blkid -p -s PTTYPE -o value "$dev") || kind=
if [ -n "$kind" ]; then
  ${firstPartition(true)}
  [ ! -e "\${dev}p2" ] || { echo "the image has more than one partition; a template has one" >&2; exit 1; }
  echo true > ${`${making}.part`}
else
  part=$dev
  echo false > ${`${making}.part`}
fi
blkid -p -s TYPE -o value "$part" > ${`${making}.fs`} || { echo "no file system was recognised in the image" >&2; exit 1; }`;
  return [
    whole(
      `check the SHA-256 of ${image.path}`,
      sh`sum=$(sha256sum < ${image.path} | cut -c1-64)
[ "$sum" = ${image.sha256} ] || { echo "image.sha256: the file has $sum, expected ${image.sha256}. Nothing was made: bring the right file, or give its own sha256." >&2; exit 1; }`,
    ),
    whole(
      `make template ${wanted.name} from ${image.path}`,
      sh`${begin(making)}
qemu-img convert -O qcow2 ${image.path} ${making}
${withLocalDevice(sh`${making}`, look, true)}
fs=$(cat ${`${making}.fs`}) part=$(cat ${`${making}.part`}) more=
case $fs in ext4|xfs) ;; *) echo "the image holds $fs; ext4 and xfs are supported" >&2; exit 1;; esac
${finish(wanted)}`,
    ),
  ];
}

function whole(title: string, script: Sh): Step {
  return { ...run(title, script, TEMPLATES), leavesNothing: true };
}

function begin(making: string): Sh {
  return sh`mkdir -p ${TEMPLATES}
${discardOnFailure(making)}
rm -f -- ${making} ${making}.*`;
}

/** Gives the image its name, which carries its content, and makes it read-only; the record comes before it. */
function finish({ name, owner }: Making): Sh {
  const making = makingFile(name);
  const made = sh`${TEMPLATES}/"$file"`;
  const record = `${making}.json`;
  const kept = templateRecordFile(name);
  const head = JSON.stringify({ owner }).slice(0, -1);
  return sh`sum=$(sha256sum < ${making} | cut -c1-64)
file=${name}-$(printf %.12s "$sum").qcow2
size=$(od -A n -t u1 -j 24 -N 8 ${making} | awk '{ n = 0; for (i = 1; i <= 8; i++) n = n * 256 + $i; printf "%.0f", n }')
chmod 0444 ${making}
sync ${making}
# The name is the content: one that is there already, retained from before, is the same.
image=${making}
[ ! -e ${made} ] || image=${made}
stat -c '%s %Y' "$image" > ${record}
read -r bytes modified < ${record}
printf '%s,"file":"%s","sha256":"%s","size":%s,"fsType":"%s","partitioned":%s,"bytes":%s,"modified":%s%s}\n' ${head} "$file" "$sum" "$size" "$fs" "$part" "$bytes" "$modified" "$more" > ${record}
sync ${record}
# First: cut off before the image has its name, it says that one is still to be made.
mv -f ${record} ${kept}
{ [ "$image" != ${making} ] || mv -T -- ${making} ${made}; } && chattr +i ${made} || {
  rm -f -- ${kept}
  [ "$image" != ${making} ] || rm -f -- ${made}
  exit 1
}
trap - EXIT
rm -f -- ${making} ${making}.*`;
}

/** A failed making leaves nothing behind. Ends with `trap - EXIT`. */
export function discardOnFailure(making: string): Sh {
  return sh`trap ${`rm -f -- ${making} ${making}.*; rmdir --ignore-fail-on-non-empty -- ${dirname(making)} ${POOL} 2>/dev/null || true`} EXIT`;
}

function makingFile(name: string): string {
  return `${TEMPLATES}/.making-${name}`;
}
