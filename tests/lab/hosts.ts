/** The three hosts of the lab, as constants that everything else derives from. */

export const hostNames = ["storage", "node-01", "node-02"] as const;
export type HostName = (typeof hostNames)[number];

export interface HostPlan {
  /** Address on the private network between the hosts. */
  address: string;
  /** Of the NIC on the private network. */
  mac: string;
  memoryMiB: number;
}

export const hostPlans: Record<HostName, HostPlan> = {
  storage: { address: "10.77.0.11", mac: "52:54:00:4d:00:11", memoryMiB: 1536 },
  "node-01": { address: "10.77.0.12", mac: "52:54:00:4d:00:12", memoryMiB: 2048 },
  "node-02": { address: "10.77.0.13", mac: "52:54:00:4d:00:13", memoryMiB: 2048 },
};

/** Runs on all three hosts at once and waits for all, also when one fails: nothing goes on unseen. */
export async function onAll<T>(work: (name: HostName) => Promise<T>): Promise<Record<HostName, T>> {
  const outcomes = await Promise.allSettled(hostNames.map(work));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
  const values = outcomes.map((outcome, index) => [
    hostNames[index],
    (outcome as PromiseFulfilledResult<T>).value,
  ]);
  return Object.fromEntries(values) as Record<HostName, T>;
}
