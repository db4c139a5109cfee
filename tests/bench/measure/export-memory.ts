/** Memory of the storage host that an export takes. */
import { ssh } from "../../lab/index.js";
import { partsOf, type VolumeWork } from "../works.js";

/** Resident memory and swap of the servers, in kB, and what of the kernel's memory can't be given back. */
const LOOK = `for process in $(pidof qemu-nbd); do cat /proc/$process/status; done 2>/dev/null |
  awk '/^Vm(RSS|Swap):/ { kB += $2 } END { print kB + 0 }'
awk '/^SUnreclaim:/ { print $2 }' /proc/meminfo`;

export interface StorageMemory {
  readonly serverBytes: number;
  readonly kernelBytes: number;
}

export async function storageMemory(): Promise<StorageMemory> {
  return memoryIn((await ssh("storage", LOOK)).stdout);
}

export function memoryIn(said: string): StorageMemory {
  const [servers = 0, kernel = 0] = said.trim().split("\n").map(Number);
  return { serverBytes: servers * 1024, kernelBytes: kernel * 1024 };
}

/** `undefined` where nothing is exported. */
export function bytesPerExport(
  work: VolumeWork,
  count: number,
  before: StorageMemory,
  after: StorageMemory,
): number | undefined {
  const parts = partsOf[work];
  if (parts.includes("nbd-exports")) return (after.serverBytes - before.serverBytes) / count;
  if (parts.includes("nfs-exports")) return Math.max(0, after.kernelBytes - before.kernelBytes) / count;
  return undefined;
}
