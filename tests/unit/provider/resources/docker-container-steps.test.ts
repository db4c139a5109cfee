import test, { type ExecutionContext } from "ava";
import type { ImageRecord } from "../../../../provider/container/image-records.js";
import type { DockerContainerInputs } from "../../../../provider/container/inputs.js";
import type { Port } from "../../../../provider/container/ports.js";
import { Refused } from "../../../../provider/host/errors.js";
import { commandOf, type Step } from "../../../../provider/host/steps.js";
import { dockerContainer } from "../../../../provider/resources/docker-container.js";
import { fakeNode } from "../../fake-node.js";
import { text, titles } from "../plans.js";
import { READ_CHANGED, REMOVE, UNLINK, WRITE } from "../scripts.js";
import {
  changed,
  FULL_UNIT,
  full,
  fullThere,
  inspected,
  PLAIN_UNIT,
  plain,
  plainThere,
  unit,
} from "./docker-container-cases.js";

const plan = (
  wanted: Parameters<typeof dockerContainer.plan>[0],
  observed: Parameters<typeof dockerContainer.plan>[1],
  identity = wanted ?? plain,
) => dockerContainer.plan(wanted, observed, identity);

const stepOf = (steps: readonly Step[], title: string) => steps.find((step) => step.title === title) as Step;

/** With these in place of tools of that name. */
function runOn(t: ExecutionContext, step: Step, tools: Record<string, string>) {
  const node = fakeNode(t, { devices: 0 });
  for (const [tool, body] of Object.entries(tools)) node.put(tool, body);
  return node.run(`set -eu\n${commandOf(step)}`);
}

test("from nothing: the volume's directory, the container, its unit, its start, and a wait", (t) => {
  t.is(
    text(plan(full, undefined)),
    `## make /mnt/mooring/dk-x/data
mountpoint -q '/mnt/mooring/dk-x' || { echo 'nothing is mounted at /mnt/mooring/dk-x' >&2; exit 1; }
[ -d '/mnt/mooring/dk-x/data' ] || (umask 022; mkdir -p '/mnt/mooring/dk-x/data'; sync '/mnt/mooring/dk-x/data')
[ "$(readlink -f '/mnt/mooring/dk-x/data')" = '/mnt/mooring/dk-x/data' ] || { echo "a link stands in its way" >&2; exit 1; }
## make container dk-one
${JSON.stringify({
  call: "create-container",
  name: "dk-one",
  options: {
    Image: "mooring-lab/tiny:1",
    Cmd: ["while :; do date >> /data/log; sleep 1; done"],
    Entrypoint: ["/bin/sh", "-c"],
    Env: ["SECRET=s3cr3t-value'\"$(id)", "B=x"],
    User: "0:0",
    Healthcheck: {
      Test: ["CMD", "/bin/sh", "-c", "test -s /data/log"],
      Interval: 2e9,
      Timeout: 30e9,
      StartPeriod: 60e9,
      Retries: 3,
    },
    ExposedPorts: { "53/udp": {}, "8080/tcp": {} },
    StopTimeout: 10,
    Labels: {
      "com.example.a": "b c",
      "mooring.owner": "urn:dk:container",
      "mooring.set":
        '["command","entrypoint","user","healthCheck","environment.SECRET","environment.B","labels.com.example.a"]',
    },
    HostConfig: {
      NetworkMode: "bridge",
      RestartPolicy: { Name: "no" },
      Mounts: [{ Type: "bind", Source: "/mnt/mooring/dk-x/data", Target: "/data", ReadOnly: false }],
      PortBindings: {
        "53/udp": [{ HostIp: "127.0.0.1", HostPort: "10053" }],
        "8080/tcp": [{ HostIp: "", HostPort: "18080" }],
      },
      Memory: 67108864,
      NanoCpus: 5e8,
    },
  },
})}
## write /etc/systemd/system/mooring-container-dk-one.service
set -- '/etc/systemd/system/mooring-container-dk-one.service' '0133' '' '${FULL_UNIT.replaceAll("'", "'\\''")}'
${WRITE}
## enable mooring-container-dk-one.service
set -- 'mooring-container-dk-one.service'
systemctl reenable -q --no-reload "$@"
## let systemd read mooring-container-dk-one.service
set -- 'mooring-container-dk-one.service'
${READ_CHANGED}
## start mooring-container-dk-one.service
set -- 'mooring-container-dk-one.service'
read -r from _ < /proc/uptime
said=$(timeout --foreground \${patience:-250} systemctl \${redo:-restart} "$@" 2>&1) || {
  code=$?
  # Of several it says nothing about the others.
  if [ $code != 5 ] || [ $# != 1 ]; then
    [ $code != 124 ] || said="not active after \${patience:-250} s (timeouts.steps gives it longer)"
    read -r to _ < /proc/uptime
    n=$#; for u do set -- "$@" -u "$u"; done; shift $n
    docker=$(journalctl -q -o cat -n 12 --since "-$((\${to%.*} - \${from%.*} + 1))s" --no-pager "$@" -t docker -t sh)
    printf '%s\\n' "\${docker:-$said}" >&2
    exit $code
  fi
}
## wait until container dk-one is ready
{"call":"wait-ready","name":"dk-one","timeoutMs":300000,"secrets":["s3cr3t-value'\\"$(id)","x"]}
## let systemd read everything
set -- 
: > '/run/mooring/links-read'.$$
systemctl daemon-reload
mv -f '/run/mooring/links-read'.$$ '/run/mooring/links-read'
`,
  );
});

