import { dirname } from "node:path";
import { patience } from "../host/patience.js";
import { Sh, sh } from "../host/sh.js";
import { remove, run, runFor, type Step } from "../host/steps.js";
import { write } from "../host/writing.js";
import { makeMountPoint, removeMountPoint } from "../mount-point.js";
import { POOL } from "../pool.js";
import { enableUnits, removeUnits, restartUnits, stopUnit, UNIT_DIRECTORY, unitFile } from "../systemd.js";
import { refuseHeld } from "../unheld.js";
import { mountUnit } from "../unit-name.js";
import type { VolumeRecord } from "../volume-record.js";
import {
  attachmentKeyFile,
  attachScriptFile,
  attachScriptText,
  attachUnit,
  attachUnitText,
  mountUnitText,
  specOf,
} from "./attachment-files.js";
import { growFileSystem } from "./attachment-growth.js";
import type { NbdAttachmentInputs } from "./attachment-inputs.js";
import { attachedLink, attachedTask, grownFile, roomMark } from "./attachment-marks.js";
import type { Endpoint } from "./export-units.js";
import { keyText } from "./serving.js";

/** The steps of an attachment on its node. */

/** Container, mount, device: stopped in that order, and verified: the device is never pulled from under a mount. */
export function releaseOnNode({ name, path }: NbdAttachmentInputs): Step[] {
  const attach = attachUnit(name);
  return [
    stopUnit(mountUnit(path), 180),
    run(
      `check that nothing holds volume ${name}`,
      sh`number=
[ ! -L ${attachedLink(name)} ] || number=$(lsblk -dno MAJ:MIN "$(readlink ${attachedLink(name)})" 2>/dev/null | tr -d ' ') || number=
[ -z "$number" ] || {
${refuseHeld(sh`" $number "`)}
}`,
    ),
    stopUnit(attach, 150),
  ];
}

/**
 * The device of an attachment that no longer holds the volume leads nowhere: what waits for it gets its error now, not
 * when reconnectDelay is over.
 */
export function cutOffOnNode({ name }: NbdAttachmentInputs): Step {
  return run(
    `cut off the device of ${name}, which no longer holds the volume`,
    sh`file=${`/run/mooring/attach-${name}.pid`}
# A client that crashed left it: the number may be another program's by now.
if pid=$(cat $file 2>/dev/null) && tr '\\0' '\\n' < "/proc/$pid/cmdline" 2>/dev/null | grep -qx -- "--pid-file=$file"; then kill -KILL "$pid" 2>/dev/null || true; fi`,
  );
}

/** Last what says whose it is: cut off anywhere before, the next delete goes on. */
export function removeFromNode({ name, path }: NbdAttachmentInputs): Step[] {
  return [
    removeMountPoint(path),
    // A client that was killed leaves its link: the unit that failed has no stop.
    run(
      `remove the credential of ${name}`,
      sh`rm -rf ${dirname(attachmentKeyFile(name))} ${attachedLink(name)} ${attachedTask(name)} ${roomMark(name)} ${grownFile(name)}`,
      `${POOL}/attachments`,
    ),
    removeUnits(mountUnit(path), attachUnit(name)),
    remove(attachScriptFile(name)),
  ];
}

/** First what says whose it is: cut off anywhere behind, a delete finds the rest. */
export function writeOnNode(
  inputs: NbdAttachmentInputs,
  record: VolumeRecord,
  endpoint: Endpoint,
  epoch: number,
  key?: string,
): Step[] {
  const { name, path } = inputs;
  const spec = specOf(inputs, record, endpoint, epoch);
  return [
    write(attachScriptFile(name), attachScriptText(spec), "0700"),
    makeMountPoint(path),
    ...(key === undefined ? [] : writeKey(name, key)),
    write(unitFile(attachUnit(name)), attachUnitText(spec)),
    write(unitFile(mountUnit(path)), mountUnitText(spec)),
    enableUnits(attachUnit(name), mountUnit(path)),
  ];
}

function writeKey(name: string, key: string): Step[] {
  const file = attachmentKeyFile(name);
  return [
    runFor(
      `make ${dirname(file)}`,
      [dirname(file)],
      sh`mkdir -p ${POOL}/attachments\nmkdir -p -m 0700 -- "$@"`,
      dirname(file),
    ),
    { ...write(file, keyText(key), "0600"), secret: true },
  ];
}

/** The file system grows to what the device is now; where it has that size already this does nothing. */
export function startOnNode({ name, path }: NbdAttachmentInputs, fsType: VolumeRecord["fsType"]): Step[] {
  return [
    restartUnits(400, attachUnit(name), mountUnit(path)),
    growFileSystem(name, path, fsType),
    // systemd starts them with the mount; a container that fails is its own resource's error.
    runFor(
      `wait for containers on volume ${name}`,
      [mountUnit(path)],
      sh`for m do
  for u in ${new Sh(UNIT_DIRECTORY)}/"$m".wants/mooring-container-*.service; do
    [ ! -L "$u" ] || timeout --foreground ${patience(120)} systemctl start "\${u##*/}" || true
  done
done`,
    ),
  ];
}
