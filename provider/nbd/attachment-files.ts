import { dirname } from "node:path";
import { quote, type Sh } from "../host/sh.js";
import { millisecondsOf } from "../inputs/schemas.js";
import { header } from "../ownership.js";
import { POOL } from "../pool.js";
import type { VolumeRecord } from "../volume-record.js";
import { checkExt4, clearOwnMark, readExt4 } from "./attachment-ext4.js";
import { markRoom, measureXfs } from "./attachment-growth.js";
import type { NbdAttachmentInputs } from "./attachment-inputs.js";
import { attachedLink, attachedTask, grownFile, roomMark } from "./attachment-marks.js";
import { type Endpoint, exportName, exportSocket, exportUnit } from "./export-units.js";
import { connectFreeDevice } from "./local-device.js";
import { CREDENTIAL_USER } from "./serving.js";

/** The files of an attachment on a node: a script that attaches and detaches, and two units. */

export interface AttachmentSpec {
  readonly owner: string;
  readonly name: string;
  readonly path: string;
  readonly options: readonly string[];
  readonly client: "qemu-nbd" | "nbd-client";
  /** Seconds that writers wait for the storage host before they get an error. */
  readonly reconnectSeconds: number;
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
  /** The address that the storage host lets in. */
  readonly nodeAddress: string;
  readonly exportName: string;
  readonly fsType: string;
  readonly fsUuid: string;
  readonly partitioned: boolean;
}

export function specOf(
  inputs: NbdAttachmentInputs,
  record: VolumeRecord,
  endpoint: Endpoint,
  epoch: number,
): AttachmentSpec {
  const { owner, name, path, options, client, reconnectDelay, address: nodeAddress } = inputs;
  const { fsType, fsUuid, partitioned } = record;
  return {
    owner,
    name,
    path,
    options,
    client,
    reconnectSeconds: Math.ceil(millisecondsOf(reconnectDelay) / 1000),
    ...endpoint,
    nodeAddress,
    exportName: exportName(name, epoch),
    fsType,
    fsUuid,
    partitioned,
  };
}

export function attachUnit(name: string): string {
  return `mooring-attach-${name}.service`;
}

export function attachScriptFile(name: string): string {
  return `${POOL}/attachments/${name}.sh`;
}

/** The key for the current epoch. */
export function attachmentKeyFile(name: string): string {
  return `${POOL}/attachments/${name}/keys.psk`;
}

export function attachUnitText({ owner, name, client }: AttachmentSpec): string {
  // nbd-client leaves the connection to the kernel and ends; qemu-nbd stays, and reconnects.
  const type =
    client === "qemu-nbd"
      ? `Type=forking\nPIDFile=/run/mooring/attach-${name}.pid`
      : "Type=oneshot\nRemainAfterExit=yes";
  // Of a node that is the storage host, too, the server is there first, and stops last.
  return `${header(owner)}[Unit]
Description=Mooring: data volume ${name} attached over NBD
After=network-online.target systemd-modules-load.service modprobe@nbd.service
After=${exportSocket(name)} ${exportUnit(name)}
Wants=network-online.target modprobe@nbd.service
StartLimitIntervalSec=0

[Service]
${type}
ExecStart=/bin/sh ${attachScriptFile(name)} attach
ExecStop=/bin/sh ${attachScriptFile(name)} detach
KillMode=mixed
Restart=on-failure
RestartSec=5
TimeoutStartSec=infinity
TimeoutStopSec=120
TimeoutStopFailureMode=kill

[Install]
WantedBy=multi-user.target
`;
}

export function mountUnitText({ owner, name, path, fsType, options }: AttachmentSpec): string {
  const unit = attachUnit(name);
  return `${header(owner)}[Unit]
Description=Mooring: data volume ${name}
BindsTo=${unit}
After=${unit}

[Mount]
What=${attachedLink(name)}
Where=${path}
Type=${fsType}
Options=${["_netdev", "nofail", ...options].join(",")}
TimeoutSec=180

[Install]
WantedBy=${unit}
`;
}

/**
 * Picks a free device, connects it, and lets nobody use it before the file system on it is the expected one. No mkfs:
 * what is unreadable stays as it is.
 */
