import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerInfo } from "../../../../provider/host/docker.js";
import {
  dockerContainer,
  type ObservedDockerContainer,
} from "../../../../provider/resources/docker-container.js";
import { inputsOf } from "../plans.js";

const FIXTURES = join(__dirname, "..", "..", "..", "..", "..", "tests", "fixtures", "docker");

/** What Docker 20.10 answered for a container on a real host. */
export function inspected(name: "running" | "exited" | "unhealthy" | "plain" | "foreign"): ContainerInfo {
  return JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), "utf8")) as ContainerInfo;
}

export const OWNER = "urn:dk:container";

const common = {
  host: { name: "node-01" },
  owner: OWNER,
  name: "dk-one",
  image: "mooring-lab/tiny:1",
  stopGrace: "10s",
};

/** The inputs that the container of fixture "plain" was made from. */
export const plain = inputsOf(dockerContainer, { ...common, command: ["sleep", "1000"] });

/** Those of fixture "running": everything that can be set. */
export const full = inputsOf(dockerContainer, {
  ...common,
  entrypoint: ["/bin/sh", "-c"],
  command: ["while :; do date >> /data/log; sleep 1; done"],
  environment: { SECRET: "s3cr3t-value'\"$(id)", B: "x" },
  ports: [
    { internal: 8080, external: 18080 },
    { internal: 53, external: 10053, protocol: "udp", ip: "127.0.0.1" },
  ],
  volumes: [{ source: "/mnt/mooring/dk-x", target: "/data" }],
  memory: "64MiB",
  cpus: 0.5,
  labels: { "com.example.a": "b c" },
  user: "0:0",
  healthCheck: { command: ["/bin/sh", "-c", "test -s /data/log"], interval: "2s" },
});

export const PLAIN_UNIT = `# Made by Mooring; changes by hand are drift.
# Owner: urn:dk:container
[Unit]
Description=Mooring: container dk-one
Requisite=docker.service
Wants=network-online.target
After=docker.service network-online.target
StartLimitIntervalSec=0

[Service]
Environment=DOCKER_HOST=unix:///var/run/docker.sock
ExecStartPre=docker start dk-one
ExecStart=sh -c 'code=$$(docker wait dk-one) && exit "$$code"'
ExecStop=sh -c '[ -z "$$MAINPID" ] || kill "$$MAINPID"; exec docker stop -t 10 dk-one'
Restart=always
RestartSec=2
TimeoutStartSec=180
TimeoutStopSec=40
StandardOutput=null
StandardError=journal

[Install]
WantedBy=multi-user.target docker.service
`;

export const FULL_UNIT = PLAIN_UNIT.replace(
  "StartLimit",
  `BindsTo=mnt-mooring-dk\\x2dx.mount
After=mnt-mooring-dk\\x2dx.mount
AssertPathIsMountPoint=/mnt/mooring/dk-x
StartLimit`,
)
  .replace("WantedBy=multi-user.target", "WantedBy=mnt-mooring-dk\\x2dx.mount")
  .replace(
    "ExecStartPre=",
    // In a function: what stands here is no pattern.
    () => `ExecCondition=sh -c ' \\
for m in /mnt/mooring/dk-x; do \\
  u=$$(systemd-escape -p --suffix=mount "$$m"); d=$$(findmnt -fnro SOURCE "$$m"); e=0; \\
  grep -q "^# Owner: " "/etc/systemd/system/$$u" || continue; \\
  case $$d in \\
  /dev/nbd*) f=/sys/fs/ext4/$$\{d##*/}/errors_count; [ ! -e "$$f" ] || read -r e < "$$f"; [ "$$e" = 0 ] && ls -f "$$m" > /dev/null && continue ;; \\
  *) stat "$$m" > /dev/null && continue ;; \\
  esac; \\
  echo "$$m takes no writes after an error: it is mounted anew, and the container starts with it" >&2; \\
  a=$$(systemctl show -P BindsTo "$$u"); \\
  systemctl --no-block restart "$$\{a:-$$u}"; \\
  exit 1; \\
done'
ExecStartPre=`,
  );

export const unit = { active: "active", enabled: true, needsReload: false };

export const plainThere: ObservedDockerContainer = {
  container: inspected("plain"),
  file: PLAIN_UNIT,
  unit,
  leftImage: [],
};

export const fullThere: ObservedDockerContainer = {
  ...plainThere,
  container: inspected("running"),
  file: FULL_UNIT,
};

/** The container with something else in its state, its configuration or its host's part. */
export function changed(
  info: ContainerInfo,
  parts: { State?: object; Config?: object; HostConfig?: object; Image?: string },
): ContainerInfo {
  return {
    ...info,
    ...(parts.Image && { Image: parts.Image }),
    State: { ...info.State, ...parts.State },
    Config: { ...info.Config, ...parts.Config },
    HostConfig: { ...info.HostConfig, ...parts.HostConfig },
  };
}
