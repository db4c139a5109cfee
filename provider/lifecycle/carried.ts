import type { AnyResource, CommonInputs } from "../resource.js";

/** What a resource's state holds beside inputs and outputs. */

/** In the state of data that was once made whole: from then on its absence is a loss, and never made good in silence. */
export const MADE = "made";

/** In the state of what was taken from a lost node: the inputs it had there. The next `up` after its return removes them. */
export const LEFT = "left";

export interface Carried {
  readonly [MADE]?: true | undefined;
  readonly [LEFT]?: readonly unknown[] | undefined;
}

export function carriedIn(props: Record<string, unknown>): Carried {
  const { [MADE]: made, [LEFT]: left } = props;
  return { ...(made === true && { made }), ...(Array.isArray(left) && { left }) };
}

/** What the state of a resource holds that was looked at. */
export function outputsOf(
  resource: AnyResource,
  inputs: CommonInputs,
  observed: unknown,
  { made, left }: Carried,
): Record<string, unknown> {
  const outputs = resource.outputs?.(inputs, observed);
  return withoutUndefined({ ...inputs, ...outputs, [MADE]: made, [LEFT]: left }) as Record<string, unknown>;
}

/** The engine's wire format has no `undefined`: it would fail after the object was made. */
export function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, withoutUndefined(inner)]),
  );
}
