import type { z } from "zod";
import { failure, isObject, locate, step, top } from "../inputs/failure.js";
import { type LostHosts, lostHostsSchema } from "../inputs/host-ref.js";
import { unknownProperty } from "../inputs/unknown-property.js";
import type { AnyResource, CheckFailure } from "../resource.js";
import type { Hosts } from "./hosts.js";

/** Pulumi's mark for a value that preview can't know yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Checks and canonicalises what the program gave; an unknown value never fails. No I/O: the engine calls this one at a time. */
export function checkInputs(
  resource: AnyResource,
  news: Record<string, unknown>,
  hosts: Hosts,
): { inputs: Record<string, unknown>; failures: CheckFailure[] } {
  const shape = resource.inputs.shape as Record<string, z.ZodType>;
  const inputs: Record<string, unknown> = {};
  const known: Record<string, unknown> = {};
  const unjudged = new Set<string>();
  const failures: CheckFailure[] = [];
  const { lostHosts, ...given } = news;
  const lost = checkProperty("lostHosts", lostHostsSchema, lostHosts);
  failures.push(...lost.problems);
  if (lost.problems.length === 0 && !containsUnknown(lostHosts)) hosts.noteLost(lost.value as LostHosts);
  for (const name of Object.keys(given)) {
    if (name !== "__provider" && !(name in shape))
      failures.push({ property: top(name), reason: unknownProperty(name, Object.keys(shape)) });
  }
  for (const [name, schema] of Object.entries(shape)) {
    const { value, problems } = checkProperty(name, schema, news[name]);
    failures.push(...problems);
    if (value !== undefined) inputs[name] = value;
    if (problems.length > 0 || containsUnknown(value)) unjudged.add(name);
    else if (value !== undefined) known[name] = value;
  }
  failures.push(...(resource.check?.(known, unjudged) ?? []));
  if (failures.length === 0 && unjudged.size === 0) {
    hosts.note(inputs.host as never, inputs.storage as never);
    if (resource.beside)
      failures.push(
        ...resource.beside(inputs, hosts.declare(resource.among ?? resource.kind, inputs as never)),
      );
  }
  return { inputs, failures };
}

/** A property on its own; what is known of it is checked beside what is not. */
function checkProperty(
  name: string,
  schema: z.ZodType,
  given: unknown,
): { value?: unknown; problems: CheckFailure[] } {
  const misused = misusedOutput(name, given);
  if (misused) return { problems: [misused] };
  const parsed = schema.safeParse(given);
  const unknown = containsUnknown(given);
  const issues = (parsed.error?.issues ?? []).filter((issue) => !unknown || isKnownAt(given, issue));
  if (issues.length > 0) return { problems: issues.map((issue) => failure(name, schema, given, issue)) };
  return { value: unknown ? given : parsed.data, problems: [] };
}

/** Whether an issue is about what is known, and would stay when the rest is. */
function isKnownAt(given: unknown, issue: z.core.$ZodIssue): boolean {
  const { at } = locate("", given, issue.path);
  return issue.code === "unrecognized_keys" ? at !== UNKNOWN : !containsUnknown(at);
}

/** Pulumi's own text for an output that was put into a string: it passes for a value nearly everywhere. */
function misusedOutput(name: string, value: unknown): CheckFailure | undefined {
  if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      const found = misusedOutput(`${name}${step(key)}`, inner);
      if (found) return found;
    }
  }
  if (
    typeof value !== "string" ||
    !/Calling \[to(String|JSON)\] on an \[Output<T>\]|\[object Promise\]/.test(value)
  )
    return undefined;
  return {
    property: name,
    reason: "an output or a promise was put into a string; use pulumi.interpolate`…`, or its apply",
  };
}

/** The inputs within a state's properties: what older or newer releases added beside them is left alone. */
// biome-ignore lint/suspicious/noExplicitAny: the resource's own type, erased
export function parseInputs(resource: AnyResource, props: Record<string, unknown>): any {
  const shape = resource.inputs.shape as Record<string, z.ZodType>;
  const inputs: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(shape)) {
    const value = props[name];
    if (containsUnknown(value)) continue;
    const parsed = schema.safeParse(value);
    const kept = parsed.success ? parsed.data : value;
    if (kept !== undefined) inputs[name] = kept;
  }
  return inputs;
}

export function containsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  return isObject(value) && Object.values(value).some(containsUnknown);
}
