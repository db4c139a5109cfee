import * as pulumi from "@pulumi/pulumi";
import test from "ava";
import * as mooring from "../../../sdk/index.js";
import { program } from "../sdk/program.js";

const host = (name: string) => new mooring.Host(name, { connection: { host: "127.0.0.1" } });

type Row = readonly [make: () => unknown, message: string];

/** What the compiler would not let through, as plain JavaScript says it. */
// biome-ignore lint/suspicious/noExplicitAny: wrong arguments are the point
const js = (args: unknown): any => args;

async function checkRows(t: { throws: (...args: never[]) => unknown }, rows: readonly Row[]): Promise<void> {
  const throws = t.throws as (make: () => unknown, expected: object, message: string) => unknown;
  await program(() => {
    for (const [make, message] of rows) throws(make, { instanceOf: pulumi.RunError, message }, message);
  });
}

const NAME =
  "1 to 63 lower-case letters, digits, dots and hyphens, not starting or ending with a dot or hyphen";
const connection = { host: "10.0.0.1" };

test.serial("bad hosts are refused where they are made", (t) =>
  checkRows(t, [
    [() => new mooring.Host(js(undefined), { connection }), `Host name undefined: ${NAME}`],
    [() => new mooring.Host("Node", { connection }), `Host name "Node": ${NAME}`],
    [() => new mooring.Host("a\n", { connection }), `Host name "a\\n": ${NAME}`],
    [
      () => new mooring.Host("a", js(undefined)),
      'Host "a": its arguments are missing; an object (got undefined)',
    ],
    [
      () => new mooring.Host("a", js({})),
      'Host "a": connection is required; for a host of the stack\'s configuration use Host.fromConfig("a")',
    ],
    [
      () => new mooring.Host("a", js({ connection, adress: "10.77.0.1" })),
      'Host "a": unknown property "adress"; did you mean "address"?',
    ],
    [
      () => new mooring.Host("a", js({ connection, lost: "true" })),
      'Host "a": lost: true or false (got "true")',
    ],
    [
      () => new mooring.Host("a", js({ connection, lost: pulumi.output(true) })),
      'Host "a": lost: true or false (got an object)',
    ],
    [
      () => new mooring.Host("a", js({ connection, lost: true, fence: true })),
      'Host "a": fence: "force" (got true)',
    ],
    [
      () => new mooring.Host("a", js({ host: "10.0.0.1", user: "root" })),
      'Host "a": unknown property "host"; known are connection, address, install, lost, fence',
    ],
  ]),
);

test.serial("a host takes all of its arguments", async (t) => {
  await program(() => {
    t.notThrows(() => new mooring.Host("a", { connection, address: "10.77.0.1", install: true }));
    t.notThrows(() => new mooring.Host("a", { connection, lost: true, fence: "force" }));
    t.notThrows(() => new mooring.Host("a", { connection, lost: false }));
  });
});

test.serial("a configuration of hosts that is none is refused, and not shown", (t) => {
  const message =
    "configuration mooring:hosts is not an object of hosts; set it with: pulumi config set --path 'mooring:hosts[\"NAME\"].connection.host' ADDRESS";
  for (const hosts of ["hush", '"hush"', "[]", "null", "{"]) {
    pulumi.runtime.setAllConfig({ "mooring:hosts": hosts });
    t.throws(() => mooring.Host.fromConfig("a"), { instanceOf: pulumi.RunError, message }, hosts);
  }
  pulumi.runtime.setAllConfig({});
});

test.serial("a resource without its host, or without arguments, is refused with its name", (t) =>
  checkRows(t, [
    [
      () => new mooring.NfsExport("a", js(undefined)),
      'NfsExport "a": its arguments are missing; an object (got undefined)',
    ],
    [
      () => new mooring.NbdExport("a", js("storage")),
      'NbdExport "a": its arguments are missing; an object (got "storage")',
    ],
    [
      () => new mooring.NfsMount("a", js(pulumi.output({ source: "h:/x" }))),
      'NfsMount "a": its arguments are an object, not an output or a promise of one',
    ],
    [() => new mooring.NfsExport("a", js({ clients: ["b"] })), 'NfsExport "a": host is required: a Host'],
    [() => new mooring.NbdExport("a", js({})), 'NbdExport "a": host is required: a Host'],
    [
      () => new mooring.DockerImage("a", js({ host: "node-01", image: "tiny:1" })),
      'DockerImage "a": host: a Host (got "node-01")',
    ],
    [
      () => new mooring.LinkedClone("a", js({ host: null, template: "base" })),
      'LinkedClone "a": host: a Host (got null)',
    ],
    [
      () => new mooring.NfsMount("a", js({ host: pulumi.output(host("b")), source: "h:/x" })),
      'NfsMount "a": host: a Host itself, not an output or a promise of one',
    ],
    [
      () => new mooring.NbdAttachment("a", js({ host: host("b") })),
      'NbdAttachment "a": storage is required: a Host',
    ],
    [
      () => new mooring.NbdAttachment("a", js({ host: host("b"), storage: connection })),
      'NbdAttachment "a": storage: a Host (got an object)',
    ],
  ]),
);

const volume = (args: unknown) => () =>
  new mooring.DataVolume("v", js({ storage: host("storage"), ...(args as object) }));

