import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

/** What an operation of Pulumi's did, without what stayed the same. */
export interface Change {
  /** By the resource's name: "create", "update", "delete", "replace" … */
  readonly operations: Readonly<Record<string, string>>;
  /** By the resource's name: the properties that were not as the program has them. */
  readonly properties: Readonly<Record<string, readonly string[]>>;
}

/** Steps that say nothing of a change on a host. */
const QUIET = ["same", "refresh", "read"];

export function changeOf(events: readonly EngineEvent[]): Change {
  const operations: Record<string, string> = {};
  const properties: Record<string, string[]> = {};
  for (const { resourcePreEvent } of events) {
    const { op, urn, type, diffs, detailedDiff } = resourcePreEvent?.metadata ?? {};
    if (!op || !urn || QUIET.includes(op) || type === "pulumi:pulumi:Stack") continue;
    const name = urn.split("::").at(-1) ?? urn;
    operations[name] = op;
    const top = Object.keys(detailedDiff ?? {}).map((path) => path.replace(/[.[].*$/, ""));
    properties[name] = [...new Set([...(diffs ?? []), ...top])].sort();
  }
  return { operations, properties };
}
