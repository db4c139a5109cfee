import { shareLock } from "../host/lock.js";
import { sh } from "../host/sh.js";
import { run, type Step } from "../host/steps.js";
import { formatSize } from "../inputs/schemas.js";
import { exportSocket, exportUnit } from "../nbd/export-units.js";
import { firstPartition, withLocalDevice } from "../nbd/local-device.js";
import { CLONES, cloneFile, TEMPLATES, VOLUMES } from "../pool.js";
import { volumeRecordFile } from "../volume-record.js";
import { discardOnFailure, type TemplateRecord } from "./template-making.js";

interface Making {
  readonly name: string;
  readonly owner: string;
  readonly template: string;
  readonly mmp: boolean;
}

/** The overlay gets its name last, by a link that refuses to replace anything: until then there is no clone. */
export function makeClone(wanted: Making, template: TemplateRecord, bytes: number): Step {
  const { name } = wanted;
  const making = `${CLONES}/.making-${name}`;
  const { owner, ...rest } = {
    owner: wanted.owner,
    template: wanted.template,
    fsType: template.fsType,
    partitioned: template.partitioned,
    mmp: template.fsType === "ext4" && wanted.mmp,
    epoch: 0,
  };
  const head = JSON.stringify({ owner, ...rest }).slice(0, -1);
  const record = volumeRecordFile(name);
  const script = sh`${discardOnFailure(making)}
[ ! -e ${making} ] || rm -f ${making}
(
${shareLock(8, `template-${wanted.template}`)}
[ -e ${`${TEMPLATES}/${template.file}`} ] || { echo "the template's image ${template.file} is gone" >&2; exit 1; }
[ -d ${CLONES} ] || mkdir -p ${CLONES}
cd ${CLONES}
umask 077
qemu-img create -q -f qcow2 -F qcow2 -b ${`../templates/${template.file}`} ${making} ${bytes}
)
read -r uuid < /proc/sys/kernel/random/uuid
${withLocalDevice(sh`${making}`, template.fsType === "ext4" ? ext4Body(template, wanted.mmp) : xfsBody(template.partitioned, making))}
printf '%s,"fsUuid":"%s"}\n' ${head} "$uuid" > ${`${making}.json`}
sync ${making} ${`${making}.json`}
[ -d ${VOLUMES} ] || mkdir -p ${VOLUMES}
mv -f ${`${making}.json`} ${record}
ln -T -- ${making} ${cloneFile(name)} || { rm -f ${record}; exit 1; }
trap - EXIT
rm -f ${making}`;
  return { ...run(`make clone ${name} of ${wanted.template}`, script, CLONES, VOLUMES), leavesNothing: true };
}

/**
 * Grows the disk. While it is exported its image is locked: the export stops for a moment, which its clients see as a
 * pause. A partition grows with it; the file system follows when it is attached again.
 */
export function growClone(name: string, bytes: number, partitioned: boolean): Step {
  const image = cloneFile(name);
  const [socket, unit] = [exportSocket(name), exportUnit(name)];
  const partition = partitioned ? withLocalDevice(sh`${image}`, growPartition(true)) : sh`:`;
  const step = run(
    `grow ${name} to ${formatSize(bytes)}`,
    sh`served=$(systemctl is-active ${socket}) || true
[ "$served" != active ] || trap ${`systemctl start ${socket}`} EXIT
[ "$served" != active ] || systemctl stop ${socket} ${unit}
qemu-img resize -q -f qcow2 ${image} ${bytes}
${partition}
trap - EXIT
[ "$served" != active ] || systemctl start ${socket}`,
    CLONES,
  );
  return { ...step, alone: true };
}

function growPartition(partitioned: boolean) {
  if (!partitioned) return firstPartition(false);
  // A GPT keeps its second copy at the disk's end, which has moved.
  return sh`[ "$(blkid -p -s PTTYPE -o value "$dev")" != gpt ] || sfdisk -q --relocate gpt-bak-std "$dev"
printf ', +\n' | sfdisk -q --no-reread -N 1 "$dev"
${firstPartition(true)}`;
}

/**
 * A mark every five seconds of who has it mounted, as tune2fs(8) has it by default: each is a write, and its way to the
 * disk, for as long as the volume is mounted.
 */
function ext4Body({ partitioned, blank }: TemplateRecord, mmp: boolean) {
  // What mkfs made, and nobody mounted since, resize2fs(8) takes as it is.
  const check = sh`said=$(e2fsck -f -p "$part" 2>&1) || [ $? -le 1 ] || { printf '%s\n' "$said" >&2; exit 1; }`;
  return sh`${growPartition(partitioned)}
${blank ? sh`:` : check}
resize2fs "$part" >/dev/null 2>&1 || { echo "resize2fs failed" >&2; exit 1; }
tune2fs -U "$uuid" -e remount-ro ${mmp ? sh`-O mmp -E mmp_update_interval=5 ` : sh``}"$part" >/dev/null`;
}

function xfsBody(partitioned: boolean, making: string) {
  const at = `${making}.mount`;
  return sh`${growPartition(partitioned)}
mkdir -p ${at}
mount -t xfs -o nouuid "$part" ${at}
xfs_growfs ${at} >/dev/null || { umount ${at}; exit 1; }
umount ${at}
rmdir ${at}
xfs_admin -U "$uuid" "$part" >/dev/null`;
}
