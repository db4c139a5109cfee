import test from "ava";
import { Refused } from "../../../provider/host/errors.js";
import { lifecycle } from "../../../provider/lifecycle.js";
import type { AnyResource } from "../../../provider/resource.js";
import { checked } from "../provider/checking.js";
import { host, type Kind, kinds } from "./kinds.js";
import { UNKNOWN } from "./rows.js";

/** Inputs as they came out of `check` the last time, and what the program says of them now. */
function change(kind: Kind, change: Record<string, unknown>, base: Record<string, unknown> = {}) {
  const resource: AnyResource = kinds[kind].resource;
  const good = { host, ...kinds[kind].inputs, ...base };
  const before = checked(resource, good).inputs;
  const after = checked(resource, { ...good, ...change });
  if (after.failures.length > 0) throw new Error(after.failures.join("\n"));
  // Of what was made whole once.
  return () => lifecycle(resource).diff("id", { ...before, made: true }, after.inputs);
}

const other = (name: string) => ({ host: { ...host, name } });
const image = (path: string) => ({
  image: { path, sha256: "ab".repeat(32) },
  size: undefined,
  fsType: undefined,
  partitioned: undefined,
});

const never = (what: string, property: string, from: string, to: string) =>
  `${what} holds data and is never replaced: ${property} can't change from "${from}" to "${to}".
To keep the data, set ${property} back. For new data make another resource with a name of its own, copy, then remove this one.`;
const MADE_OF = "its clones are made of it. Make a template with another name for new clones.";

const bad: [kind: Kind, change: Record<string, unknown>, message: string, base?: Record<string, unknown>][] =
  [
    ["NfsExport", { name: "other" }, never('NfsExport "yundream"', "name", "yundream", "other")],
    [
      "NfsExport",
      { path: "/srv/other" },
      never('NfsExport "yundream"', "path", "/srv/mooring/yundream", "/srv/other"),
    ],
    ["NfsExport", other("node-01"), never('NfsExport "yundream"', "host", "storage", "node-01")],
    ["Qcow2Template", { name: "other" }, never('Qcow2Template "base"', "name", "base", "other")],
    ["LinkedClone", { template: "other" }, never('LinkedClone "yundream"', "template", "base", "other")],
    ["LinkedClone", other("node-01"), never('LinkedClone "yundream"', "host", "storage", "node-01")],
    [
      "LinkedClone",
      { size: "2GiB" },
      'LinkedClone "yundream": size can\'t shrink from 4GiB to 2GiB: a file system does not give space back safely. Set size to 4GiB; for a smaller volume make a new one and copy.',
    ],
    [
      "Qcow2Template",
      { size: "4GiB" },
      `Qcow2Template "base": size can't change from "2GiB" to "4GiB": ${MADE_OF}`,
    ],
    [
      "Qcow2Template",
      { fsType: "xfs" },
      `Qcow2Template "base": fsType can't change from "ext4" to "xfs": ${MADE_OF}`,
    ],
    [
      "Qcow2Template",
      { partitioned: false },
      `Qcow2Template "base": partitioned can't change from true to false: ${MADE_OF}`,
    ],
    [
      "Qcow2Template",
      image("/srv/b.qcow2"),
      `Qcow2Template "base": image can't change from {"path":"/srv/a.qcow2","sha256":"${"ab".repeat(32)}"} to {"path":"/srv/b.qcow2","sha256":"${"ab".repeat(32)}"}: ${MADE_OF}`,
      image("/srv/a.qcow2"),
    ],
    [
      "LinkedClone",
      { mmp: false },
      'LinkedClone "yundream": mmp can\'t change from true to false in place. Set it back; or detach the volume and use tune2fs on the image by hand.',
    ],
  ];

test("a change that data does not survive is refused at preview", async (t) => {
  for (const [kind, news, message, base] of bad)
    await t.throwsAsync(change(kind, news, base), { instanceOf: Refused, message }, message);
});

test("a change that it survives is none, and neither is one that is not known yet", async (t) => {
  const good: [kind: Kind, change: Record<string, unknown>][] = [
    ["LinkedClone", { size: "8GiB" }],
    ["LinkedClone", { size: "4096MiB" }],
    ["LinkedClone", { size: UNKNOWN, template: UNKNOWN, name: UNKNOWN }],
    ["Qcow2Template", { size: UNKNOWN, fsType: UNKNOWN, partitioned: UNKNOWN, name: UNKNOWN }],
    ["NfsExport", { name: UNKNOWN, path: UNKNOWN, clients: [UNKNOWN] }],
    ["NfsExport", { clients: ["10.77.0.13"], onDelete: "trash" }],
    ["NfsExport", { host: { ...host, connection: UNKNOWN, address: UNKNOWN } }],
    ["NbdAttachment", other("node-02")],
    ["DockerContainer", { host: { name: "node-02", connection: { host: UNKNOWN } } }],
  ];
  for (const [kind, news] of good)
    t.deepEqual(await change(kind, news)(), {}, `${kind} ${JSON.stringify(news)}`);
});
