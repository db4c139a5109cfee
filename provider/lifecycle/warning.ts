import { log, output, type Resource } from "@pulumi/pulumi";

/** Shows a warning on the stack, at the resource. */
export function warn(text: string, urn: string): void {
  // The log asks a resource for its URN alone. A warning that can't be shown is no reason to fail.
  log.warn(text, { urn: output(urn) } as unknown as Resource).catch(() => undefined);
}

const shownOnce = new Set<string>();

/** The same, but once in this process for all that share a key: a thousand volumes of one host see the same. */
export function warnOnce(key: string, text: string, urn: string): void {
  if (shownOnce.has(key)) return;
  shownOnce.add(key);
  warn(text, urn);
}
