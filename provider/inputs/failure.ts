import { z } from "zod";
import type { CheckFailure } from "../resource.js";
import { kindOf, shown } from "./shown.js";
import { unknownProperty } from "./unknown-property.js";

/** What is wrong, where, and what is allowed. */
export function failure(
  name: string,
  schema: z.ZodType,
  value: unknown,
  issue: z.core.$ZodIssue,
): CheckFailure {
  const { property, at } = locate(name, value, issue.path);
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    return { property: `${property}${step(key)}`, reason: unknownProperty(key, knownAt(schema, issue.path)) };
  }
  if (at === undefined) return { property, reason: issue.code === "custom" ? issue.message : "is required" };
  const allowed = allowedBy(issue);
  // What is wrong between the parts of a value names them itself.
  if (issue.code === "custom" && isObject(at)) return { property, reason: allowed };
  const path = [name, ...issue.path.map(String)];
  const secret = path.some((part) => SECRET.test(part)) || SECRET_WHOLE.test(path.at(-1) ?? "");
  // A kind says nothing where it is the right one.
  if (secret && typeof at === "string" && issue.code !== "invalid_type") return { property, reason: allowed };
  const got = secret ? kindOf(at) : shown(at);
  return { property, reason: `${allowed} (got ${got}${remedy(issue, at, schema)})` };
}

/** Properties whose value may have a secret in it. */
const SECRET = /^(password|privateKey|privateKeyPassword|registryAuth|environment|command|entrypoint)$/;
/** And what may have one when it is no object. */
const SECRET_WHOLE = /^(connection|proxy|healthCheck)$/;

/** The part of the value that is meant, as Pulumi writes its path. A short form (a client that is its address alone) is itself the value. */
export function locate(
  name: string,
  value: unknown,
  path: readonly PropertyKey[],
): { property: string; at: unknown } {
  let property = top(name);
  let at = value;
  for (const key of path) {
    if (!isObject(at)) break;
    property += step(String(key));
    at = at[key];
  }
  return { property, at };
}

function allowedBy(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_type" || !issue.message.startsWith("Invalid input")) return issue.message;
  return KINDS[issue.expected] ?? issue.expected;
}

function remedy(issue: z.core.$ZodIssue, at: unknown, schema: z.ZodType): string {
  if (at === null && issue.path.length === 0 && schema.safeParse(undefined).success)
    return "; leave it out instead";
  if (issue.code !== "invalid_type" || typeof at !== "string") return "";
  const quoted = { number: /^-?\d+(\.\d+)?$/, boolean: /^(true|false)$/ }[issue.expected as string];
  return quoted?.test(at) ? "; without quotes" : "";
}

/** A property's name, without what would break the line. */
export function top(name: string): string {
  return /^\w+$/.test(name) ? name : shown(name);
}

/** A part of a property's path, as Pulumi writes it. */
export function step(part: string): string {
  if (/^\d+$/.test(part)) return `[${part}]`;
  return /^\w+$/.test(part) ? `.${part}` : `[${shown(part)}]`;
}

const KINDS: Record<string, string> = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

export function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}

/** The properties of the object at a path within a schema. */
function knownAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return knownAt(schema.unwrap() as z.ZodType, path);
  // Before a transformation; a preprocessing one is itself the first half.
  if (schema instanceof z.ZodPipe)
    return knownAt((schema.in instanceof z.ZodTransform ? schema.out : schema.in) as z.ZodType, path);
  const [key, ...rest] = path;
  if (schema instanceof z.ZodRecord) return knownAt(schema.valueType as z.ZodType, rest);
  if (schema instanceof z.ZodArray) return knownAt(schema.element as z.ZodType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  const inner = key === undefined ? undefined : schema.shape[String(key)];
  return inner ? knownAt(inner as z.ZodType, rest) : Object.keys(schema.shape);
}
