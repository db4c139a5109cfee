import * as pulumi from "@pulumi/pulumi";
import { shown } from "../provider/inputs/shown.js";
import { unknownProperty } from "../provider/inputs/unknown-property.js";

/** What is wrong with arguments and can't wait for the provider's check: the compiler finds it too, where there is one. */

/** Throws when there are no arguments, or when one is none of `known`. */
export function requireArgs(what: string, args: unknown, known?: readonly string[]): void {
  if (typeof args !== "object" || args === null || Array.isArray(args))
    throw new pulumi.RunError(`${what}: its arguments are missing; an object (got ${shown(args)})`);
  if (pulumi.Output.isInstance(args) || args instanceof Promise)
    throw new pulumi.RunError(`${what}: its arguments are an object, not an output or a promise of one`);
  if (!known) return;
  for (const [name, value] of Object.entries(args))
    if (value !== undefined && !known.includes(name))
      throw new pulumi.RunError(`${what}: ${unknownProperty(name, known)}`);
}

/** Throws when it is no `Host`. */
export function requireHost(what: string, property: string, value: unknown): void {
  requireMethod(what, property, value, "toInput", "a Host");
}

/** By a method and not by the class: a program may have two copies of the package. */
export function requireMethod(
  what: string,
  property: string,
  value: unknown,
  method: string,
  wanted: string,
): void {
  if (value === undefined) throw new pulumi.RunError(`${what}: ${property} is required: ${wanted}`);
  if (pulumi.Output.isInstance(value) || value instanceof Promise)
    throw new pulumi.RunError(`${what}: ${property}: ${wanted} itself, not an output or a promise of one`);
  if (typeof (value as Record<string, unknown> | null)?.[method] === "function") return;
  throw new pulumi.RunError(`${what}: ${property}: ${wanted} (got ${shown(value)})`);
}
