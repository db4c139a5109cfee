import { sh } from "../host/sh.js";
import { removeIfEmpty, run, runFor, type Step } from "../host/steps.js";
import { write, writeThrough } from "../host/writing.js";
import { POOL } from "../pool.js";
import { starting, stopping } from "../systemd.js";
import { volumeEnvironmentFile } from "../volume-record.js";
import { DH_PARAMETERS } from "./dh-params.js";
import { credentialDirectory, type Endpoint, exportSocket, exportUnit } from "./export-units.js";

/** What has an export served, to whom, or not at all. */

/** Where `systemctl set-property` writes. */
const ALLOW_LISTS = "/etc/systemd/system.control";

/** The key of the attachment that holds the volume. */
function exportKeyFile(name: string): string {
  return `${credentialDirectory(name)}/keys.psk`;
}

/** Whoever holds the volume with this credential is served: the units' condition is there, and with TLS the key. */
export function isKeyed(
  credentials: ReadonlyMap<string, string>,
  name: string,
  credential: string | undefined,
): boolean {
  return (
    credentials.has(`${credentialDirectory(name)}/`) && credentials.get(exportKeyFile(name)) === credential
  );
}

/** The addresses that {@link letIn} lets in. */
export function allowListFile(name: string): string {
  return `${ALLOW_LISTS}/${exportSocket(name)}.d/50-IPAddressAllow.conf`;
}

/** The user in a pre-shared key file. */
export const CREDENTIAL_USER = "mooring";

/** Ends every connection, and takes no further one. */
export function stopServing(name: string): Step {
  return runFor(`stop serving ${name}`, [exportSocket(name), exportUnit(name)], stopping(60));
}

/** Starts what {@link stopServing} stopped; where nobody holds the volume the units' condition keeps them down. */
export function startServing(name: string): Step {
  return runFor(
    `start serving ${name}`,
    [exportSocket(name), exportUnit(name)],
    sh`systemctl reset-failed "$@" 2>/dev/null || true
${starting(60)}`,
  );
}

/** One node alone, at this address and with this key, gets the volume once it is served. */
export function letIn(name: string, { tls }: Endpoint, address: string, key: string): Step[] {
  const directory = credentialDirectory(name);
  const credential = { ...write(exportKeyFile(name), keyText(key), "0600"), secret: true };
  return [
    runFor(`make ${directory}`, [directory], sh`mkdir -p -m 0700 ${POOL}/keys "$@"`, directory),
    ...(tls ? [write(`${directory}/dh-params.pem`, DH_PARAMETERS, "0600"), credential] : []),
    letAddressIn(name, address),
  ];
}

/** What is served from the next start on: the epoch is in the export's name. */
export function setEpoch(name: string, { port }: Pick<Endpoint, "port">, epoch: number): Step {
  return writeThrough(volumeEnvironmentFile(name), `MOORING_PORT=${port}\nMOORING_EPOCH=${epoch}\n`);
}

/** Who has the key gets in from this address alone. */
export function letAddressIn(name: string, address: string): Step {
  return run(
    `let ${address} alone in`,
    sh`systemctl set-property ${exportSocket(name)} IPAddressAllow= ${`IPAddressAllow=${address}`}`,
    ALLOW_LISTS,
  );
}

/** The allow-list has an address; systemd writes it in its own way, so which one is not compared. */
export function hasAddress(allowList: string | undefined): boolean {
  return /^IPAddressAllow=./m.test(allowList ?? "");
}

/** No address gets to the export's port any more. */
export function letNobodyIn(name: string): Step {
  return run(
    `let nobody in to ${name}`,
    sh`systemctl set-property ${exportSocket(name)} IPAddressAllow=`,
    ALLOW_LISTS,
  );
}

/** With it goes the condition of the export's units: they do not start any more. */
export function removeCredential(name: string): Step {
  return runFor(
    `revoke the credential of ${name}`,
    [credentialDirectory(name)],
    sh`rm -rf -- "$@"
${removeIfEmpty(`${POOL}/keys`)}`,
    `${POOL}/keys`,
  );
}

/** What `systemctl set-property` left. */
export function removeAllowList(name: string): Step {
  return run(
    `remove the allow-list of ${name}`,
    sh`rm -rf ${`${ALLOW_LISTS}/${exportSocket(name)}.d`}
${removeIfEmpty(ALLOW_LISTS)}`,
    ALLOW_LISTS,
  );
}

/** The content of a key file, as GnuTLS and qemu want it. */
export function keyText(key: string): string {
  return `${CREDENTIAL_USER}:${key}\n`;
}
