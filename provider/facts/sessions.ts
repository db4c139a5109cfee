import type { Host } from "../host/host.js";
import { sh } from "../host/sh.js";

/** A connection to one of the storage host's exports. */
export interface Session {
  /** The peer, `address:port`. */
  readonly peer: string;
  /** Milliseconds since the peer's kernel last answered. */
  readonly silentMs: number;
  /** Bytes that it wrote to us. */
  readonly received: number;
}

/** A living peer answers the socket's keepalive, which comes after 5 s of silence: see nbd/export-units.ts. */
const LIVE_MS = 6500;

/** For the look itself: what is as old as that is then surely told from what answered. */
const MARGIN_MS = 100;

export function isLive({ silentMs }: Session): boolean {
  return silentMs < LIVE_MS;
}

/** The sessions on a port. One that was heard of a moment ago is looked at again, when a living peer must have answered anew. */
export async function readSessions(storage: Host, port: number): Promise<Session[]> {
  const said = await storage.run(
    `looking for sessions on port ${port}`,
    sh`look() { ss -Htino state established ${`sport = :${port}`}; }
wait=$(look | sed -n 's/.* lastack:\\([0-9]*\\).*/\\1/p' | awk ${`$1 < ${LIVE_MS} && ${LIVE_MS} - $1 > wait { wait = ${LIVE_MS} - $1 } END { if (wait) print 0.001 * (wait + ${MARGIN_MS}) }`})
[ -z "$wait" ] || sleep "$wait"
look`,
  );
  return parseSessions(said);
}

export function parseSessions(stdout: string): Session[] {
  return stdout
    .split(/\n(?=\S)/)
    .filter(Boolean)
    .map((text) => ({
      peer: text.split(/\s+/)[3] ?? "",
      silentMs: Number(text.match(/ lastack:(\d+)/)?.[1] ?? 0),
      received: Number(text.match(/ bytes_received:(\d+)/)?.[1] ?? 0),
    }));
}