test.serial("wrong arguments of a volume are refused with its name", (t) =>
  checkRows(t, [
    [
      () => new mooring.DataVolume("v", js({ template: "base" })),
      'DataVolume "v": storage is required: a Host',
    ],
    [volume({ template: "base", storage: "storage" }), 'DataVolume "v": storage: a Host (got "storage")'],
    [
      volume({ template: "base", onDeleted: "retain" }),
      'DataVolume "v": unknown property "onDeleted"; did you mean "onDelete"?',
    ],
    [
      volume({ template: "base", fsType: "ext4" }),
      'DataVolume "v": unknown property "fsType"; known are storage, name, backend, mode, template, size, clients, onDelete, adopt, timeouts, tls, reconnectDelay',
    ],
    [volume({ backend: "iscsi" }), 'DataVolume "v": backend is "iscsi"; allowed are "nbd" and "nfs"'],
    [volume({}), 'DataVolume "v": template is required with backend "nbd"'],
    [volume({ template: "base", clients: ["a"] }), 'DataVolume "v": clients belong to backend "nfs"'],
    [
      volume({ backend: "nfs", mode: "shared" }),
      'DataVolume "v": clients are required with mode "shared": who may mount it?',
    ],
    [
      volume({ backend: "nfs", clients: ["a"] }),
      'DataVolume "v": clients belong to mode "shared"; with "single", the default, the node it is attached to is let in',
    ],
    [
      volume({ backend: "nfs", mode: "rwx" }),
      'DataVolume "v": mode is "rwx"; allowed are "single" and "shared"',
    ],
    [
      volume({ template: "base", mode: "shared" }),
      'DataVolume "v": mode "shared" belongs to backend "nfs": a block volume has one writer',
    ],
    [
      volume({ backend: "nfs", mode: "shared", clients: ["a"], size: "4GiB" }),
      'DataVolume "v": template and size belong to backend "nbd"',
    ],
    [
      volume({ backend: "nfs", mode: "shared", clients: ["a"], template: "base" }),
      'DataVolume "v": template and size belong to backend "nbd"',
    ],
    [
      volume({ backend: "nfs", reconnectDelay: "60s" }),
      'DataVolume "v": reconnectDelay belongs to backend "nbd"; over NFS writers wait for as long as it takes',
    ],
    [
      () => volume({ template: "base" })().attach("c", js({ path: "/mnt/a" })),
      'Attachment "c": node is required: a Host',
    ],
    [
      () => volume({ template: "base" })().attach("c", js({ node: host("b"), mountPath: "/a" })),
      'Attachment "c": unknown property "mountPath"; did you mean "path"?',
    ],
  ]),
);

test.serial("a volume is attached once, a shared one as often as it is wanted", async (t) => {
  await program(() => {
    const nbd = volume({ template: "base" })();
    nbd.attach("one", { node: host("a") });
    t.throws(() => nbd.attach("two", { node: host("b") }), {
      instanceOf: pulumi.RunError,
      message: 'Attachment "two": the volume is attached by "one" already; it has one attachment at a time',
    });
    const single = volume({ backend: "nfs", name: "single" })();
    single.attach("five", { node: host("a") });
    t.throws(() => single.attach("six", { node: host("b") }), { instanceOf: pulumi.RunError });
    const nfs = volume({ backend: "nfs", name: "shared", mode: "shared", clients: ["a", "b"] })();
    nfs.attach("three", { node: host("a") });
    t.notThrows(() => nfs.attach("four", { node: host("b") }));
  });
});

const container = (change: object) => () =>
  new mooring.StatefulContainer(
    "c",
    js({
      node: host("node-01"),
      image: "tiny:1",
      volume: volume({ template: "base" })(),
      mountPath: "/data",
      ...change,
    }),
  );

test.serial("wrong arguments of a container with its data are refused with its name", (t) =>
  checkRows(t, [
    [container({ node: undefined }), 'StatefulContainer "c": node is required: a Host'],
    [container({ node: "node-01" }), 'StatefulContainer "c": node: a Host (got "node-01")'],
    [container({ volume: undefined }), 'StatefulContainer "c": volume is required: a DataVolume'],
    [container({ volume: "yundream" }), 'StatefulContainer "c": volume: a DataVolume (got "yundream")'],
    [container({ image: undefined }), 'StatefulContainer "c": image is required'],
    [container({ mountPath: undefined }), 'StatefulContainer "c": mountPath is required'],
    [
      container({ image_archive: "/srv/tiny.tar" }),
      'StatefulContainer "c": unknown property "image_archive"; did you mean "imageArchive"?',
    ],
    [container({ env: {} }), 'StatefulContainer "c": unknown property "env"; did you mean "environment"?'],
    [container({ volumes: [] }), 'StatefulContainer "c": unknown property "volumes"; did you mean "volume"?'],
    [container({ name: "shop" }), 'StatefulContainer "c": unknown property "name"; did you mean "node"?'],
  ]),
);

test.serial("what a good container with its data takes is let through", async (t) => {
  await program(() => {
    t.notThrows(
      container({
        imageArchive: undefined,
        registryAuth: { username: "u", password: "p" },
        environment: { A: "ä" },
        healthCheck: { command: ["true"] },
        restart: "no",
        unheardOf: undefined,
      }),
    );
  });
});
