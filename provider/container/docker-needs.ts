import type { Need } from "../prerequisites.js";

/** Docker refuses to start a container where the kernel has AppArmor and its parser, which docker.io only recommends, is missing. */
export const dockerNeeds: Need[] = [
  { command: "docker", package: "docker.io" },
  { command: "docker", package: "apparmor" },
  { service: "docker" },
];
