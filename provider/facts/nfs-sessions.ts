import { BlockList, isIP } from "node:net";
import type { Host } from "../host/host.js";
import { sh } from "../host/sh.js";

/** A client of the NFS server. */
export interface NfsSession {
  /** Its address, and the port that it came from first. */
  readonly peer: string;
  readonly address: string;
  /** Seconds since its last request. */
  readonly silentSeconds: number | undefined;
  /** Something at its address answers. */
  readonly answers: boolean;
}

/** Seconds that a client is listened to. */
const LISTEN = 5;

/**
 * The clients at an address, or in a network. How long ago one was heard of says little: an idle one renews its lease
 * once a minute, and one that has just lost its power looks the same. So the address is asked. Whatever answers is
 * alive: ARP, which no firewall filters (what the kernel remembers is forgotten first), a connection, a refusal. And
 * one that makes a request meanwhile is, too, where a router stands between and a firewall is silent.
 */
export async function readNfsSessions(storage: Host, address: string): Promise<NfsSession[]> {
  const said = await storage.run(
    "looking for clients of the NFS server",
    sh`[ -d /proc/fs/nfsd/clients ] || [ ! -e /proc/fs/nfsd/threads ] || { echo "this kernel does not tell the clients of its NFS server (Linux 5.3 does)" >&2; exit 1; }
cat /proc/fs/nfsd/clients/*/info 2>/dev/null || true`,
  );
  const sessions = parseNfsSessions(said).filter((session) => covers(address, session.address));
  if (sessions.length === 0) return [];
  const answering = await storage.run(
    `asking ${sessions.map((session) => session.address).join(", ")}`,
    sh`command -v bash >/dev/null || { echo "there is no bash, which opens a connection" >&2; exit 1; }
for a in ${[...new Set(sessions.map((session) => session.address))]}; do (
  began=$(date +%s)
  ip neigh flush to "$a" 2>/dev/null || true
  if said=$(LC_ALL=C timeout ${LISTEN} bash -c ': <"/dev/tcp/$0/9"' "$a" 2>&1); then echo "$a"; exit; fi
  case $said in *refused*) echo "$a"; exit ;; esac
  # Another program that asks may just have made the kernel forget it: it is looked for until the end.
  while :; do
    if ip neigh show to "$a" | grep -v PERMANENT | grep -q lladdr; then echo "$a"; exit; fi
    [ $(($(date +%s) - began)) -lt ${LISTEN} ] || break
    sleep 1
  done
  for c in /proc/fs/nfsd/clients/*; do
    info=$(cat "$c/info" 2>/dev/null) || continue
    case $info in *"address: \\"$a:"* | *"address: \\"[$a]:"*) ;; *) continue ;; esac
    silent=$(printf '%s\n' "$info" | sed -n 's/^seconds from last renew: //p')
    [ "\${silent:-0}" -ge ${LISTEN - 1} ] || { echo "$a"; exit; }
  done
) & done
wait`,
  );
  const alive = answering.split("\n");
  return sessions.map((session) => ({ ...session, answers: alive.includes(session.address) }));
}

export function parseNfsSessions(stdout: string): NfsSession[] {
  return stdout.split(/^(?=clientid: )/m).flatMap((text) => {
    const peer = text.match(/^address: "(.+)"$/m)?.[1];
    if (peer === undefined) return [];
    const silent = text.match(/^seconds from last renew: (\d+)$/m)?.[1];
    return [
      {
        peer,
        address: peer.replace(/:\d+$/, "").replace(/^\[|\]$/g, ""),
        silentSeconds: silent === undefined ? undefined : Number(silent),
        answers: false,
      },
    ];
  });
}

/** Whether an address is the same, or in the network. */
function covers(network: string, address: string): boolean {
  const [start = "", bits] = network.split("/");
  const [family, other] = [isIP(start), isIP(address)];
  if (family === 0 || family !== other) return false;
  const list = new BlockList();
  list.addSubnet(start, Number(bits ?? (family === 4 ? 32 : 128)), family === 4 ? "ipv4" : "ipv6");
  return list.check(address, family === 4 ? "ipv4" : "ipv6");
}
