import { Sh, sh } from "../host/sh.js";
import { removeIfEmpty, run, runFor, type Step } from "../host/steps.js";
import { write, writeThrough } from "../host/writing.js";
import { POOL } from "../pool.js";
import { starting, stopping, UNIT_DIRECTORY } from "../systemd.js";
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
  return runFor(`let ${address} alone in`, [exportSocket(name), address], allowing, ALLOW_LISTS);
}

/** The allow-list has an address; systemd writes it in its own way, so which one is not compared. */
export function hasAddress(allowList: string | undefined): boolean {
  return /^IPAddressAllow=./m.test(allowList ?? "");
}

/** No address gets to the export's port any more. */
export function letNobodyIn(name: string): Step {
  return runFor(`let nobody in to ${name}`, [exportSocket(name), ""], allowing, ALLOW_LISTS);
}

/**
 * "$@" are a socket and an address, or none, for each. systemd takes 80 ms for one on a slow host: it is asked only
 * about a socket that it has loaded. Of another it reads the file, which is its own kind, when it loads it. It
 * remembers which files there are for as long as its other directories have not changed
 * (lookup_paths_timestamp_hash_same in systemd's unit-file.c).
 */
const allowing = sh`loaded="
$(systemctl list-units --all --full --plain --no-legend 'mooring-export-*.socket')"
dirs= new= n=0
for a do
  [ $((n % 2)) != 0 ] || case $loaded in *"
$a "*) ;; *) new="$new $a" dirs="$dirs ${new Sh(ALLOW_LISTS)}/$a.d" ;; esac
  n=$((n + 1))
done
[ -z "$dirs" ] || mkdir -p $dirs
while [ $# != 0 ]; do
  case "$new " in
  *" $1 "*) printf '[Socket]\nIPAddressAllow=\n%s' "\${2:+IPAddressAllow=$2
}" > "${new Sh(ALLOW_LISTS)}/$1.d/50-IPAddressAllow.conf" ;;
  *) systemctl set-property "$1" IPAddressAllow= \${2:+"IPAddressAllow=$2"} ;;
  esac
  shift 2
done
[ -z "$new" ] || {
  touch ${UNIT_DIRECTORY}
  # One may have been loaded meanwhile, and then has what was there before.
  read=$(systemctl show -p NeedDaemonReload -p DropInPaths -- $new)
  case $read in *=yes*) read= ;; esac
  for u in $new; do case $read in *"/$u.d/"*) ;; *) systemctl daemon-reload; break ;; esac; done
}`;

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