export function attachScriptText(spec: AttachmentSpec): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's variable, not ours
  const part = spec.partitioned ? "${dev}p1" : "$dev";
  return `#!/bin/sh
${header(spec.owner)}# Export: ${spec.exportName} at ${spec.address}:${spec.port}
set -eu
link=${quote(attachedLink(spec.name))}
pid=${quote(`/run/mooring/attach-${spec.name}.pid`)}
task=${quote(attachedTask(spec.name))}
room=${quote(roomMark(spec.name))}
grown=${quote(grownFile(spec.name))}
fail() { echo "$1" >&2; exit 1; }
connected() { [ -e "/sys/block/\${dev##*/}/pid" ]; }
waitfor() { n=0; until "$@"; do n=$((n + 1)); [ $n -lt 100 ] || return 1; sleep 0.1; done; }
own() { connected && [ "$(cat "/sys/block/\${dev##*/}/pid")" = "$(cat "$task" 2>/dev/null)" ]; }
ready() { connected && [ -b "${part}" ] && read -r size < "/sys/block/\${dev##*/}/size" && [ "$size" -gt 0 ]; }
gone() { ! connected; }
${spec.fsType === "ext4" ? `${readExt4(part)}check() { said=$(e2fsck -fp "${part}" 2>&1) || [ $? -le 1 ]; }\n` : ""}disconnect() {
  ${spec.client === "qemu-nbd" ? 'qemu-nbd --disconnect "$dev"' : 'nbd-client -d "$dev"'} >/dev/null
  waitfor gone || fail "$dev is still connected"
  rm -f "$link" "$pid" "$task" "$room"
}

attach() {
  [ -d "\${link%/*}" ] || mkdir -p "\${link%/*}"
  if [ -L "$link" ]; then
    dev=$(readlink "$link"); dev=\${dev%p1}
    # A crash of the client left it: what it held is unmounted by systemd before this runs again. The device may be
    # another volume's by now.
    if own; then disconnect; else rm -f "$link"; fi
  fi
  ${indented(connectFreeDevice(connectCommand(spec), 10, silence(spec)))}
  waitfor ready || { disconnect; fail "${part} did not become ready"; }
${spec.partitioned ? settle(part) : ""}  read -r id < "/sys/block/\${dev##*/}/pid"
  echo "$id" > "$task"
  # Before what takes its time: who comes next finds the connection that nbd-client left when it was stopped in it.
  ln -sfn "${part}" "$link"
  exec 8>&-
  ${spec.fsType === "ext4" ? "look" : `uuid=$(blkid -p -s UUID -o value "${part}") || uuid=`}
  [ "$uuid" = ${quote(spec.fsUuid)} ] || {
    disconnect
    fail "the export carries file system '\${uuid:-unreadable}', expected ${spec.fsUuid}: it was not mounted and nothing was written"
  }
${spec.fsType === "ext4" ? `${clearOwnMark(part)}${checkExt4(part)}` : measureXfs(part)}${markRoom(spec.partitioned)}}

detach() {
  [ -L "$link" ] || exit 0
  dev=$(readlink "$link"); dev=\${dev%p1}
  if own; then
    blockdev --flushbufs "$dev" || true
    disconnect
  else
    rm -f "$link" "$pid" "$task" "$room"
  fi
}

case \${1-} in
attach | detach) "$1" ;;
*) fail "usage: $0 attach|detach" ;;
esac
`;
}

function indented(shell: string | Sh): string {
  return String(shell).replaceAll("\n", "\n  ");
}

function connectCommand(spec: AttachmentSpec): string {
  const { client, name, address, port, tls, exportName, reconnectSeconds } = spec;
  if (client === "nbd-client") {
    return `timeout 60 nbd-client ${address} ${port} "$dev" -N ${quote(exportName)} -timeout ${reconnectSeconds} 8>&- >/dev/null`;
  }
  const credential = tls
    ? `--object tls-creds-psk,id=tls,endpoint=client,dir=${dirname(attachmentKeyFile(name))},username=${CREDENTIAL_USER} `
    : "";
  const options = `driver=nbd,server.type=inet,server.host=${address},server.port=${port},export=${exportName},${tls ? "tls-creds=tls," : ""}reconnect-delay=${reconnectSeconds},open-timeout=30`;
  return `timeout 60 qemu-nbd --fork --pid-file="$pid" --connect="$dev" --discard=unmap ${credential}--image-opts ${quote(options)} 8>&-`;
}

/** The storage host drops what comes from another address without a word. */
function silence({ address, port, nodeAddress }: AttachmentSpec): string {
  return `no answer from ${address}:${port} within 60 s. It lets ${nodeAddress} alone in: is that the address this node connects from?`;
}

/** Waits for all that udev has to do, also with what others connect: a device without partitions needs none of it. */
function settle(part: string): string {
  return `  # The client looks for partitions, and then udev has the kernel read them again: one goes for a moment. systemd would
  # unmount what is on it, were that told only after the mount.
  udevadm settle -t 10 || true
  waitfor ready || { disconnect; fail "${part} did not stay"; }
`;
}
