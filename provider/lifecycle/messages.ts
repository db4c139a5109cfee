import { hostname } from "node:os";
import { type HostUnreachable, Refused } from "../host/errors.js";
import type { Step } from "../host/steps.js";
import type { AnyResource, CommonInputs } from "../resource.js";
import { describeOwner } from "../volume-record.js";

/** What the lifecycle says of a resource. */

export function describe(resource: AnyResource, inputs: CommonInputs): string {
  return `${resource.kind} "${resource.id(inputs)}" on host "${inputs.host.name}"`;
}

/** For those who wait for it: what it does, and which program it is. */
export function whoIs({ kind }: AnyResource, { owner }: CommonInputs): string {
  return `${kind} ${describeOwner(owner)}, by process ${process.pid} on ${hostname()}`;
}

export function notConverged(
  resource: AnyResource,
  inputs: CommonInputs,
  left: readonly Step[],
  found?: unknown,
): Error {
  // In plain words, where the kind has them: other properties may be secret.
  const { status } = found === undefined ? inputs : resource.drift(inputs, found);
  const seen = typeof status === "string" ? ` (found: ${status})` : "";
  return new Error(
    `${describe(resource, inputs)}: every step succeeded, yet looking again shows more to do: ${left.map((step) => step.title).join(", ")}${seen}.\nSomething else on the host changes the same object. Stop it, then run pulumi up again.`,
  );
}

/** For a move that failed after the release. */
export function wayBack(before: CommonInputs, after: CommonInputs): string {
  const [from, to] = [before.host.name, after.host.name];
  return `It was released on host "${from}" before. To go on, mend this on "${to}" and run pulumi up again; to go back, name "${from}" again.`;
}

/** For a move that is refused before its release. */
export function notYetMoved(before: CommonInputs, after: CommonInputs, error: Error): Error {
  if (!(error instanceof Refused)) return error;
  const [from, to] = [before.host.name, after.host.name];
  return new Refused(
    `${error.message}\nWhat it stands on may have moved to "${to}" already, and then it is down: mend this and run pulumi up again, or name "${from}" again, where it starts with its volume.`,
  );
}

/** Of what is to be removed from a node that was lost, and is said to be so no more. */
export function stillAway(error: HostUnreachable): Error {
  return new Refused(
    `${error.message}\nIt is asked since \`lost\` is not set for it any more: what was left there when it was lost is removed. If it is not back, say so again, for as long as it takes: pulumi config set --path 'mooring:hosts["${error.host}"].lost' true\nIf its connection has changed, set that there: mooring:hosts["${error.host}"].connection.`,
  );
}

export function neverReplaced(
  resource: AnyResource,
  before: CommonInputs,
  news: Record<string, unknown>,
  property: string,
): Error {
  return new Refused(
    `${resource.kind} "${resource.id(before)}" holds data and is never replaced: ${property} can't change from ${show(before, property)} to ${show(news, property)}.\nTo keep the data, set ${property} back. For new data make another resource with a name of its own, copy, then remove this one.`,
  );
}

function show(inputs: object, property: string): string {
  const value = (inputs as Record<string, unknown>)[property];
  return JSON.stringify(property === "host" ? (value as { name: string }).name : value);
}

/** Of what is to be removed. */
export const DATA_GONE_BEFORE =
  "its data was not there any more; a delete that was cut off had removed it, or somebody did by hand";

export function dataGone(resource: AnyResource, inputs: CommonInputs, observed: unknown): Error {
  const files = resource.data?.rememberedBy?.(inputs, observed) ?? [];
  const forget = files.length > 0 ? `; on the host: rm ${files.join(" ")};` : ",";
  return new Refused(
    `${resource.kind} "${resource.id(inputs)}": its data is gone from host "${inputs.host.name}". A new, empty one is never made in its place.\n${resource.data?.wayBack(inputs, observed)}\nTo accept the loss: pulumi state delete --target-dependents '${inputs.owner}' (with --force where it is protected)${forget} then pulumi up makes an empty one.`,
  );
}
