/** What is done, as data: every contestant gets the same. */

export const workNames = ["nfs", "nbd", "containers", "scale", "fail-over"] as const;
export type WorkName = (typeof workNames)[number];
export type VolumeWork = Exclude<WorkName, "fail-over">;

export const operations = ["create", "no change", "one change", "destroy"] as const;
export type VolumeOperation = (typeof operations)[number];
export type Operation = VolumeOperation | "fail over";

/** What a volume has in a work, in the order in which it is made. It is removed in the opposite one. */
export type Part = "nfs-exports" | "clones" | "nbd-exports" | "nfs-mounts" | "attachments" | "containers";

export const partsOf: Readonly<Record<VolumeWork, readonly Part[]>> = {
  nfs: ["nfs-exports", "nfs-mounts"],
  nbd: ["clones", "nbd-exports", "attachments"],
  containers: ["nfs-exports", "nfs-mounts", "containers"],
  scale: ["nfs-exports", "clones"],
};

/** The other parts are on the volume's node. */
export const onStorage: ReadonlySet<Part> = new Set(["nfs-exports", "clones", "nbd-exports"]);

export const descriptions: Readonly<Record<WorkName, string>> = {
  nfs: "N directories exported over NFS and mounted on a node",
  nbd: "N linked clones exported over NBD, attached and mounted on nodes",
  containers: "N directories over NFS, each in a container on a node",
  scale: "N directories exported over NFS and N linked clones, on the storage host alone",
  "fail-over": "a database's node loses its power, and the database starts on another",
};

export interface Volume {
  readonly name: string;
  readonly node: "node-01" | "node-02";
  /** Who may mount its directory. */
  readonly client: string;
  /** Of its linked clone. */
  readonly sizeMiB: number;
  /** Of its container. */
  readonly memoryMiB: number;
}

const NETWORK = "10.77.0.0/24";
const NODE_ADDRESS = "10.77.0.12";
/** Of each clone before it grows. The template is smaller: a clone's file system has to follow its disk. */
export const TEMPLATE_MIB = 64;
/** What a container runs. It makes no process while it is watched: those are counted. */
export const WAIT_FOREVER = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"];
const MOST_ON_A_NODE = 50;
/** Hosts of the lab have fewer nbd devices. */
export const DEVICES_ON_A_NODE = 64;

export function needsDevices(work: VolumeWork): boolean {
  return partsOf[work].includes("attachments");
}

/** The largest N. */
export function mostOf(work: VolumeWork): number {
  return needsDevices(work) ? MOST_ON_A_NODE * 2 : 9999;
}

/** The one change, which the first volume has. */
const changes: Readonly<Record<VolumeWork, Partial<Volume>>> = {
  nfs: { client: NODE_ADDRESS },
  nbd: { sizeMiB: 192 },
  containers: { memoryMiB: 48 },
  scale: { client: NODE_ADDRESS },
};

/** `changed`: after the one change. */
export function volumesOf(work: VolumeWork, count: number, changed: boolean): Volume[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `v${String(index + 1).padStart(4, "0")}`,
    node: needsDevices(work) && index >= MOST_ON_A_NODE ? "node-02" : "node-01",
    client: NETWORK,
    sizeMiB: 128,
    memoryMiB: 32,
    ...(changed && index === 0 && changes[work]),
  }));
}