test("steps that hold values of the environment are marked as secret, and no command holds one", (t) => {
  const steps = plan(full, undefined);
  t.deepEqual(titles(steps.filter((step) => step.secret)), [
    "make container dk-one",
    "wait until container dk-one is ready",
  ]);
  const commands = steps.filter((step) => !step.secret);
  t.false(text(commands).includes("s3cr3t"));
});

test("a container that is as wanted has nothing to be done", (t) => {
  t.deepEqual(plan(full, fullThere), []);
  t.deepEqual(plan(plain, plainThere), []);
});

test("another stop grace or restart changes the unit, and the container goes on", (t) => {
  const steps = plan({ ...full, stopGrace: "20s", restart: "on-failure" }, fullThere, full);
  t.deepEqual(titles(steps), [
    "write /etc/systemd/system/mooring-container-dk-one.service",
    "let systemd read mooring-container-dk-one.service",
  ]);
});

const REPLACE = [
  "check that image mooring-lab/tiny:1 is there",
  "look for /mnt/mooring/dk-x/data",
  "stop mooring-container-dk-one.service",
  "remove container dk-one",
  "make container dk-one",
  "start mooring-container-dk-one.service",
  "wait until container dk-one is ready",
];

for (const [what, other] of [
  ["environment", { environment: { SECRET: "another" } }],
  ["image", { image: "mooring-lab/tiny:2" }],
  ["image id", { imageId: `sha256:${"1".repeat(64)}` }],
  ["memory", { memory: undefined }],
  ["health check", { healthCheck: undefined }],
  ["owner, which is a label,", { owner: "urn:dk:renamed" }],
] as const) {
  test(`another ${what} makes another container; the volume stays`, (t) => {
    const steps = titles(plan({ ...full, ...other }, fullThere, full));
    const unitSteps = [
      "write /etc/systemd/system/mooring-container-dk-one.service",
      "let systemd read mooring-container-dk-one.service",
    ];
    const [, ...rest] = REPLACE;
    const image = "image" in other ? other.image : full.image;
    t.deepEqual(
      steps.filter((title) => !unitSteps.includes(title)),
      [`check that image ${image} is there`, ...rest],
    );
    t.is(steps.includes("let systemd read mooring-container-dk-one.service"), "owner" in other);
  });
}

