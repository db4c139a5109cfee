import test from "ava";
import { differences } from "../../../../provider/container/found.js";
import {
  dockerContainer,
  type ObservedDockerContainer,
} from "../../../../provider/resources/docker-container.js";
import { checked } from "../checking.js";
import { inputsOf } from "../plans.js";
import {
  changed,
  FULL_UNIT,
  full,
  fullThere,
  inspected,
  OWNER,
  PLAIN_UNIT,
  plain,
  plainThere,
  unit,
} from "./docker-container-cases.js";

const good = { host: { name: "node-01" }, name: "shop", image: "mariadb:11" };

test("two ports of the node with one number are two when address or protocol differ", (t) => {
  const ports = [
    { internal: 53, external: 53, ip: "10.0.0.1" },
    { internal: 53, external: 53, ip: "10.0.0.2" },
    { internal: 53, external: 53, protocol: "udp" },
  ];
  t.deepEqual(checked(dockerContainer, { ...good, ports }).failures, []);
});

test("what a running container is made from reads back as the inputs: nothing is drift", (t) => {
  t.deepEqual(dockerContainer.drift(full, fullThere), full);
  t.deepEqual(dockerContainer.drift(plain, plainThere), plain);
});

test("a move after which a tag means another image is told with both; an image that the program changed is not", (t) => {
  const before = { ...plain, image: "mariadb:11", imageId: `sha256:${"a".repeat(64)}` };
  const after = { ...before, host: { name: "node-02" }, imageId: `sha256:${"b".repeat(64)}` };
  t.is(
    dockerContainer.ofMove?.(before, after),
    `container "dk-one": mariadb:11 is another image on host "node-02" (${after.imageId}) than on host "node-01", where it ran (${before.imageId}): each host has what the tag meant when it got there. For the same one everywhere, name it with its digest`,
  );
  for (const other of [{ imageId: before.imageId }, { imageId: undefined }, { image: "mariadb:12" }])
    t.is(dockerContainer.ofMove?.(before, { ...after, ...other }), undefined);
});

/** What drifted, from the point of view of all inputs. */
function drift(inputs: typeof full, observed: ObservedDockerContainer): Record<string, unknown> {
  const found = dockerContainer.drift(inputs, observed) as Record<string, unknown>;
  const before = inputs as Record<string, unknown>;
  return Object.fromEntries(Object.entries(found).filter(([key, value]) => !Object.is(value, before[key])));
}

const running = inspected("running");
const drifts: [string, ObservedDockerContainer, Record<string, unknown>][] = [
  ["it was removed", { ...fullThere, container: undefined }, { status: "missing" }],
  [
    "it ended",
    { ...fullThere, container: changed(running, { State: { Status: "exited", ExitCode: 137 } }) },
    { status: "exited with code 137" },
  ],
  [
    "it was made and never started",
    { ...fullThere, container: changed(running, { State: { Status: "created" } }) },
    { status: "created" },
  ],
  [
    "it is unhealthy",
    { ...fullThere, container: changed(running, { State: { Health: inspected("unhealthy").State.Health } }) },
    { status: "unhealthy" },
  ],
  [
    "its unit was removed",
    { ...fullThere, file: undefined, unit: undefined },
    { status: "running without its unit" },
  ],
  [
    "its unit is stopped",
    { ...fullThere, unit: { ...unit, active: "inactive" } },
    { status: "running without its unit" },
  ],
  [
    "its unit is disabled",
    { ...fullThere, unit: { ...unit, enabled: false } },
    { status: "running, but not at the next boot" },
  ],
  [
    "Docker was told to restart it",
    { ...fullThere, container: changed(running, { HostConfig: { RestartPolicy: { Name: "always" } } }) },
    { status: "running under a restart policy of Docker's" },
  ],
  [
    "the restart and the stop grace of its unit were changed",
    {
      ...fullThere,
      file: FULL_UNIT.replace("Restart=always", "Restart=no")
        .replace("stop -t 10", "stop -t 3")
        .replace("Sec=40", "Sec=33"),
    },
    { restart: "no", stopGrace: "3s" },
  ],
  [
    "its unit was changed otherwise",
    { ...fullThere, file: FULL_UNIT.replace("RestartSec=2", "RestartSec=9") },
    { status: "running under a changed unit" },
  ],
  [
    "its limits were changed",
    { ...fullThere, container: changed(running, { HostConfig: { Memory: 80 * 2 ** 20, NanoCpus: 1e9 } }) },
    { memory: "80MiB", cpus: 1 },
  ],
  [
    "it was made anew from other things",
    {
      ...fullThere,
      container: changed(running, {
        Config: { Image: "mooring-lab/tiny:2", Cmd: ["true"], Env: ["PATH=/bin", "SECRET=other"], User: "1" },
        HostConfig: {
          NetworkMode: "host",
          PortBindings: {},
          Mounts: [{ Type: "bind", Source: "/mnt/mooring/dk-y/data", Target: "/data", ReadOnly: true }],
        },
      }),
    },
    {
      image: "mooring-lab/tiny:2",
      command: ["true"],
      environment: { SECRET: "other" },
      ports: [],
      volumes: [{ source: "/mnt/mooring/dk-y", target: "/data", subdirectory: "data", readOnly: true }],
      user: "1",
      networkMode: "host",
    },
  ],
];

