import { checkInputs } from "../../../provider/lifecycle/checking.js";
import { Hosts } from "../../../provider/lifecycle/hosts.js";
import type { AnyResource } from "../../../provider/resource.js";

/** What the engine's `check` answers: failures as "property: reason" lines, and the canonical inputs. */
export function checked(resource: AnyResource, news: Record<string, unknown>) {
  const all = { host: { name: "storage" }, owner: "urn:x", ...news };
  const { inputs, failures } = checkInputs(resource, all, new Hosts());
  return { inputs, failures: failures.map(({ property, reason }) => `${property}: ${reason}`) };
}

/** One bad input on top of good ones, and what is said of it. */
export type Bad = readonly [input: Record<string, unknown>, ...failures: string[]];
