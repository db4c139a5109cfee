import type { Fact } from "../host/host.js";
import { sh } from "../host/sh.js";

/** What is mounted where: the number of each file system's device, by mount point as the kernel writes it. */
export const mountPointsFact: Fact<ReadonlyMap<string, string>> = {
  name: "mount points",
  command: sh`cut -d ' ' -f 3,5 /proc/self/mountinfo`,
  parse(stdout) {
    return new Map(
      stdout.split("\n").flatMap((line) => {
        const [device = "", target] = line.split(" ");
        return target === undefined ? [] : [[target, device] as const];
      }),
    );
  },
};
