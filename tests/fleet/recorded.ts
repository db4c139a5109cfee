/** What the facts' commands printed on hosts with one volume, for a host with many: each line or block once for each. */
import { exportedDirectoriesFact } from "../../provider/facts/exported-directories.js";
import { exportsFact } from "../../provider/facts/exports.js";
import { mountPointsFact } from "../../provider/facts/mount-points.js";
import { mountsFact } from "../../provider/facts/mounts.js";
import { ourFilesFact } from "../../provider/facts/our-files.js";
import { staleMountsFact } from "../../provider/facts/stale-mounts.js";
import { unitsFact } from "../../provider/facts/units.js";
import type { Fact } from "../../provider/host/host.js";
import { mountUnit } from "../../provider/unit-name.js";
import { fixture } from "../unit/fixture.js";
import { ownerOf, type SimulatedHost, type Volume } from "./fleet.js";

/** The volume that was there when the facts were recorded, as it stands in their output. */
const RECORDED = {
  name: "shared",
  fsid: "af51811e-2d49-53f6-8d6e-c61d0595249b",
  source: "10.77.0.11:/srv/mooring/shared",
  unit: "mnt-mooring-shared.mount",
  ownerOf: (kind: string) => `urn:pulumi:dev::p1::pulumi-nodejs:dynamic/mooring:${kind}::shared`,
};

/** What a host answers, by the script that asks. */
export function answersOf(host: SimulatedHost): ReadonlyMap<string, string> {
  const { role, volumes } = host;
  const each = (text: string) => volumes.map((volume) => asOf(volume, text)).join("");
  const answers: [Fact<unknown>, string][] =
    role === "storage"
      ? [
          [exportsFact, each(fixture("exports", "one"))],
          [exportedDirectoriesFact, each(fixture("exported-directories", "one"))],
          [ourFilesFact, each(linesWith("our-files", "storage", "mooring-shared.exports\0"))],
          [mountPointsFact, fixture("mount-points", "storage")],
        ]
      : [
          [ourFilesFact, each(linesWith("our-files", "node", "mnt-mooring-shared.mount\0"))],
          [unitsFact, each(linesWith("units", "node", RECORDED.unit))],
          [mountsFact, mountsOn(volumes)],
          [staleMountsFact, volumes.map(() => "1795525970\n").join("")],
        ];
  return new Map([["id -u", "0\n"], ...answers.map(([{ command }, text]) => [command.text, text] as const)]);
}

/** Text of the recorded volume as it would be of another. */
function asOf({ name, source, fsid, mountPath }: Volume, text: string): string {
  return text
    .replaceAll(RECORDED.ownerOf("NfsExport"), ownerOf("NfsExport", name))
    .replaceAll(RECORDED.ownerOf("NfsMount"), ownerOf("NfsMount", name))
    .replaceAll(RECORDED.unit, mountUnit(mountPath))
    .replaceAll(RECORDED.source, source)
    .replaceAll(RECORDED.fsid, fsid)
    .replaceAll(RECORDED.name, name);
}

function linesWith(fact: string, recording: string, part: string): string {
  const lines = fixture(fact, recording).split("\n");
  return lines.flatMap((line) => (line.includes(part) ? [`${line}\n`] : [])).join("");
}

/** What every host has mounted, and the volumes. */
function mountsOn(volumes: readonly Volume[]): string {
  const { filesystems } = JSON.parse(fixture("mounts", "node")) as { filesystems: { target: string }[] };
  const own = filesystems.filter(({ target }) => !target.startsWith("/mnt/"));
  const one = JSON.stringify(filesystems.find(({ target }) => target.endsWith(`/${RECORDED.name}`)));
  const all = [...own, ...volumes.map((volume) => JSON.parse(asOf(volume, one)) as unknown)];
  return JSON.stringify({ filesystems: all }, undefined, 3);
}
