import { Sh } from "../../../provider/host/sh.js";
import { commandOf, type Step } from "../../../provider/host/steps.js";
import type { AnyResource } from "../../../provider/resource.js";
import { checked } from "./checking.js";

/** The commands that change files: a step with one says where, so that a power cut does not take it back. */
const CHANGES =
  /(^|[ (])(mv|rm|ln|mkdir|rmdir|chattr|chmod|chown|chgrp|sfdisk|qemu-img (create|resize|convert)) |systemctl (enable|reenable|set-property) | > '\/(etc|var)/m;

function requireMarked({ title, action, changes = [] }: Step): void {
  if (!(action instanceof Sh) || changes.length > 0) return;
  // What is in /run does not outlive a power cut anyway; what a step flushes itself needs no mark.
  const lines = action.text.split("\n").filter((line) => !/\/run\/mooring|"\$said"/.test(line));
  if (CHANGES.test(lines.join("\n")) && !/\bsync /.test(action.text))
    throw new Error(`step "${title}" does not say where it changes files`);
}

/** Steps as text: a line with the title (and the host, where it is not the resource's own), then the command. */
export function text(steps: readonly Step[]): string {
  steps.forEach(requireMarked);
  const parts = steps.map((step) => {
    const { title, host, action } = step;
    const command = action instanceof Sh ? commandOf(step).text : JSON.stringify(action);
    return `## ${title}${host ? ` (on ${host.name})` : ""}\n${command}\n`;
  });
  return parts.join("");
}

export function titles(steps: readonly Step[]): string[] {
  steps.forEach(requireMarked);
  return steps.map(({ title, host }) => `${title}${host ? ` (on ${host.name})` : ""}`);
}

/** Inputs as the program's check makes them. Throws where they are bad. */
// biome-ignore lint/suspicious/noExplicitAny: each resource has its own type
export function inputsOf(resource: AnyResource, news: Record<string, unknown>): any {
  const { inputs, failures } = checked(resource, news);
  if (failures.length > 0) throw new Error(failures.join("\n"));
  return inputs;
}
