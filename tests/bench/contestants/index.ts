import { ansible } from "./ansible.js";
import type { Contestant, ContestantName, Task } from "./contestant.js";
import { floor, mooring } from "./pulumi.js";
import { pyinfra } from "./pyinfra.js";
import { script } from "./script.js";

export const contestants: Readonly<Record<ContestantName, (task: Task) => Promise<Contestant>>> = {
  mooring,
  floor,
  script,
  pyinfra,
  ansible,
};
