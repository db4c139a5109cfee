/** The hand-written scripts, put together from tests/bench/script/. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../../../provider/host/sh.js";
import { DH_PARAMETERS } from "../../../provider/nbd/dh-params.js";
import { TINY, TINY_ARCHIVE } from "../../faults/suite/writer.js";
import type { HostName } from "../../lab/index.js";
import { SOURCES } from "../sources.js";
import {
  needsDevices,
  onStorage,
  type Part,
  partsOf,
  TEMPLATE_MIB,
  type VolumeOperation,
  type VolumeWork,
  WAIT_FOREVER,
} from "../works.js";
import type { WiredVolume } from "./wiring.js";

export interface HostScript {
  readonly host: HostName;
  readonly text: string;
  readonly input: string;
}

/** Scripts that run at the same time. */
export type Stage = readonly HostScript[];

const CONSTANTS = Object.entries({
  template_mib: String(TEMPLATE_MIB),
  dh_parameters: DH_PARAMETERS.trimEnd(),
  export_unit: read("units", "bench-export@.service").trimEnd(),
  attach_unit: read("units", "bench-attach@.service").trimEnd(),
  container_image: TINY,
  container_archive: TINY_ARCHIVE,
  wait_forever: WAIT_FOREVER.at(-1) ?? "",
})
  .map(([name, value]) => `${name}=${quote(value)}\n`)
  .join("");

export function stagesOf(
  work: VolumeWork,
  operation: VolumeOperation,
  volumes: readonly WiredVolume[],
): Stage[] {
  const storageParts = partsOf[work].filter((part) => onStorage.has(part));
  const nodeParts = partsOf[work].filter((part) => !onStorage.has(part));
  const on = (hosts: readonly HostName[], verb: string, parts: readonly Part[], which = volumes): Stage =>
    hosts.map((host) => ({
      host,
      text: scriptOf(verb, parts),
      input: which
        .filter(({ node }) => host === "storage" || host === node)
        .map(lineOf)
        .join(""),
    }));
  const nodes = [...new Set(volumes.map(({ node }) => node))];
  const stages = () => {
    if (operation === "destroy")
      return [
        on(nodes, "remove", nodeParts.toReversed()),
        on(["storage"], "remove", storageParts.toReversed()),
      ];
    if (operation !== "one change" || !needsDevices(work))
      return [on(["storage"], "make", storageParts), on(nodes, "make", nodeParts)];
    // A disk that grows is released for a moment; whoever writes this by hand touches nothing else.
    const [changed] = volumes;
    const which = changed ? [changed] : [];
    const node = changed ? [changed.node] : [];
    return [
      on(node, "release", ["attachments"], which),
      on(["storage"], "grow", ["clones"], which),
      on(node, "take", ["attachments"], which),
    ];
  };
  return stages().filter((stage) => stage.some(({ text }) => text !== ""));
}

/** Empty where there is nothing to do. */
export function scriptOf(verb: string, parts: readonly Part[]): string {
  if (parts.length === 0) return "";
  const calls = parts.map((part) => `${verb}_${part.replaceAll("-", "_")}`);
  return [...["prelude", "waiting"].map(sourceOf), CONSTANTS, ...parts.map(sourcesOf), calls.join("\n")].join(
    "\n",
  );
}

/** For a tool that has no words for it: makes the clone that its arguments name, and its template before the first. */
export function cloneScript(): string {
  return `#!/bin/sh
set -eu
umask 077
pool=/var/lib/mooring
work=/run
template_mib=${TEMPLATE_MIB}
${sourceOf("waiting")}
${sourceOf("clone")}
name=$1
size=$2
make_template
make_clone
`;
}

function sourcesOf(part: Part): string {
  return part === "clones" ? `${sourceOf("clone")}\n${sourceOf(part)}` : sourceOf(part);
}

function sourceOf(name: string): string {
  return read("script", `${name}.sh`);
}

function read(folder: string, name: string): string {
  return readFileSync(join(SOURCES, folder, name), "utf8");
}

/** The fields that `each` in prelude.sh names. */
export function lineOf({ name, client, sizeMiB, memoryMiB, port, device, key }: WiredVolume): string {
  return `${[name, client, sizeMiB, memoryMiB, port, device, key].join(" ")}\n`;
}
