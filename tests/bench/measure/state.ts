import type { State } from "../contestants/contestant.js";

/** As far as it is looked at. */
interface Exported {
  readonly deployment: { readonly resources?: readonly Readonly<Record<string, unknown>>[] };
}

/** Where in the program a resource is made: the engine's, and as long as the program's path. */
const POSITIONS = ["sourcePosition", "stackTrace"];

/** What the CLI exports, without its indentation: so the file backend keeps it, and writes all of it at each step. */
export function stateOf(exported: string): State {
  const whole = JSON.parse(exported) as Exported;
  const resources = whole.deployment.resources ?? [];
  const bytes = sizeOf(whole, (key) => !POSITIONS.includes(key));
  return {
    bytes,
    positionBytes: sizeOf(whole, () => true) - bytes,
    resources: resources.filter(({ type }) => String(type).startsWith("pulumi-nodejs:dynamic/")).length,
  };
}

function sizeOf(value: unknown, keeps: (key: string) => boolean): number {
  return Buffer.byteLength(JSON.stringify(value, (key, each) => (keeps(key) ? each : undefined)));
}
