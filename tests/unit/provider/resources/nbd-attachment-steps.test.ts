import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { commandOf } from "../../../../provider/host/steps.js";
import { attachScriptText, attachUnitText, specOf } from "../../../../provider/nbd/attachment-files.js";
import { startOnNode } from "../../../../provider/nbd/attachment-steps.js";
import { nbdAttachment } from "../../../../provider/resources/nbd-attachment.js";
import { fakeNode } from "../../fake-node.js";
import { text } from "../plans.js";
import {
  ALLOW,
  compareOwner,
  ENABLE,
  MAKE_MOUNT_POINT,
  REMOVE,
  REMOVE_MOUNT_POINT,
  RESTART,
  refuseHeld,
  start,
  stop,
  UNLINK,
  WRITE,
  WRITE_THROUGH,
} from "../scripts.js";
import { free, live, OWNER, record, wanted } from "./nbd-attachment-cases.js";

test("from nothing: the volume is taken on the storage host first, then attached and mounted on the node", (t) => {
  t.is(
    text(nbdAttachment.plan(wanted, free, wanted)),
    `## compare the record of volume yundream (on storage)
current=
{ IFS= read -r current < '/var/lib/mooring/volumes/yundream.json'; } 2>/dev/null || true
[ "$current" = '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}' ] || [ "$current" = '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":4,"holder":{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NbdAttachment::yundream","node":"node-01","address":"10.77.0.12","server":"10.77.0.11:10809 with TLS","credential":"6cca4248493bf495d69c6f5e7214ea617338a3d6518e9a5366fa58e8fbdc814d"}}' ] || { echo "another program took the volume meanwhile; its record is now: $current" >&2; exit 1; }
## stop serving yundream (on storage)
set -- 'mooring-export-yundream.socket' 'mooring-export-yundream.service'
${stop(60)}
## write /var/lib/mooring/volumes/yundream.env (on storage)
set -- '/var/lib/mooring/volumes/yundream.env' '0133' '' 'MOORING_PORT=10809
MOORING_EPOCH=4
'
${WRITE_THROUGH}
## revoke the credential of yundream (on storage)
set -- '/var/lib/mooring/keys/yundream'
rm -rf -- "$@"
for d in '/var/lib/mooring/keys'; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done
## make /var/lib/mooring/keys/yundream (on storage)
set -- '/var/lib/mooring/keys/yundream'
mkdir -p -m 0700 '/var/lib/mooring'/keys "$@"
## write /var/lib/mooring/keys/yundream/dh-params.pem (on storage)
set -- '/var/lib/mooring/keys/yundream/dh-params.pem' '0177' '' '-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
'
${WRITE}
## write /var/lib/mooring/keys/yundream/keys.psk (on storage)
set -- '/var/lib/mooring/keys/yundream/keys.psk' '0177' '' 'mooring:7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f
'
${WRITE}
## let 10.77.0.12 alone in (on storage)
set -- 'mooring-export-yundream.socket' '10.77.0.12'
${ALLOW}
## write /var/lib/mooring/volumes/yundream.json (on storage)
set -- '/var/lib/mooring/volumes/yundream.json' '0133' '' '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":4,"holder":{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NbdAttachment::yundream","node":"node-01","address":"10.77.0.12","server":"10.77.0.11:10809 with TLS","credential":"6cca4248493bf495d69c6f5e7214ea617338a3d6518e9a5366fa58e8fbdc814d"}}
'
${WRITE_THROUGH}
## start serving yundream (on storage)
set -- 'mooring-export-yundream.socket' 'mooring-export-yundream.service'
systemctl reset-failed "$@" 2>/dev/null || true
${start(60)}
${compareOwner("/var/lib/mooring/attachments/yundream.sh", OWNER)}${compareOwner("/etc/systemd/system/mnt-mooring-yundream.mount", OWNER)}## write /var/lib/mooring/attachments/yundream.sh
set -- '/var/lib/mooring/attachments/yundream.sh' '077' '0700' '#!/bin/sh
# Made by Mooring; changes by hand are drift.
# Owner: urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NbdAttachment::yundream
# Export: yundream.g4 at 10.77.0.11:10809
set -eu
link='\\''/run/mooring/attached/yundream'\\''
pid='\\''/run/mooring/attach-yundream.pid'\\''
task='\\''/run/mooring/attach-yundream.task'\\''
room='\\''/run/mooring/attach-yundream.room'\\''
grown='\\''/var/lib/mooring/attachments/yundream.grown'\\''
fail() { echo "$1" >&2; exit 1; }
connected() { [ -e "/sys/block/\${dev##*/}/pid" ]; }
waitfor() { n=0; until "$@"; do n=$((n + 1)); [ $n -lt 100 ] || return 1; sleep 0.1; done; }
own() { connected && [ "$(cat "/sys/block/\${dev##*/}/pid")" = "$(cat "$task" 2>/dev/null)" ]; }
ready() { connected && [ -b "$dev" ] && read -r size < "/sys/block/\${dev##*/}/size" && [ "$size" -gt 0 ]; }
gone() { ! connected; }
look() {
  uuid= state= blocks=0 block=0 seen= mark= marker= marked=0
  while IFS=: read -r key value; do
    value=\${value#"\${value%%[! ]*}"}
    case $key in
    "Filesystem UUID") uuid=$value ;;
    "Filesystem state") state=\${state:-$value} ;;
    "FS Error count") state=errors ;;
    "Block count") blocks=$value ;;
    "Block size") block=$value ;;
    *mmp_sequence) seen=$value ;;
    *mmp_node_name) mark=$value ;;
    *mmp_device_name) marker=$value ;;
    *mmp_update_time) marked=$value ;;
    esac
  done <<END
$(dumpe2fs -h "$dev" 2>/dev/null)
END
}
check() { said=$(e2fsck -fp "$dev" 2>&1) || [ $? -le 1 ]; }
disconnect() {
  qemu-nbd --disconnect "$dev" >/dev/null
  waitfor gone || fail "$dev is still connected"
  rm -f "$link" "$pid" "$task" "$room"
}

attach() {
  [ -d "\${link%/*}" ] || mkdir -p "\${link%/*}"
  if [ -L "$link" ]; then
    dev=$(readlink "$link"); dev=\${dev%p1}
    # A crash of the client left it: what it held is unmounted by systemd before this runs again. The device may be
    # another volume'\\''s by now.
    if own; then disconnect; else rm -f "$link"; fi
  fi
  said=/run/mooring/nbd.said.$$
  echo "every free nbd device is being connected by somebody else" > "$said"
  tries=0
  dev=
  # Many at once begin at different ones: each that finds another'\\''s lock costs a process.
  set -- /sys/block/nbd*
  n=$(($$ % $#))
  while [ $n != 0 ]; do set -- "$@" "$1"; shift; n=$((n - 1)); done
  while [ -z "$dev" ]; do
    free=
    for sys do
      [ ! -e "$sys/pid" ] || continue
      free=\${sys##*/}
      exec 8<>"/run/mooring/$free.lock"
      flock -n 8 && [ ! -e "$sys/pid" ] || continue
      dev=/dev/$free
      code=0
      timeout 60 qemu-nbd --fork --pid-file="$pid" --connect="$dev" --discard=unmap --object tls-creds-psk,id=tls,endpoint=client,dir=/var/lib/mooring/attachments/yundream,username=mooring --image-opts '\\''driver=nbd,server.type=inet,server.host=10.77.0.11,server.port=10809,export=yundream.g4,tls-creds=tls,reconnect-delay=120,open-timeout=30'\\'' 8>&- 2>"$said" || code=$?
      [ $code != 0 ] || break
      [ $code != 124 ] || echo "no answer from 10.77.0.11:10809 within 60 s. It lets 10.77.0.12 alone in: is that the address this node connects from?" >> "$said"
      grep -Eq '\\''set NBD socket|resource busy|setup device|Failed to open /dev/nbd|lock pid file|lock/qemu-nbd-nbd'\\'' "$said" || { cat "$said" >&2; rm -f "$said"; exit $code; }
      dev=
    done
    [ -n "$free" ] || { rm -f "$said"; echo "no free nbd device: all are in use (load the module with a larger nbds_max)" >&2; exit 1; }
    tries=$((tries + 1)); [ -n "$dev" ] || [ $tries -lt $((10 * 2)) ] || { cat "$said" >&2; rm -f "$said"; exit 1; }
    [ -n "$dev" ] || { exec 8>&-; sleep 0.5; }
  done
  rm -f "$said"
  waitfor ready || { disconnect; fail "$dev did not become ready"; }
  read -r id < "/sys/block/\${dev##*/}/pid"
  echo "$id" > "$task"
  # Before what takes its time: who comes next finds the connection that nbd-client left when it was stopped in it.
  ln -sfn "$dev" "$link"
  exec 8>&-
  look
  [ "$uuid" = '\\''d15c02ab-c949-4451-a9b8-cef990c39494'\\'' ] || {
    disconnect
    fail "the export carries file system '\\''\${uuid:-unreadable}'\\'', expected d15c02ab-c949-4451-a9b8-cef990c39494: it was not mounted and nothing was written"
  }
  [ "\${seen:-0xff4d4d50}" = 0xff4d4d50 ] || [ "$mark" != "$(uname -n)" ] || {
    dead=
    # A path is a program'\\''s, not the kernel'\\''s.
    case $marker in "" | */*) ;; *) [ -e "/proc/fs/ext4/$marker" ] || dead=1 ;; esac
    [ -n "$dead" ] || while read -r key value; do
      [ "$key" = btime ] || continue
      [ "$marked" -ge "$value" ] || dead=1
      break
    done < /proc/stat
    [ -z "$dead" ] || tune2fs -f -E clear_mmp "$dev" >/dev/null 2>&1 || true
  }
  case $state in
  clean) ;;
  *)
    check || {
      # One that was ended in its middle has left its mark, and nobody but this node is let in.
      case $said in *"e2fsck being run"*) tune2fs -f -E clear_mmp "$dev" >/dev/null 2>&1 && check ;; *) false ;; esac
    } || { disconnect; fail "e2fsck: $said"; }
    ;;
  esac
  read -r sectors < "/sys/class/block/\${dev##*/}/size" || { disconnect; fail "the size of $dev is not known"; }
  { read -r had < "$grown"; } 2>/dev/null || had=
  [ $((sectors * 512 - blocks * block)) -lt 4096 ] || [ "$sectors" = "$had" ] || : > "$room"
}

detach() {
  [ -L "$link" ] || exit 0
  dev=$(readlink "$link"); dev=\${dev%p1}
  if own; then
    blockdev --flushbufs "$dev" || true
    disconnect
  else
    rm -f "$link" "$pid" "$task" "$room"
  fi
}

case \${1-} in
attach | detach) "$1" ;;
*) fail "usage: $0 attach|detach" ;;
esac
'
${WRITE}
## make the mount point /mnt/mooring/yundream
set -- '/mnt/mooring/yundream'
${MAKE_MOUNT_POINT}
## make /var/lib/mooring/attachments/yundream
set -- '/var/lib/mooring/attachments/yundream'
mkdir -p '/var/lib/mooring'/attachments
mkdir -p -m 0700 -- "$@"
## write /var/lib/mooring/attachments/yundream/keys.psk
set -- '/var/lib/mooring/attachments/yundream/keys.psk' '0177' '' 'mooring:7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f
'
${WRITE}
## write /etc/systemd/system/mooring-attach-yundream.service
set -- '/etc/systemd/system/mooring-attach-yundream.service' '0133' '' '# Made by Mooring; changes by hand are drift.
# Owner: urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NbdAttachment::yundream
[Unit]
Description=Mooring: data volume yundream attached over NBD
After=network-online.target systemd-modules-load.service modprobe@nbd.service
After=mooring-export-yundream.socket mooring-export-yundream.service
Wants=network-online.target modprobe@nbd.service
StartLimitIntervalSec=0

[Service]
Type=forking
PIDFile=/run/mooring/attach-yundream.pid
ExecStart=/bin/sh /var/lib/mooring/attachments/yundream.sh attach
ExecStop=/bin/sh /var/lib/mooring/attachments/yundream.sh detach
KillMode=mixed
Restart=on-failure
RestartSec=5
TimeoutStartSec=infinity
TimeoutStopSec=120
TimeoutStopFailureMode=kill

[Install]
WantedBy=multi-user.target
'
${WRITE}
## write /etc/systemd/system/mnt-mooring-yundream.mount
set -- '/etc/systemd/system/mnt-mooring-yundream.mount' '0133' '' '# Made by Mooring; changes by hand are drift.
# Owner: urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NbdAttachment::yundream
[Unit]
Description=Mooring: data volume yundream
BindsTo=mooring-attach-yundream.service
After=mooring-attach-yundream.service

[Mount]
What=/run/mooring/attached/yundream
Where=/mnt/mooring/yundream
Type=ext4
Options=_netdev,nofail,noatime,nodev,nosuid
TimeoutSec=180

[Install]
WantedBy=mooring-attach-yundream.service
'
${WRITE}
## enable mooring-attach-yundream.service, mnt-mooring-yundream.mount
set -- 'mooring-attach-yundream.service' 'mnt-mooring-yundream.mount'
${ENABLE}
## restart mooring-attach-yundream.service, mnt-mooring-yundream.mount
set -- 'mooring-attach-yundream.service' 'mnt-mooring-yundream.mount'
${start(400, RESTART)}
## grow the file system of yundream to its disk
set -- 'yundream' '/mnt/mooring/yundream'
while [ $# != 0 ]; do
  if [ -e "/run/mooring/attach-$1.room" ]; then
    dev=$(readlink "/run/mooring/attached/$1")
    said=$(resize2fs "$dev" 2>&1) || { printf '%s
' "$said" >&2; exit 1; }
    cat "/sys/class/block/\${dev##*/}/size" > "/var/lib/mooring/attachments/$1.grown"
    rm -f "/run/mooring/attach-$1.room"
  fi
  shift 2
done
## wait for containers on volume yundream
set -- 'mnt-mooring-yundream.mount'
for m do
  for u in /etc/systemd/system/"$m".wants/mooring-container-*.service; do
    [ ! -L "$u" ] || timeout --foreground \${patience:-120} systemctl start "\${u##*/}" || true
  done
done
`,
  );
});

