/**
 * Writes that were answered and not flushed when a fault comes. A flush after it may fail; when it succeeds, they are on
 * the disk: whoever serves the volume anew must not have forgotten them.
 */
import { NAME } from "./floating.js";
import { said } from "./hosts.js";

const FILE = `/mnt/mooring/${NAME}/unflushed`;
const COPY = "/run/unflushed";

/**
 * Nothing else on the volume flushes meanwhile, until {@link letFlush}: the container is paused, and ext4 writes its
 * journal only after five seconds. The file has room that was never written to, so the image takes new clusters.
 */
export async function writeUnflushed(): Promise<void> {
  await said(
    "node-01",
    `set -e
head -c 1M /dev/urandom > ${COPY}
rm -f ${FILE}
fallocate -l 1M ${FILE}
sync ${FILE}
docker pause ${NAME} > /dev/null
dd if=${COPY} of=${FILE} bs=64k oflag=direct conv=notrunc status=none`,
  );
}

export async function letFlush(): Promise<void> {
  await said("node-01", `docker unpause ${NAME}`);
}

/** During an outage that is a pause the flush waits, and succeeds; then all is there, past the node's own memory. */
export async function flushedLate(): Promise<void> {
  const found = await said(
    "node-01",
    `{ sync ${FILE} && dd if=${FILE} iflag=direct bs=64k status=none | cmp - ${COPY} && rm ${FILE} ${COPY} && echo kept; } 2>&1 || true`,
  );
  if (found !== "kept")
    throw new Error(`what was written before the fault can't be flushed after it, or is lost: ${found}`);
}
