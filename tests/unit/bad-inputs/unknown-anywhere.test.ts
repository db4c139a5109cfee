import test from "ava";
import fc from "fast-check";
import * as provider from "../../../provider/index.js";
import type { AnyResource } from "../../../provider/resource.js";
import { checked } from "../provider/checking.js";
import { host, kinds } from "./kinds.js";
import { fromImage, UNKNOWN } from "./rows.js";

type Path = readonly (string | number)[];

/** Every place within a value, the value itself first. */
function places(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [
    path,
    ...keys.flatMap((key) => places((value as Record<Path[number], unknown>)[key], [...path, key])),
  ];
}

function withUnknown(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return UNKNOWN;
  // An outer place that is unknown already swallows an inner one.
  if (typeof value !== "object" || value === null) return value;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  return Object.assign(copy, { [key]: withUnknown((copy as Record<Path[number], unknown>)[key], rest) });
}

const bases: [title: string, resource: AnyResource, inputs: Record<string, unknown>][] = [
  ...Object.entries(kinds).map(([kind, { resource, inputs }]): (typeof bases)[number] => [
    kind,
    resource,
    { host, ...inputs },
  ]),
  [
    "Qcow2Template of an image",
    kinds.Qcow2Template.resource,
    { host, name: "base", ...fromImage({ path: "/srv/debian.qcow2", sha256: "ab".repeat(32) }) },
  ],
  [
    "DockerImage of an archive",
    kinds.DockerImage.resource,
    { host, image: "mariadb:11", archive: "/srv/mariadb.tar" },
  ],
];

test("the list of kinds is whole", (t) => {
  t.deepEqual(Object.keys(kinds).sort(), Object.keys(provider).sort());
});

for (const [title, resource, inputs] of bases) {
  const all = places(inputs).filter((path) => path.length > 0);

  test(`${title}: an unknown value at any one place is let through as it is`, (t) => {
    t.deepEqual(checked(resource, inputs).failures, []);
    for (const path of all) {
      const news = withUnknown(inputs, path) as Record<string, unknown>;
      const { inputs: passed, failures } = checked(resource, news);
      t.deepEqual(failures, [], path.join("."));
      const [property = ""] = path;
      t.deepEqual(passed[property], news[property], path.join("."));
    }
  });

  test(`${title}: unknown values at any places together never fail`, (t) => {
    fc.assert(
      fc.property(fc.subarray(all, { minLength: 2 }), (paths) => {
        const news = paths.reduce(withUnknown, inputs) as Record<string, unknown>;
        t.deepEqual(checked(resource, news).failures, []);
      }),
      { numRuns: 50 },
    );
  });
}
