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
  const resources = (whole.deployment.resources ?? []).filter(({ type }) =>
    String(type).startsWith("pulumi-nodejs:dynamic/"),
  );
  const unplaced = (value: unknown) => sizeOf(value, (key) => !POSITIONS.includes(key));
  const bytes = resources.reduce((sum, resource) => sum + unplaced(resource), 0);
  return {
    bytes,
    restBytes: unplaced(whole) - bytes,
    positionBytes: sizeOf(whole, () => true) - unplaced(whole),
    resources: resources.length,
  };
}

function sizeOf(value: unknown, keeps: (key: string) => boolean): number {
  return Buffer.byteLength(JSON.stringify(value, (key, each) => (keeps(key) ? each : undefined)));
}
