/** MariaDB as the judge of loss: a row counts when its INSERT was answered. */
import { type HostName, ssh } from "../../lab/index.js";
import type { Acknowledgements } from "./acknowledgements.js";
import { said } from "./hosts.js";
import { until } from "./until.js";
import { HEALTH_CHECK, OUTSIDE } from "./writer.js";

/** Of the volume, and of its container. */
export const DATABASE = "db";
const TABLE = "faults.log";

export async function makeTable(node: HostName): Promise<void> {
  await sql(node, `CREATE TABLE IF NOT EXISTS ${TABLE} (id INT PRIMARY KEY);`);
}

/** Inserts row after row, from `first` on, until the node or the database ends. Each answer goes out at once. */
export async function startInserts(
  acknowledged: Acknowledgements,
  node: HostName,
  first: number,
): Promise<void> {
  const script = `n=${first - 1}
while :; do n=$((n + 1)); echo "INSERT INTO ${TABLE} VALUES ($n); SELECT 'rows $n ${node}';"; done |
  docker exec -i ${DATABASE} mariadb --batch --skip-column-names --unbuffered > /dev/tcp/${OUTSIDE}/${acknowledged.port}`;
  await ssh(node, `systemd-run -q --collect bash -c "$(cat)"`, { input: script });
  await acknowledged.goOn("rows", 60_000);
}

/** Every row whose INSERT was answered is there. */
export async function noRowLost(acknowledged: Acknowledgements, node: HostName): Promise<number> {
  const answered = acknowledged.entries("rows").map((entry) => entry.split(" ")[0] ?? "");
  const there = new Set((await sql(node, `SELECT id FROM ${TABLE};`)).split("\n"));
  const lost = answered.filter((id) => !there.has(id));
  if (lost.length > 0) {
    throw new Error(`${lost.length} of ${answered.length} rows are lost: ${lost.slice(0, 5).join(", ")} …`);
  }
  return answered.length;
}

const CLIENT = `docker exec -i ${DATABASE} mariadb --batch --skip-column-names`;

/** Listens on its socket (proc_pid_net(5), `unix`): from then on a query is worth its try. */
const LISTENS = `for pid in $(pidof mariadbd); do grep -q '00010000 .*/mysqld.sock$' /proc/$pid/net/unix && break; done`;

/**
 * Looks on the host, over one connection, and does next to nothing before a container runs: logins, and programs
 * started in vain, would slow down what is waited for.
 */
const FIRST_QUERY = `container() { set -- /sys/fs/cgroup/system.slice/docker-*.scope; [ -e "$1" ]; }
for try in $(seq 600); do container && break; sleep 0.3; done
for try in $(seq 300); do
  if [ -n "$(pidof mariadbd)" ] && ${LISTENS} && echo 'SELECT COUNT(*) FROM ${TABLE};' | ${CLIENT} 2>/dev/null; then break; fi
  sleep 0.1
done`;

export async function firstQuery(node: HostName, limitMs: number): Promise<void> {
  await until(`the database answers on ${node}`, limitMs, async () =>
    /^\d+$/.test(await said(node, FIRST_QUERY)),
  );
}

async function sql(node: HostName, statements: string): Promise<string> {
  return (await ssh(node, CLIENT, { input: statements })).stdout.trimEnd();
}

/** Whoever fails over first would wait longer: an emulated node is slow at what it does for the first time. */
export async function warmUp(node: HostName, image: string): Promise<void> {
  await said(
    node,
    `modprobe nbd nbds_max=64
udevadm settle
qemu-img create -q -f qcow2 /srv/warm.qcow2 64M
qemu-nbd --fork --connect=/dev/nbd15 --format=qcow2 /srv/warm.qcow2
qemu-nbd --disconnect /dev/nbd15 >/dev/null
rm /srv/warm.qcow2
docker run -d --name warm -e MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1 ${image} >/dev/null
for try in $(seq 600); do ${LISTENS}; docker exec warm mariadb -e 'SELECT 1' >/dev/null 2>&1 && break; sleep 1; done
docker rm -f -v warm >/dev/null`,
  );
}

const WITH_HEALTH_CHECK = `--health-cmd='mariadb --execute="SELECT 1"' --health-interval=${HEALTH_CHECK.interval} --health-start-period=${HEALTH_CHECK.startPeriod}`;

/** The least that a fail over takes: the same steps in plain shell, by somebody who knows them and does not look twice. */
export async function failOverByHand(to: HostName, image: string): Promise<void> {
  const clone = `/var/lib/mooring/clones/${DATABASE}.qcow2`;
  await said(
    "storage",
    `systemctl stop mooring-export-${DATABASE}.socket mooring-export-${DATABASE}.service
qemu-img check -q ${clone}
modprobe nbd
qemu-nbd --connect=/dev/nbd15 --format=qcow2 ${clone}
for try in $(seq 50); do [ "$(blockdev --getsize64 /dev/nbd15)" = 0 ] || break; sleep 0.1; done
! dumpe2fs -h /dev/nbd15 2>/dev/null | grep -q '^Filesystem features:.* mmp' || tune2fs -f -E clear_mmp /dev/nbd15 >/dev/null
qemu-nbd --disconnect /dev/nbd15 >/dev/null
for try in $(seq 50); do [ -e /sys/block/nbd15/pid ] || break; sleep 0.1; done
systemd-run -q --unit=by-hand qemu-nbd --persistent --format=qcow2 --bind=10.77.0.11 --port=10999 --export-name=by-hand ${clone}`,
  );
  await said(
    to,
    `modprobe nbd nbds_max=64
udevadm settle
for try in $(seq 50); do
  qemu-nbd --fork --connect=/dev/nbd15 --image-opts driver=nbd,server.type=inet,server.host=10.77.0.11,server.port=10999,export=by-hand 2>/dev/null && break
  sleep 0.1
done
for try in $(seq 50); do [ "$(blockdev --getsize64 /dev/nbd15)" = 0 ] || break; sleep 0.1; done
mkdir -p /mnt/by-hand
mount /dev/nbd15 /mnt/by-hand
docker run -d --name ${DATABASE} ${WITH_HEALTH_CHECK} -v /mnt/by-hand/data:/var/lib/mysql ${image} >/dev/null`,
  );
  await firstQuery(to, 3 * 60_000);
}

export async function undoByHand(on: HostName): Promise<void> {
  await said(
    on,
    `docker rm -f ${DATABASE} >/dev/null
umount /mnt/by-hand && rmdir /mnt/by-hand
qemu-nbd --disconnect /dev/nbd15 >/dev/null`,
  );
  await said(
    "storage",
    `systemctl stop by-hand
systemctl start mooring-export-${DATABASE}.socket`,
  );
}