test("where the container that is made anew has its data, an empty directory is never made", (t) => {
  const look = stepOf(
    plan({ ...full, memory: undefined }, fullThere, full),
    "look for /mnt/mooring/dk-x/data",
  );
  const gone = runOn(t, look, { mountpoint: "", readlink: "echo /mnt/mooring/dk-x/data" });
  t.is(gone.status, 1);
  t.regex(
    gone.stderr,
    /^\/mnt\/mooring\/dk-x\/data is not there any more, and the container .* make that directory on this node\n$/,
  );
  const bare = runOn(t, look, { mountpoint: "exit 1" });
  t.is(bare.stderr, "nothing is mounted at /mnt/mooring/dk-x\n");
  const more = { source: "/mnt/mooring/dk-y", target: "/more", subdirectory: "data", readOnly: false };
  const steps = titles(plan({ ...full, volumes: [...(full.volumes ?? []), more] }, fullThere, full));
  t.true(steps.includes("look for /mnt/mooring/dk-x/data"));
  t.true(steps.includes("make /mnt/mooring/dk-y/data"));
});

test("a port that something else has is seen before the running container is stopped", (t) => {
  const wanted = (port: Partial<Port>): DockerContainerInputs => ({
    ...full,
    ports: [...(full.ports ?? []), { internal: 80, external: 9090, protocol: "tcp", ...port }],
  });
  const listed = `udp   UNCONN 0      0           127.0.0.53%lo:53         0.0.0.0:*
tcp   LISTEN 0      4096          10.77.0.12:9090       0.0.0.0:*
tcp   LISTEN 0      4096                   *:9100             *:*
tcp   LISTEN 0      128                 [::]:9101          [::]:*
tcp   LISTEN 0      4096             0.0.0.0:9200       0.0.0.0:*
tcp   LISTEN 0      4096             0.0.0.0:9300       0.0.0.0:*
tcp   LISTEN 0      4096           127.0.0.1:19090      0.0.0.0:*`;
  // Another container of ours has it, and may be about to give it up.
  const DOCKER = 'case "$*" in *"publish=9200/tcp --filter label=mooring.owner") echo 0123456789ab ;; esac';
  const check = (port: Partial<Port>) => {
    const { external = 9090, protocol = "tcp" } = port;
    const steps = plan(wanted(port), fullThere, full);
    const title = `check that nothing has port ${external}/${protocol}`;
    t.true(titles(steps).indexOf(title) < titles(steps).indexOf("stop mooring-container-dk-one.service"));
    return runOn(t, stepOf(steps, title), { ss: `printf '%s\\n' '${listed}'`, docker: DOCKER });
  };
  t.deepEqual(check({ external: 9099 }), { status: 0, stdout: "", stderr: "" });
  t.deepEqual(check({ protocol: "udp" }), { status: 0, stdout: "", stderr: "" });
  t.deepEqual(check({ ip: "10.99.0.12" }), { status: 0, stdout: "", stderr: "" });
  t.deepEqual(check({ external: 9101, ip: "10.77.0.12" }), { status: 0, stdout: "", stderr: "" });
  t.deepEqual(check({ external: 9300, ip: "fd00::12" }), { status: 0, stdout: "", stderr: "" });
  t.deepEqual(check({ external: 9200 }), { status: 0, stdout: "", stderr: "" });
  for (const [port, at] of [
    [{}, "10.77.0.12:9090"],
    [{ ip: "10.77.0.12" }, "10.77.0.12:9090"],
    [{ ip: "0.0.0.0" }, "10.77.0.12:9090"],
    [{ external: 53, protocol: "udp" }, "127.0.0.53%lo:53"],
    [{ external: 53, protocol: "udp", ip: "127.0.0.53" }, "127.0.0.53%lo:53"],
    [{ external: 9100, ip: "10.99.0.12" }, "*:9100"],
    [{ external: 9101, ip: "fd00::12" }, "[::]:9101"],
    [{ external: 9300, ip: "10.77.0.12" }, "0.0.0.0:9300"],
    [{ external: 9300 }, "0.0.0.0:9300"],
  ] as const) {
    const { status, stderr } = check(port);
    const { external = 9090, protocol = "tcp" }: Partial<Port> = port;
    t.deepEqual(
      [status, stderr],
      [1, `port ${external}/${protocol} of this node is taken: something listens on ${at}\n`],
      JSON.stringify(port),
    );
  }
  const ofHost = changed(inspected("running"), { HostConfig: { NetworkMode: "host", PortBindings: {} } });
  const bridged = plan(wanted({}), { ...fullThere, container: ofHost }, full);
  t.false(
    titles(bridged).some((title) => title.startsWith("check that nothing has port")),
    "it has them itself",
  );
  const without = plan({ ...full, ports: [] }, fullThere, full);
  t.false(titles(without).some((title) => title.startsWith("check that nothing has port")));
});

