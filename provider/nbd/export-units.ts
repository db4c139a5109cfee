import { isIP } from "node:net";
import { sh } from "../host/sh.js";
import { run, type Step } from "../host/steps.js";
import { header } from "../ownership.js";
import { cloneFile, POOL } from "../pool.js";
import { UNIT_DIRECTORY, unitFile } from "../systemd.js";
import { volumeEnvironmentFile } from "../volume-record.js";

/** All that knows which program serves a volume over NBD: one `qemu-nbd` per export, behind a systemd socket. */

/** Where and how a volume is served. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** Encrypted, with a key for each attachment. */
  readonly tls: boolean;
}

interface Served {
  readonly owner: string;
  readonly name: string;
  readonly address: string;
  readonly tls: boolean;
}

export function exportUnit(name: string): string {
  return `mooring-export-${name}.service`;
}

export function exportSocket(name: string): string {
  return `mooring-export-${name}.socket`;
}

/** What a node asks for. The epoch in it makes an old name stop existing. */
export function exportName(name: string, epoch: number): string {
  return `${name}.g${epoch}`;
}

/** Exists while an attachment holds the volume: without it nothing is served, also not at boot. */
export function credentialDirectory(name: string): string {
  return `${POOL}/keys/${name}`;
}

/**
 * One connection: a second client waits until the first is gone.
 *
 * `writethrough`: a write is answered when it is on the disk. A client that finds its server again sends anew what had
 * no answer, and nothing else; what was answered out of a cache, and went with a crash of the server, it would take for
 * written, and the next flush would say so too (block/nbd.c of QEMU; docs/decisions/0015).
 */
export function exportUnitText({ owner, name, tls }: Served): string {
  const credential = tls
    ? `--object tls-creds-psk,id=tls,endpoint=server,dir=${credentialDirectory(name)} --tls-creds=tls `
    : "";
  return `${header(owner)}[Unit]
Description=Mooring: data volume ${name} exported over NBD
ConditionPathExists=${credentialDirectory(name)}
RequiresMountsFor=${POOL}
StartLimitIntervalSec=0

[Service]
EnvironmentFile=${volumeEnvironmentFile(name)}
ExecStart=/usr/bin/qemu-nbd --persistent --shared=1 --format=qcow2 --cache=writethrough --discard=unmap ${credential}--export-name=${name}.g\${MOORING_EPOCH} ${cloneFile(name)}
Restart=on-failure
RestartSec=1
`;
}

/**
 * A client that lost its power leaves its connection behind, and qemu-nbd would keep the one slot for it: the kernel
 * asks after 5 s of silence and frees it after 25. Only the attachment's node gets in: the address that
 * `letIn` sets.
 *
 * `NoDelay`: before 8.1 qemu-nbd does not set TCP_NODELAY by itself, and with TLS each small answer waits for the
 * client's delayed acknowledgement, 40 ms and more (QEMU's "nbd/server: Request TCP_NODELAY").
 *
 * The condition is looked at once, at boot: not before the images' disk is mounted, also one that the boot does not
 * wait for. That may be later than sockets.target, which sockets are before by default: a disk on the network.
 */
export function exportSocketText({ owner, name, address, port }: Served & { port: number | string }): string {
  return `${header(owner)}[Unit]
Description=Mooring: data volume ${name} exported over NBD
ConditionPathExists=${credentialDirectory(name)}
RequiresMountsFor=${POOL}
DefaultDependencies=no
Requires=sysinit.target
After=sysinit.target
Conflicts=shutdown.target
Before=shutdown.target

[Socket]
ListenStream=${listenAddress(address, port)}
FreeBind=yes
NoDelay=yes
KeepAlive=yes
KeepAliveTimeSec=5
KeepAliveIntervalSec=5
KeepAliveProbes=4
IPAddressDeny=any

[Install]
WantedBy=multi-user.target
`;
}

/** In one line, as the volume's record keeps it. */
export function describeServer({ address, port, tls }: Endpoint): string {
  return `${listenAddress(address, port)} ${tls ? "with TLS" : "without TLS"}`;
}

function listenAddress(address: string, port: number | string): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** The endpoint that the files say; the port is reserved before the socket's unit is written. */
export function endpointIn(
  unitText: string | undefined,
  socketText: string | undefined,
  environment: string | undefined,
): Endpoint | undefined {
  const address = socketText?.match(/^ListenStream=\[?([\da-f.:]+?)\]?:\d+$/im)?.[1] ?? "";
  const port = portIn(environment);
  if (unitText === undefined || isIP(address) === 0 || port === undefined) return undefined;
  return { address, port, tls: unitText.includes(" --tls-creds=") };
}

export function portOfSocket(socketText: string | undefined): number | undefined {
  const port = socketText?.match(/^ListenStream=.*:(\d+)$/m)?.[1];
  return port === undefined ? undefined : Number(port);
}

export function portIn(environment: string | undefined): number | undefined {
  const port = environment?.match(/^MOORING_PORT=(\d+)$/m)?.[1];
  return port === undefined ? undefined : Number(port);
}

/** The epoch that is served. */
export function epochIn(environment: string | undefined): number | undefined {
  const epoch = environment?.match(/^MOORING_EPOCH=(\d+)$/m)?.[1];
  return epoch === undefined ? undefined : Number(epoch);
}

export function writeSocket(served: Served): Step {
  const file = unitFile(exportSocket(served.name));
  const [before = "", after = ""] = exportSocketText({ ...served, port: "\0" }).split("\0");
  return run(
    `write ${file}`,
    sh`. ${volumeEnvironmentFile(served.name)}
printf '%s' ${before} "$MOORING_PORT" ${after} > ${`${file}.mooring-new`}
mv -f ${`${file}.mooring-new`} ${file}`,
    UNIT_DIRECTORY,
  );
}