test("gone: container-side first, then given back on the storage host", (t) => {
  t.is(
    text(nbdAttachment.plan(undefined, live, wanted)),
    `## stop mnt-mooring-yundream.mount
set -- 'mnt-mooring-yundream.mount'
${stop(180)}
${UNLINK}
## check that nothing holds volume yundream
number=
[ ! -L '/run/mooring/attached/yundream' ] || number=$(lsblk -dno MAJ:MIN "$(readlink '/run/mooring/attached/yundream')" 2>/dev/null | tr -d ' ') || number=
[ -z "$number" ] || {
${refuseHeld('" $number "')}
}
## stop mooring-attach-yundream.service
set -- 'mooring-attach-yundream.service'
${stop(150)}
${UNLINK}
## remove the mount point /mnt/mooring/yundream
set -- '/mnt/mooring/yundream'
${REMOVE_MOUNT_POINT}
## remove the credential of yundream
rm -rf '/var/lib/mooring/attachments/yundream' '/run/mooring/attached/yundream' '/run/mooring/attach-yundream.task' '/run/mooring/attach-yundream.room' '/var/lib/mooring/attachments/yundream.grown'
## remove mnt-mooring-yundream.mount, mooring-attach-yundream.service
set -- 'mnt-mooring-yundream.mount' 'mooring-attach-yundream.service'
${REMOVE}
## remove /var/lib/mooring/attachments/yundream.sh
rm -f '/var/lib/mooring/attachments/yundream.sh'
for d in '/var/lib/mooring/attachments' '/var/lib/mooring'; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done
## compare the record of volume yundream (on storage)
current=
{ IFS= read -r current < '/var/lib/mooring/volumes/yundream.json'; } 2>/dev/null || true
[ "$current" = '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3,"holder":{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NbdAttachment::yundream","node":"node-01","address":"10.77.0.12","server":"10.77.0.11:10809 with TLS","credential":"7ad4269deff078e1a679e7cac1a69b8ae745eae77583c52fbfdc35a27fcb6814"}}' ] || [ "$current" = '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":4}' ] || { echo "another program took the volume meanwhile; its record is now: $current" >&2; exit 1; }
## stop serving yundream (on storage)
set -- 'mooring-export-yundream.socket' 'mooring-export-yundream.service'
${stop(60)}
## write /var/lib/mooring/volumes/yundream.env (on storage)
set -- '/var/lib/mooring/volumes/yundream.env' '0133' '' 'MOORING_PORT=10809
MOORING_EPOCH=4
'
${WRITE_THROUGH}
## revoke the credential of yundream (on storage)
set -- '/var/lib/mooring/keys/yundream'
rm -rf -- "$@"
for d in '/var/lib/mooring/keys'; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done
## let nobody in to yundream (on storage)
set -- 'mooring-export-yundream.socket' ''
${ALLOW}
## write /var/lib/mooring/volumes/yundream.json (on storage)
set -- '/var/lib/mooring/volumes/yundream.json' '0133' '' '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":4}
'
${WRITE_THROUGH}
`,
  );
});