test("a container that Docker itself would restart is made anew", (t) => {
  const container = changed(inspected("running"), { HostConfig: { RestartPolicy: { Name: "always" } } });
  t.deepEqual(titles(plan(full, { ...fullThere, container })), REPLACE);
});

const FIRST_START = [
  "enable mooring-container-dk-one.service",
  "let systemd read mooring-container-dk-one.service",
  "start mooring-container-dk-one.service",
  "wait until container dk-one is ready",
  "let systemd read everything",
];
const START = ["start mooring-container-dk-one.service", "wait until container dk-one is ready"];

test("one that is down, paused or unhealthy, or runs without its unit, is started through its unit", (t) => {
  const states = [
    { Status: "exited", Running: false },
    { Status: "paused" },
    { Health: inspected("unhealthy").State.Health },
  ];
  for (const State of states)
    t.deepEqual(
      titles(plan(full, { ...fullThere, container: changed(inspected("running"), { State }) })),
      START,
    );
  t.deepEqual(titles(plan(full, { ...fullThere, unit: { ...unit, active: "failed" } })), START);
});

test("a unit that is disabled is enabled, and the container goes on", (t) => {
  t.deepEqual(titles(plan(full, { ...fullThere, unit: { ...unit, enabled: false } })), [
    "enable mooring-container-dk-one.service",
    "let systemd read everything",
  ]);
});

test("a unit file that systemd has not read is read", (t) => {
  t.deepEqual(titles(plan(full, { ...fullThere, unit: { ...unit, needsReload: true } })), [
    "let systemd read mooring-container-dk-one.service",
  ]);
});

test("links that systemd has not read, as where the wait for the container was cut off, are read", (t) => {
  t.deepEqual(titles(plan(full, { ...fullThere, unit: { ...unit, unreadLinks: true } })), [
    "let systemd read everything",
  ]);
});

test("a unit that is gone is written, and the container that runs comes under it", (t) => {
  t.deepEqual(titles(plan(plain, { ...plainThere, file: undefined, unit: undefined })), [
    "write /etc/systemd/system/mooring-container-dk-one.service",
    ...FIRST_START,
  ]);
});

test("a container that is gone is made anew under its unit", (t) => {
  t.deepEqual(titles(plan(plain, { ...plainThere, container: undefined })), [
    "stop mooring-container-dk-one.service",
    "make container dk-one",
    ...START,
  ]);
});

