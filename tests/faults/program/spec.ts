export type Node = "node-01" | "node-02";

/** What a fault's stack has on the hosts. It stands in the stack's configuration. */
export interface Spec {
  readonly volumes: readonly VolumeSpec[];
  /** Port of the process that takes acknowledgements. */
  readonly listener: number;
}

export interface VolumeSpec {
  /** Of the volume, and of its container. */
  readonly name: string;
  /** Where it is attached, and its container runs. Without one the volume is made and nothing more. */
  readonly node?: Node;
  /** "their …": another stack makes the volume, this one attaches it. */
  readonly backend?: "nbd" | "nfs" | "their nbd" | "their nfs";
  readonly reconnectDelay?: string;
  /** A node that is the storage host, too. */
  readonly storage?: Node;
  /** "writer" appends numbered lines and acknowledges each; "mariadb" is a database. */
  readonly container?: "writer" | "mariadb" | "none";
}
