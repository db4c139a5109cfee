/** Two stacks want one volume at the same time. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./suite/fault.js";
import { said } from "./suite/hosts.js";

export const twoWriters: readonly Fault[] = (["nbd", "nfs"] as const).map((backend) => ({
  name: backend === "nbd" ? "two-writers" : "two-writers-nfs",
  promise: "One volume has one writer.",
  fault: `Two stacks attach one volume to two nodes at the same time, over ${backend.toUpperCase()}.`,
  expected: "One wins; the other's error names node, stack and epoch.",
  async run(context) {
    const listener = context.acknowledged.port;
    const owner = await context.stack("owner", { listener, volumes: [{ name: "shared", backend }] });
    const theirs = (node: "node-01" | "node-02") =>
      context.stack(node, { listener, volumes: [{ name: "shared", backend: `their ${backend}`, node }] });
    const [first, second] = await Promise.all([theirs("node-01"), theirs("node-02")]);
    await owner.up();
    const late = async () => {
      await sleep(context.random.between(0, 1500));
      return second.startUp().done;
    };
    const outcomes = await Promise.all([first.startUp().done, late()]);
    const won = outcomes.filter(({ code }) => code === 0);
    const lost = outcomes.find(({ code }) => code !== 0);
    if (won.length !== 1 || !lost) {
      throw new Error(
        `${won.length} of two stacks have the volume:\n${outcomes.map(({ output }) => output).join("\n")}`,
      );
    }
    const winner = outcomes[0]?.code === 0 ? "node-01" : "node-02";
    context.say(`${winner} has it`);
    const epoch = JSON.parse(await said("storage", "cat /var/lib/mooring/volumes/shared.json")).epoch;
    for (const word of [`"${winner}"`, `mooring-faults/${winner}`, `epoch ${epoch}`]) {
      if (lost.output.includes(word)) continue;
      throw new Error(`the error of the stack that lost does not name ${word}:\n${lost.output}`);
    }
    const mounted = await said(winner, "findmnt -no FSTYPE /mnt/mooring/shared");
    if (mounted !== (backend === "nbd" ? "ext4" : "nfs4"))
      throw new Error(`${winner} has not mounted it: ${mounted}`);
    const loser = winner === "node-01" ? "node-02" : "node-01";
    const there = await said(loser, "findmnt -no FSTYPE /mnt/mooring/shared || true");
    if (there !== "") throw new Error(`${loser} has mounted it too`);
  },
}));