test("somebody else's container or unit is in the way, and adopt replaces it", (t) => {
  const foreign = { container: inspected("foreign"), file: undefined, unit: undefined, leftImage: [] };
  t.throws(() => plan(plain, foreign), {
    instanceOf: Refused,
    message: `container "dk-one" on host "node-01" is in the way: it has no owner record: somebody else made it. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
  const file = PLAIN_UNIT.replace("urn:dk:container", "urn:other");
  t.throws(() => plan(plain, { ...plainThere, file }), {
    instanceOf: Refused,
    message:
      /^\/etc\/systemd\/system\/mooring-container-dk-one\.service on host "node-01" is in the way: it belongs to urn:other\./,
  });
  t.deepEqual(titles(plan({ ...plain, adopt: true }, foreign)), [
    "check that image mooring-lab/tiny:1 is there",
    "remove container dk-one",
    "make container dk-one",
    "write /etc/systemd/system/mooring-container-dk-one.service",
    ...FIRST_START,
  ]);
});

test("an image's own volume, beside the data volumes, is a warning: what is in it does not move", (t) => {
  const container = {
    ...inspected("running"),
    Mounts: [
      { Type: "bind", Source: "/mnt/mooring/dk-x/data", Destination: "/data" },
      { Type: "volume", Name: "4f1e", Source: "", Destination: "/var/lib/mysql" },
    ],
  } as never;
  t.deepEqual(dockerContainer.warnings?.(full, { ...fullThere, container }, true), [
    {
      about: "container dk-one at /var/lib/mysql",
      text: 'container "dk-one" on host "node-01": its image declares a volume of its own at /var/lib/mysql (VOLUME). What is written there is on this host alone: it is not on the data volume, and does not move. Should it, mount the data volume there',
    },
  ]);
  t.deepEqual(dockerContainer.warnings?.(plain, { ...plainThere, container }, true), []);
});

test("what somebody renamed is refused, made or removed: it would go on with the data", (t) => {
  const renamed = { ...fullThere, container: undefined, renamed: "dk-old" };
  for (const [wanted, observed] of [
    [full, renamed],
    [full, { ...renamed, file: undefined, unit: undefined }],
    [undefined, renamed],
  ] as const)
    t.throws(() => plan(wanted, observed, full), {
      instanceOf: Refused,
      message: `container "dk-one" on host "node-01" was renamed to "dk-old", and may be running under that name, on the same data. Nothing was changed.
Rename it back there: docker rename dk-old dk-one; or remove it: docker rm -f dk-old.`,
    });
  t.is(dockerContainer.drift(full, renamed).status, "renamed to dk-old");
});

test("to be gone: stopped with its grace, removed, and its unit with it; the volume is not touched", (t) => {
  t.is(
    text(plan(undefined, fullThere, full)),
    `## stop mooring-container-dk-one.service
set -- 'mooring-container-dk-one.service'
read -r from _ < /proc/uptime
said=$(timeout --foreground \${patience:-70} systemctl stop "$@" 2>&1) || {
  code=$?
  # Of several it says nothing about the others.
  if [ $code != 5 ] || [ $# != 1 ]; then
    [ $code != 124 ] || said="not stopped after \${patience:-70} s (timeouts.steps gives it longer)"
    read -r to _ < /proc/uptime
    n=$#; for u do set -- "$@" -u "$u"; done; shift $n
    docker=$(journalctl -q -o cat -n 12 --since "-$((\${to%.*} - \${from%.*} + 1))s" --no-pager "$@" -t docker -t sh)
    printf '%s\\n' "\${docker:-$said}" >&2
    exit $code
  fi
}
## remove container dk-one
{"call":"remove-container","name":"dk-one","graceSeconds":10}
## disable mooring-container-dk-one.service
set -- 'mooring-container-dk-one.service'
${UNLINK}
## let systemd read everything
set -- 
: > '/run/mooring/links-read'.$$
systemctl daemon-reload
mv -f '/run/mooring/links-read'.$$ '/run/mooring/links-read'
## let systemd forget what is gone
set -- 
gone=$(systemctl list-units --all --full --plain --no-legend --state=not-found 'mooring-*' | while read -r u _; do echo "$u"; done)
[ -z "$gone" ] || systemctl reset-failed $gone 2>/dev/null || true
## remove mooring-container-dk-one.service
set -- 'mooring-container-dk-one.service'
${REMOVE}
`,
  );
});

test("what is gone, or somebody else's by now, is left alone", (t) => {
  t.deepEqual(plan(undefined, undefined), []);
  t.deepEqual(
    plan(undefined, { container: inspected("foreign"), file: undefined, unit: undefined, leftImage: [] }),
    [],
  );
});

test("an image whose resource is gone goes with the last container that used it", (t) => {
  const left: ImageRecord = {
    image: "mooring-lab/tiny:1",
    owner: "urn:dk:image",
    source: "pull",
    left: true,
  };
  const observed = { ...plainThere, leftImage: [left] };
  const cleared = [
    "remove image mooring-lab/tiny:1",
    "remove /var/lib/mooring/images/mooring-lab_tiny_1-ffffffffffff.json",
  ];
  const known = (all: string[]): string[] =>
    all.map((title) => title.replace(/-[0-9a-f]{12}\.json$/, "-ffffffffffff.json"));
  t.deepEqual(known(titles(plan(undefined, observed))).slice(2, 4), cleared);
  t.deepEqual(
    known(titles(plan({ ...plain, image: "mooring-lab/tiny:2" }, observed, plain))).slice(-2),
    cleared,
  );
  t.false(titles(plan({ ...plain, user: "1" }, observed, plain)).includes("remove image mooring-lab/tiny:1"));
});