for (const [what, observed, found] of drifts) {
  test(`drift: ${what}`, (t) => {
    t.deepEqual(drift(full, observed), found);
  });
}

test("another image under the same reference is drift only for a container that is told its id", (t) => {
  const id = `sha256:${"0".repeat(64)}`;
  t.deepEqual(drift(full, fullThere), {});
  t.deepEqual(drift({ ...full, imageId: id }, fullThere), { imageId: running.Image });
});

test("what the image sets is no drift, and what the program no longer sets is another container", (t) => {
  const withImageDefaults = changed(inspected("plain"), {
    Config: {
      User: "999",
      Env: ["PATH=/bin"],
      Entrypoint: ["/entry"],
      Labels: inspected("plain").Config.Labels,
    },
  });
  t.deepEqual(drift(plain, { ...plainThere, container: withImageDefaults }), {});
  const { environment: _, ...rest } = full;
  t.deepEqual(Object.keys(drift(rest as typeof full, fullThere)), ["environment"]);
});

test("what the Engine gives back in another form is no difference", (t) => {
  const cleared = inputsOf(dockerContainer, {
    ...good,
    entrypoint: [""],
    cpus: 1 / 3,
    networkMode: "default",
  });
  t.deepEqual([cleared.cpus, cleared.networkMode], [0.333333333, "bridge"]);
  const { Config } = inspected("plain");
  for (const [Entrypoint, NetworkMode] of [
    [null, "bridge"],
    [[], "default"],
    [[""], "bridge"],
  ] as const) {
    const Labels = { ...Config.Labels, "mooring.set": '["entrypoint"]' };
    const container = changed(inspected("plain"), {
      Config: { Image: cleared.image, Entrypoint, Labels },
      HostConfig: { NanoCpus: 333_333_333, NetworkMode },
    });
    t.deepEqual(differences(cleared, container), {});
  }
});

test("only an inputs' own default fills what is not given", (t) => {
  const { host: _, owner: __, ...filled } = inputsOf(dockerContainer, good);
  t.deepEqual(filled, {
    name: "shop",
    image: "mariadb:11",
    networkMode: "bridge",
    stopGrace: "30s",
    restart: "always",
    waitTimeout: "300s",
    status: "running",
  });
});

test("the fixtures are of one owner, and their units are as they were on the host", (t) => {
  t.is(running.Config.Labels["mooring.owner"], OWNER);
  t.true(PLAIN_UNIT.includes(`# Owner: ${OWNER}\n`));
});
