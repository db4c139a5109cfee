import { DOCKER_SOCKET } from "../host/docker-requests.js";
import { patience } from "../host/patience.js";
import { Sh, sh } from "../host/sh.js";
import { runFor, type Step } from "../host/steps.js";
import { write } from "../host/writing.js";
import { header } from "../ownership.js";
import { RESTART, UNIT_DIRECTORY, unitFile } from "../systemd.js";
import { mountUnit } from "../unit-name.js";
import type { DockerContainerInputs } from "./inputs.js";
import { stopSeconds } from "./spec.js";

export function containerUnit(name: string): string {
  return `mooring-container-${name}.service`;
}

/** How long systemd gives the container to stop. */
function stopLimit(inputs: Pick<DockerContainerInputs, "stopGrace">): number {
  return stopSeconds(inputs) + 30;
}

/** How long systemd gives the Engine to start the container. */
const START_LIMIT = 180;

/** The unit that alone starts the container: docs/decisions/0005-container-unit.md has the reasons. */
export function unitText(inputs: DockerContainerInputs): string {
  const { name, owner, restart, volumes = [] } = inputs;
  const sources = [...new Set(volumes.map(({ source }) => source))].sort();
  const mounts = sources.map(mountUnit);
  const bound =
    mounts.length > 0
      ? `BindsTo=${mounts.join(" ")}
After=${mounts.join(" ")}
${sources.map((source) => `AssertPathIsMountPoint=${source}`).join("\n")}
`
      : "";
  return `${header(owner)}[Unit]
Description=Mooring: container ${name}
Requisite=docker.service
Wants=network-online.target
After=docker.service network-online.target
${bound}StartLimitIntervalSec=0

[Service]
Environment=DOCKER_HOST=${DOCKER_SOCKET}
${sources.length > 0 ? condition(takesWrites(sources)) : ""}ExecStartPre=${startCommand(name)}
ExecStart=sh -c 'code=$$(docker wait ${name}) && exit "$$code"'
ExecStop=sh -c '[ -z "$$MAINPID" ] || kill "$$MAINPID"; ${byName(name)}exec docker stop -t ${stopSeconds(inputs)} ${name}'
Restart=${restart}
RestartSec=2
TimeoutStartSec=${START_LIMIT}
TimeoutStopSec=${stopLimit(inputs)}
StandardOutput=null
StandardError=journal

[Install]
WantedBy=${[...(mounts.length > 0 ? mounts : ["multi-user.target"]), "docker.service"].join(" ")}
`;
}

/**
 * Where there is no container of a name, `docker` takes the name for the beginning of an id: one of hexadecimal digits
 * alone, such as `db`, may then be another's.
 */
function byName(name: string): string {
  if (!/^[0-9a-f]+$/.test(name)) return "";
  return `[ "$$(docker container inspect -f "{{.Name}}" ${name})" = /${name} ] || exit 1; `;
}

function startCommand(name: string): string {
  const check = byName(name);
  return check === "" ? `docker start ${name}` : `sh -c '${check}exec docker start ${name}'`;
}

function condition(script: string): string {
  return `ExecCondition=sh -c '${script.replaceAll("$", "$$$$").replaceAll("\n", " \\\n")}'\n`;
}

/**
 * After an error a file system takes no writes until it is mounted anew, and a container on it would be started again
 * and again in vain. So it stays down, and what is mounted is started anew: where the storage host lets this node in
 * again, the container comes back with it; where it does not, nothing is mounted. What others mounted is their affair.
 * Without single quotes.
 */
export function takesWrites(sources: readonly string[]): string {
  return `
for m in ${sources.join(" ")}; do
  u=$(systemd-escape -p --suffix=mount "$m"); d=$(findmnt -fnro SOURCE "$m"); e=0;
  grep -q "^# Owner: " "${UNIT_DIRECTORY}/$u" || continue;
  case $d in
  /dev/nbd*) f=/sys/fs/ext4/\${d##*/}/errors_count; [ ! -e "$f" ] || read -r e < "$f"; [ "$e" = 0 ] && ls -f "$m" > /dev/null && continue ;;
  *) stat "$m" > /dev/null && continue ;;
  esac;
  echo "$m takes no writes after an error: it is mounted anew, and the container starts with it" >&2;
  a=$(systemctl show -P BindsTo "$u");
  systemctl --no-block restart "\${a:-$u}";
  exit 1;
done`;
}

/** The inputs that a unit file shows. */
export function unitInputs(text: string): Partial<Pick<DockerContainerInputs, "restart" | "stopGrace">> {
  const restart = text.match(/^Restart=(\S+)$/m)?.[1];
  const seconds = text.match(/docker stop -t (\d+) /)?.[1];
  return {
    ...(restart && { restart: restart as DockerContainerInputs["restart"] }),
    ...(seconds && { stopGrace: `${seconds}s` }),
  };
}

export function writeUnit(inputs: DockerContainerInputs): Step {
  return write(unitFile(containerUnit(inputs.name)), unitText(inputs));
}

/** What starts it, as its file says. */
export function wantedBy(text: string): string | undefined {
  return text.match(/^WantedBy=(.*)$/m)?.[1];
}

/** What is loaded already learns of it with {@link readLinks}. */
export function enableUnit(name: string): Step {
  const unit = containerUnit(name);
  return runFor(`enable ${unit}`, [unit], sh`systemctl reenable -q --no-reload "$@"`, UNIT_DIRECTORY);
}

/** Starts it anew when it is there already. */
export function startUnit(inputs: DockerContainerInputs): Step {
  const unit = containerUnit(inputs.name);
  return runFor(`start ${unit}`, [unit], within(START_LIMIT + stopLimit(inputs) + 30, RESTART, "active"));
}

/** Honours the stop grace; the unit may be unknown to systemd already (exit code 5). */
export function stopUnit(inputs: DockerContainerInputs): Step {
  const unit = containerUnit(inputs.name);
  return runFor(`stop ${unit}`, [unit], within(stopLimit(inputs) + 30, sh`stop`, "stopped"));
}

/** What Docker said is the error; systemd's own words are, where Docker was not even asked. */
function within(seconds: number, verb: Sh, wanted: string): Sh {
  return sh`read -r from _ < /proc/uptime
said=$(timeout --foreground ${patience(seconds)} systemctl ${verb} "$@" 2>&1) || {
  code=$?
  # Of several it says nothing about the others.
  if [ $code != 5 ] || [ $# != 1 ]; then
    [ $code != 124 ] || said="not ${new Sh(wanted)} after ${patience(seconds)} s (timeouts.steps gives it longer)"
    read -r to _ < /proc/uptime
    n=$#; for u do set -- "$@" -u "$u"; done; shift $n
    docker=$(journalctl -q -o cat -n 12 --since "-$((\${to%.*} - \${from%.*} + 1))s" --no-pager "$@" -t docker -t sh)
    printf '%s\\n' "\${docker:-$said}" >&2
    exit $code
  fi
}`;
}
