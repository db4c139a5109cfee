/** What an operation leaves its hosts to do is no part of the next one: udev still looks at a hundred mounts, say. */
import { hostNames, ssh } from "../../lab/index.js";

const LOOKS = 30;

/** Hundredths of a second of processor time in two seconds: what the reading takes itself is less. */
const QUIET = 25;

const BUSY = `busy() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat; }
before=$(busy); sleep 2; echo $(($(busy) - before))`;

/** Waits, a minute at most, until all hosts are quiet. */
export async function rest(): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    const busy = await Promise.all(hostNames.map(async (host) => Number((await ssh(host, BUSY)).stdout)));
    if (busy.every((hundredths) => hundredths <= QUIET)) return;
  }
}
