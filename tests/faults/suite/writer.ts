/** The judge of loss: a writer that acknowledges a line only when it is on the disk. */

export const TINY = "mooring-lab/tiny:1";
export const TINY_ARCHIVE = "/srv/images/tiny.tar";
export const MARIADB = "mooring-lab/mariadb:1";
export const MARIADB_ARCHIVE = "/srv/images/mariadb.tar";

/** Of the database, whoever starts it. */
export const HEALTH_CHECK = {
  command: ["mariadb", "--execute=SELECT 1"],
  interval: "2s",
  startPeriod: "10m",
};

/** This machine's loopback, as the hosts see it. */
export const OUTSIDE = "10.0.2.2";

/** Numbers go on after a restart. A line that a crash tore off is ended first, and counts for nothing. */
const WRITE = `trap 'exit 0' TERM
echo >> /data/log || exit 1
n=$(sed -n 's/^\\([0-9][0-9]*\\) .* ok$/\\1/p' /data/log | tail -n 1)
while :; do
  n=$((n + 1))
  echo "$n $NODE ok" >> /data/log && sync /data/log && echo "$WRITER $n $NODE" || exit 1
done`;

/** Its standard output is the connection to the process that takes acknowledgements. */
export function writerCommand(name: string, port: number): string[] {
  return ["nc", OUTSIDE, String(port), "-e", "/bin/sh", "-c", `WRITER=${name}\n${WRITE}`];
}