const spec = specOf(wanted, record, free.endpoint, 4);
const variants = {
  "qemu-nbd, ext4": spec,
  "qemu-nbd, xfs in a partition": { ...spec, fsType: "xfs", partitioned: true },
  "nbd-client, ext4 in a partition": { ...spec, client: "nbd-client" as const, partitioned: true },
};

for (const [variant, each] of Object.entries(variants)) {
  test(`the script of ${variant} is whole for sh, and formats nothing`, (t) => {
    const script = attachScriptText(each);
    const { status, stderr } = spawnSync("/bin/sh", ["-n"], { input: script, encoding: "utf8" });
    t.deepEqual([status, stderr], [0, ""]);
    t.notRegex(script, /mkfs|wipefs|\bdd\b/);
    t.is(/e2fsck -fp/.test(script), each.fsType === "ext4");
    t.is(/\$\{dev\}p1"/.test(script), each.partitioned);
  });
}

test("nbd-client ends when the device is connected, and its unit stays active", (t) => {
  const each = { ...spec, client: "nbd-client" as const, tls: false, reconnectSeconds: 60 };
  t.regex(
    attachScriptText(each),
    /^ {6}timeout 60 nbd-client 10\.77\.0\.11 10809 "\$dev" -N 'yundream\.g4' -timeout 60 8>&- >\/dev\/null 2>"\$said" \|\| code=\$\?$/m,
  );
  t.regex(attachScriptText(each), /^ {2}nbd-client -d "\$dev" >\/dev\/null$/m);
  t.regex(attachUnitText(each), /^Type=oneshot\nRemainAfterExit=yes$/m);
  t.notRegex(attachUnitText(each), /PIDFile/);
});

test("a delay that is no whole second is rounded up", (t) => {
  t.is(specOf({ ...wanted, reconnectDelay: "1500ms" }, record, free.endpoint, 4).reconnectSeconds, 2);
});

/** A node on which qemu-nbd connects and disconnects, and every file system is the expected one unless `uuid` says otherwise. */
function attaching(t: ExecutionContext, state: string, uuid = record.fsUuid) {
  const node = fakeNode(t, { devices: 2 });
  node.put(
    "qemu-nbd",
    `for arg; do case $arg in --connect=*) d="$root/sys/\${arg##*/}"; echo 1 > "$d/pid"; echo 2 > "$d/size" ;; esac; done
[ "$1" != --disconnect ] || rm -f "$root/sys/\${2##*/}/pid"`,
  );
  node.put("udevadm", "");
  node.put("blockdev", "");
  node.put(
    "dumpe2fs",
    `printf 'Filesystem UUID:          ${uuid}\nFilesystem magic number:  0xEF53\nFilesystem state:         ${state}\n'`,
  );
  node.put("e2fsck", "");
  // The devices here are plain files.
  const script = attachScriptText(spec).replaceAll("[ -b ", "[ -e ");
  return { node, script };
}

const CONNECT =
  "qemu-nbd --fork --pid-file=/run/attach-yundream.pid --connect=/dev/nbd0 --discard=unmap --object tls-creds-psk,id=tls,endpoint=client,dir=/var/lib/mooring/attachments/yundream,username=mooring --image-opts driver=nbd,server.type=inet,server.host=10.77.0.11,server.port=10809,export=yundream.g4,tls-creds=tls,reconnect-delay=120,open-timeout=30";

test("attaching connects with the key's directory, and a clean file system is not checked", (t) => {
  const { node, script } = attaching(t, "clean");
  t.deepEqual(node.run(script, "attach"), { status: 0, stdout: "", stderr: "" });
  t.deepEqual(node.log(), [CONNECT, "dumpe2fs -h /dev/nbd0"]);
  t.is(readlinkSync(join(node.root, "run/attached/yundream")), join(node.root, "dev/nbd0"));
});

test("a file system with errors, and one of which the state is not known, is checked", (t) => {
  const recorded = "clean\\nFS Error count:           3";
  for (const state of ["clean with errors", "not clean with errors", "not clean", recorded, ""]) {
    const { node, script } = attaching(t, state);
    t.is(node.run(script, "attach").status, 0, state);
    t.is(node.log().at(-1), "e2fsck -fp /dev/nbd0", state);
  }
});

test("what e2fsck can't put right is not attached; what it put right is", (t) => {
  const { node, script } = attaching(t, "clean with errors");
  node.put("e2fsck", "echo 'UNEXPECTED INCONSISTENCY'; exit 4");
  t.deepEqual(node.run(script, "attach"), {
    status: 1,
    stdout: "",
    stderr: "e2fsck: UNEXPECTED INCONSISTENCY\n",
  });
  t.is(node.log().at(-1), "qemu-nbd --disconnect /dev/nbd0");
  t.false(existsSync(join(node.root, "run/attached/yundream")));
  node.put("e2fsck", "exit 1");
  t.is(node.run(script, "attach").status, 0);
});

test("a check that was ended in its middle left its mark in the multi-mount protection, and is made again", (t) => {
  const { node, script } = attaching(t, "clean with errors");
  node.put("e2fsck", `[ -e "$root/cleared" ] || { echo "MMP check failed: e2fsck being run" >&2; exit 12; }`);
  node.put("tune2fs", 'touch "$root/cleared"');
  t.deepEqual(node.run(script, "attach"), { status: 0, stdout: "", stderr: "" });
  t.deepEqual(node.log().slice(-3), [
    "e2fsck -fp /dev/nbd0",
    "tune2fs -f -E clear_mmp /dev/nbd0",
    "e2fsck -fp /dev/nbd0",
  ]);
});

/** As dumpe2fs prints it of a mount that was not unmounted, or was, on `host` at this time. */
const mmpBlock = (sequence: string, host: string, seconds: number, device = "nbd1"): string =>
  `clean\\nMMP_block:\\n    mmp_magic: 0x4d4d50\\n    mmp_sequence: ${sequence}\\n    mmp_update_time: ${seconds}\\n    mmp_node_name: ${host}\\n    mmp_device_name: ${device}`;

test("the mark that this host left is not waited for where nothing has it any more: another's is", (t) => {
  const booted = Number(readFileSync("/proc/stat", "utf8").match(/^btime (\d+)$/m)?.[1]);
  const clears = (...block: Parameters<typeof mmpBlock>): boolean => {
    const { node, script } = attaching(t, mmpBlock(...block));
    node.file("/proc/fs/ext4/nbd1/options");
    node.put("uname", "echo node-01");
    node.put("tune2fs", "");
    t.deepEqual(node.run(script, "attach"), { status: 0, stdout: "", stderr: "" });
    return node.log().includes("tune2fs -f -E clear_mmp /dev/nbd0");
  };
  t.true(clears("0x5d2f61b3", "node-01", booted - 100));
  t.false(clears("0x5d2f61b3", "node-01", booted + 100));
  t.false(clears("0x5d2f61b3", "storage", booted - 100));
  t.false(clears("0xff4d4d50", "node-01", booted - 100));
  t.false(clears("0xff4d4d50", "node-01", booted + 100, "nbd7"));
  t.true(clears("0x5d2f61b3", "node-01", booted + 100, "nbd7"), "its client crashed");
  t.false(clears("0x5d2f61b3", "storage", booted + 100, "nbd7"));
  t.false(
    clears("0x5d2f61b3", "node-01", booted + 100, "/dev/nbd7"),
    "of a program, which the kernel does not list",
  );
  t.false(clears("0x5d2f61b3", "node-01", booted + 100, ""));
});

test("another file system than the expected one is given back unread", (t) => {
  const { node, script } = attaching(t, "clean", "other");
  t.deepEqual(node.run(script, "attach"), {
    status: 1,
    stdout: "",
    stderr:
      "the export carries file system 'other', expected d15c02ab-c949-4451-a9b8-cef990c39494: it was not mounted and nothing was written\n",
  });
  t.is(node.log().at(-1), "qemu-nbd --disconnect /dev/nbd0");
});

test("what is no ext4 at all is unreadable", (t) => {
  const { node, script } = attaching(t, "clean");
  node.put("dumpe2fs", "echo 'dumpe2fs: Bad magic number in super-block' >&2; exit 1");
  const { status, stderr } = node.run(script, "attach");
  t.is(status, 1);
  t.regex(stderr, /^the export carries file system 'unreadable', expected /);
});

test("a partition is waited for until udev is done with it, and so is what blkid says of xfs", (t) => {
  const script = attachScriptText({ ...spec, partitioned: true, fsType: "xfs" });
  t.regex(script, /udevadm settle -t 10 \|\| true\n {2}waitfor ready \|\|/);
  t.regex(script, /\n {2}uuid=\$\(blkid -p -s UUID -o value "\$\{dev\}p1"\) \|\| uuid=\n/);
  t.notRegex(script, /dumpe2fs/);
});

interface Disk {
  readonly mebibytes: number;
  /** Of its first partition, where the volume has one. */
  readonly partition?: number;
  readonly fsType?: "ext4" | "xfs";
}

const HAS_ROOM = "/run/mooring/attach-yundream.room";

/** A node with a device whose file system has 131072 blocks of 1 KiB, attached; and the step that grows it. */
function growing(t: ExecutionContext, { mebibytes, partition, fsType = "ext4" }: Disk) {
  const { node } = attaching(t, "clean");
  const sizes = { nbd0: mebibytes, ...(partition !== undefined && { nbd0p1: partition }) };
  const connected = Object.entries(sizes).map(
    ([name, size]) =>
      `mkdir -p "$root/sys/${name}"; echo ${size * 2048} > "$root/sys/${name}/size"; : > "$root/dev/${name}"`,
  );
  node.put(
    "qemu-nbd",
    `if [ "$1" = --disconnect ]; then rm -f "$root/sys/nbd0/pid"; else ${connected.join("; ")}; echo 1 > "$root/sys/nbd0/pid"; fi`,
  );
  node.put(
    "dumpe2fs",
    `printf 'Filesystem UUID:          ${record.fsUuid}\nBlock count:              131072\nFilesystem state:         clean\nBlock size:               1024\nBlocks per group:         8192\n'`,
  );
  node.put("blkid", `echo ${record.fsUuid}`);
  node.put("od", "echo ' 1481003842 1024 0 131072'");
  for (const tool of ["resize2fs", "xfs_growfs"]) node.put(tool, "");
  node.file("/var/lib/mooring/attachments/yundream.sh");
  const text = attachScriptText({ ...spec, fsType, partitioned: partition !== undefined });
  const script = text.replaceAll("[ -b ", "[ -e ");
  const [step] = startOnNode(wanted, fsType).filter(({ title }) => title.startsWith("grow"));
  return {
    node,
    attach: () => t.deepEqual(node.run(script, "attach"), { status: 0, stdout: "", stderr: "" }),
    hasRoom: () => node.exists(HAS_ROOM),
    grow: () => node.run(`set -eu\n${step && commandOf(step)}`),
    grown: () => node.log().filter((line) => /^(resize2fs|xfs_growfs)/.test(line)),
  };
}

test("a file system that fills its device, or its partition, leaves no mark, and is not grown", (t) => {
  for (const disk of [
    { mebibytes: 128 },
    { mebibytes: 130, partition: 128 },
    { mebibytes: 128, fsType: "xfs" as const },
  ]) {
    const { attach, hasRoom, grow, grown } = growing(t, disk);
    attach();
    t.false(hasRoom(), JSON.stringify(disk));
    t.is(grow().status, 0);
    t.deepEqual(grown(), []);
  }
});

test("one that has room is grown once, and not again when it is attached with what was left", (t) => {
  for (const [disk, command] of [
    [{ mebibytes: 256 }, "resize2fs /dev/nbd0"],
    [{ mebibytes: 257, partition: 256 }, "resize2fs /dev/nbd0p1"],
    [{ mebibytes: 256, fsType: "xfs" as const }, "xfs_growfs /mnt/mooring/yundream"],
  ] as const) {
    const { attach, hasRoom, grow, grown } = growing(t, disk);
    attach();
    t.true(hasRoom(), command);
    t.is(grow().status, 0);
    t.deepEqual(grown(), [command]);
    t.false(hasRoom());
    attach();
    t.false(hasRoom(), "as far as it can, it has grown already");
  }
});

test("growing that fails is an error in the tool's words, and remains to be done", (t) => {
  const { node, attach, hasRoom, grow, grown } = growing(t, { mebibytes: 256 });
  attach();
  node.put("resize2fs", "echo 'No space'; exit 1");
  t.deepEqual(grow(), { status: 1, stdout: "", stderr: "No space\n" });
  t.true(hasRoom());
  node.put("resize2fs", "");
  for (let again = 0; again < 2; again++) t.is(grow().status, 0);
  t.is(grown().length, 2);
  t.false(hasRoom());
});

test("a storage host that does not answer is named, with the address that it lets in", (t) => {
  const { node, script } = attaching(t, "clean");
  node.put("qemu-nbd", "exec /bin/sleep 5");
  t.deepEqual(node.run(script.replaceAll("timeout 60 ", "timeout 0.2 "), "attach"), {
    status: 124,
    stdout: "",
    stderr:
      "no answer from 10.77.0.11:10809 within 60 s. It lets 10.77.0.12 alone in: is that the address this node connects from?\n",
  });
  t.false(existsSync(join(node.root, "run/attached/yundream")));
});

test("nbd-client, too, takes another device where the first is busy", (t) => {
  const { node } = attaching(t, "clean");
  node.put(
    "nbd-client",
    `case $3 in *nbd0) echo "Error: Failed to setup device, check dmesg" >&2; exit 1 ;; esac
d="$root/sys/\${3##*/}"; echo 1 > "$d/pid"; echo 2 > "$d/size"`,
  );
  const each = attachScriptText({ ...spec, client: "nbd-client", tls: false }).replaceAll("[ -b ", "[ -e ");
  t.deepEqual(node.run(each, "attach"), { status: 0, stdout: "", stderr: "" });
  t.is(readlinkSync(join(node.root, "run/attached/yundream")), join(node.root, "dev/nbd1"));
});

test("a device that another volume has by now is never disconnected: neither to attach nor to detach", (t) => {
  for (const verb of ["attach", "detach"]) {
    const { node, script } = attaching(t, "clean");
    t.is(node.run(script, "attach").status, 0);
    // The client crashed, and another volume's client got the device.
    writeFileSync(join(node.root, "sys/nbd0/pid"), "77\n");
    t.is(node.run(script, verb).status, 0);
    t.deepEqual(
      node.log().filter((line) => line.includes("--disconnect")),
      [],
      verb,
    );
    const link = join(node.root, "run/attached/yundream");
    if (verb === "attach") t.is(readlinkSync(link), join(node.root, "dev/nbd1"));
    else t.false(existsSync(link));
  }
});

test("detaching flushes, disconnects and forgets; twice is nothing", (t) => {
  const { node, script } = attaching(t, "clean");
  node.run(script, "attach");
  t.is(node.run(script, "detach").status, 0);
  t.deepEqual(node.log().slice(-2), ["blockdev --flushbufs /dev/nbd0", "qemu-nbd --disconnect /dev/nbd0"]);
  const asked = node.log().length;
  t.deepEqual(node.run(script, "detach"), { status: 0, stdout: "", stderr: "" });
  t.is(node.log().length, asked);
});
