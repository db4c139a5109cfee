/** Whether all that was acknowledged is in the data. */
import { type HostName, ssh } from "../../lab/index.js";
import type { Acknowledgements } from "./acknowledgements.js";

/** Where a writer's file is on the node that its volume is attached to. */
export function logOf(name: string): string {
  return `/mnt/mooring/${name}/data/log`;
}

/**
 * Rejects unless everything that was acknowledged until now is in the data, which `node` has mounted. It is read past
 * the node's own memory, which has what it wrote also where the storage host has lost it.
 */
export async function nothingLost(
  acknowledged: Acknowledgements,
  name: string,
  node: HostName,
): Promise<void> {
  const entries = acknowledged.entries(name);
  if (entries.length === 0) throw new Error(`writer ${name} never acknowledged anything: nothing was tested`);
  const { stdout } = await ssh(node, `dd if=${logOf(name)} iflag=direct bs=64k status=none`);
  checkLog(entries, stdout, name);
}

export function checkLog(entries: readonly string[], log: string, name: string): void {
  const lines = log.split("\n");
  const written = lines.flatMap((line) => line.match(/^(\d+ \S+) ok$/)?.[1] ?? []);
  const there = new Set(written);
  const lost = entries.filter((entry) => !there.has(entry));
  if (lost.length > 0) {
    throw new Error(
      `${name}: ${lost.length} of ${entries.length} acknowledged lines are lost: ${lost.slice(0, 5).join(", ")} …`,
    );
  }
  const numbers = written.map((entry) => Number.parseInt(entry, 10));
  const back = numbers.findIndex((number, index) => number <= (numbers[index - 1] ?? 0));
  if (back > 0) {
    throw new Error(
      `${name}: line "${written[back]}" comes after "${written[back - 1]}": two wrote, or old data came back`,
    );
  }
}
