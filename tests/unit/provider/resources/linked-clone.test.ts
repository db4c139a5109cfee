import test from "ava";
import { Refused } from "../../../../provider/host/errors.js";
import { linkedClone } from "../../../../provider/resources/linked-clone.js";
import { inputsOf, text, titles } from "../plans.js";
import { poolOf } from "../pools.js";
import { WRITE_THROUGH } from "../scripts.js";

const OWNER = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream";
const OTHER = "urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream";

const wanted = inputsOf(linkedClone, { owner: OWNER, name: "yundream", template: "base", size: "4GiB" });

const template = {
  owner: "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:Qcow2Template::base",
  file: "base-0123456789ab.qcow2",
  sha256: "0123456789ab".padEnd(64, "0"),
  size: 2 ** 31,
  fsType: "ext4" as const,
  partitioned: false,
  bytes: 26_017_792,
  modified: 1_795_525_970,
};
const record = {
  owner: OWNER,
  template: "base",
  fsType: "ext4" as const,
  fsUuid: "d15c02ab-c949-4451-a9b8-cef990c39494",
  partitioned: false,
  epoch: 3,
};
const image = {
  path: "/var/lib/mooring/clones/yundream.qcow2",
  bytes: 27_197_440,
  allocated: 27_197_440,
  modified: 1_795_526_190,
  virtualSize: 2 ** 32,
  backingFile: "../templates/base-0123456789ab.qcow2",
};
const there = { template, record, image, pool: poolOf([image]) };
const foreign = { ...there, record: { ...record, owner: OTHER } };
const held = { ...there, record: { ...record, holder: { owner: OTHER, node: "node-02" } } };
const NONE = { template, record: undefined, image: undefined, pool: poolOf([]) };

test("from nothing: an overlay with a UUID of its own and the file system grown, named last by a link that replaces nothing", (t) => {
  t.is(
    text(linkedClone.plan(wanted, NONE, wanted)),
    `## check that there is no volume yundream yet
[ ! -e '/var/lib/mooring/volumes/yundream.json' ] || { echo "another program made it meanwhile: /var/lib/mooring/volumes/yundream.json is there" >&2; exit 1; }
## make clone yundream of base
trap 'rm -f -- /var/lib/mooring/clones/.making-yundream /var/lib/mooring/clones/.making-yundream.*; rmdir --ignore-fail-on-non-empty -- /var/lib/mooring/clones /var/lib/mooring 2>/dev/null || true' EXIT
[ ! -e '/var/lib/mooring/clones/.making-yundream' ] || rm -f '/var/lib/mooring/clones/.making-yundream'
(
exec 8<>'/run/mooring/template-base.lock'
flock -s -w "\${lock_wait:-300}" 8 || { echo "another program holds '/run/mooring/template-base.lock': $(cat '/run/mooring/template-base.lock')" >&2; exit 1; }
[ -e '/var/lib/mooring/templates/base-0123456789ab.qcow2' ] || { echo "the template's image 'base-0123456789ab.qcow2' is gone" >&2; exit 1; }
[ -d '/var/lib/mooring/clones' ] || mkdir -p '/var/lib/mooring/clones'
cd '/var/lib/mooring/clones'
umask 077
qemu-img create -q -f qcow2 -F qcow2 -b '../templates/base-0123456789ab.qcow2' '/var/lib/mooring/clones/.making-yundream' '4294967296'
)
read -r uuid < /proc/sys/kernel/random/uuid
(
ended=
trap 'ended=1' TERM HUP PIPE
said=/run/mooring/nbd.said.$$
echo "every free nbd device is being connected by somebody else" > "$said"
tries=0
dev=
# Many at once begin at different ones: each that finds another's lock costs a process.
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
    qemu-nbd --pid-file="/run/mooring/$free.pid" --format=qcow2 --discard=unmap --connect="$dev" '/var/lib/mooring/clones/.making-yundream' 8>&- 9>&- 2>"$said" || code=$?
    [ $code != 0 ] || break
    [ $code != 124 ] || echo "no answer" >> "$said"
    grep -Eq 'set NBD socket|resource busy|setup device|Failed to open /dev/nbd|lock pid file|lock/qemu-nbd-nbd' "$said" || { cat "$said" >&2; rm -f "$said"; exit $code; }
    dev=
  done
  [ -n "$free" ] || { rm -f "$said"; echo "no free nbd device: all are in use (load the module with a larger nbds_max)" >&2; exit 1; }
  tries=$((tries + 1)); [ -n "$dev" ] || [ $tries -lt $((\${patience:-10} * 2)) ] || { cat "$said" >&2; rm -f "$said"; exit 1; }
  [ -n "$dev" ] || { exec 8>&-; sleep 0.5; }
done
rm -f "$said"
trap 'qemu-nbd --disconnect "$dev" >/dev/null' EXIT
trap 'exit 143' TERM HUP PIPE
[ -z "$ended" ] || exit 143
tries=0
until [ -e "/sys/block/\${dev##*/}/pid" ] && read -r sectors < "/sys/block/\${dev##*/}/size" && [ "$sectors" -gt 0 ]; do
  tries=$((tries + 1)); [ $tries -lt \${patience:-10}0 ] || { echo "$dev did not become ready" >&2; exit 1; }
  sleep 0.1
done
read -r server < "/run/mooring/\${dev##*/}.pid"
part=$dev
said=$(e2fsck -f -p "$part" 2>&1) || [ $? -le 1 ] || { printf '%s
' "$said" >&2; exit 1; }
resize2fs "$part" >/dev/null 2>&1 || { echo "resize2fs failed" >&2; exit 1; }
tune2fs -U "$uuid" -e remount-ro -O mmp -E mmp_update_interval=5 "$part" >/dev/null
sync "$dev" "\${part:-$dev}"
qemu-nbd --disconnect "$dev" >/dev/null
trap - EXIT
tries=0
until [ ! -e "/sys/block/\${dev##*/}/pid" ] && ! kill -0 "$server" 2>/dev/null; do
  tries=$((tries + 1)); [ $tries -lt \${patience:-10}0 ] || { echo "$dev is still in use" >&2; exit 1; }
  sleep 0.1
done
)
printf '%s,"fsUuid":"%s"}
' '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","partitioned":false,"mmp":true,"epoch":0' "$uuid" > '/var/lib/mooring/clones/.making-yundream.json'
sync '/var/lib/mooring/clones/.making-yundream' '/var/lib/mooring/clones/.making-yundream.json'
[ -d '/var/lib/mooring/volumes' ] || mkdir -p '/var/lib/mooring/volumes'
mv -f '/var/lib/mooring/clones/.making-yundream.json' '/var/lib/mooring/volumes/yundream.json'
ln -T -- '/var/lib/mooring/clones/.making-yundream' '/var/lib/mooring/clones/yundream.qcow2' || { rm -f '/var/lib/mooring/volumes/yundream.json'; exit 1; }
trap - EXIT
rm -f '/var/lib/mooring/clones/.making-yundream'
`,
  );
});

test("what mkfs made, and nobody mounted since, is not checked again for each clone", (t) => {
  const blank = { ...template, blank: true };
  const script = text(linkedClone.plan(wanted, { ...NONE, template: blank }, wanted));
  t.notRegex(script, /e2fsck/);
  t.regex(script, /\nresize2fs "\$part" /);
});

test("a partitioned xfs template is grown in its partition", (t) => {
  const partitioned = { ...template, fsType: "xfs" as const, partitioned: true };
  const script = text(linkedClone.plan(wanted, { ...NONE, template: partitioned }, wanted));
  t.regex(script, /\| sfdisk -q --no-reread -N 1 "\$dev"\npart=\$\{dev\}p1\n/);
  t.regex(
    script,
    /\nmount -t xfs -o nouuid "\$part" '\/var\/lib\/mooring\/clones\/\.making-yundream\.mount'\nxfs_growfs /,
  );
  t.regex(script, /\nxfs_admin -U "\$uuid" "\$part" >\/dev\/null\n/);
});

test("without a size it is as large as its template", (t) => {
  const { size: _, ...unsized } = wanted;
  t.regex(text(linkedClone.plan(unsized, NONE, unsized)), /\.making-yundream' '2147483648'\n\)\n/);
});

test("a clone takes little; where not even that is free, neither is it made nor grown", (t) => {
  const pool = poolOf([image], { free: 1060 * 2 ** 20 });
  t.throws(() => linkedClone.plan(wanted, { ...NONE, pool }, wanted), {
    instanceOf: Refused,
    message: `no room for volume "yundream" on host "storage": it needs 40 MiB, and 1 GiB stay free for the volumes in use, but of the file system of /var/lib/mooring (/, 100 GiB) 1.04 GiB are free. Nothing was changed.
Make room there: what was deleted is in /var/lib/mooring/trash, and can be removed. Or make the file system larger.`,
  });
  const small = { ...wanted, size: "2GiB" };
  t.is(linkedClone.plan(small, { ...NONE, pool }, small).length, 2);
  t.throws(() => linkedClone.plan({ ...wanted, size: "8GiB" }, { ...there, pool }, wanted), {
    instanceOf: Refused,
    message: /^no room for volume "yundream" of 8GiB on host "storage": it needs 72 MiB, /,
  });
  t.deepEqual(linkedClone.plan(wanted, { ...there, pool }, wanted), []);
  // Its partition has still to grow: into a disk that has its size already.
  const rest = { ...GROWING, pool: poolOf([image], { free: 1030 * 2 ** 20 }) };
  t.throws(() => linkedClone.plan({ ...wanted, size: undefined }, rest, wanted), {
    instanceOf: Refused,
    message: /^no room for volume "yundream" of 4GiB on host "storage": it needs 8 MiB, /,
  });
});

test("a clone may be larger than what is free: that is a warning when it was made", (t) => {
  const large = { ...there, pool: poolOf([{ ...image, virtualSize: 2 ** 40 }]) };
  t.deepEqual(
    linkedClone.warnings?.(wanted, large, true).map(({ about }) => about),
    ["overcommitted"],
  );
  t.deepEqual(linkedClone.warnings?.(wanted, large, false), []);
});

test("no step formats anything", (t) => {
  t.notRegex(text(linkedClone.plan(wanted, NONE, wanted)), /mkfs/);
});

test("nothing to do where image and record are there", (t) => {
  t.deepEqual(linkedClone.plan(wanted, there, wanted), []);
  t.deepEqual(linkedClone.plan({ ...wanted, size: undefined }, there, wanted), []);
});

test("what is left of a making that was cut off is made again", (t) => {
  t.deepEqual(titles(linkedClone.plan(wanted, { ...NONE, record: { ...record, epoch: 0 } }, wanted)), [
    "compare the record of volume yundream",
    "make clone yundream of base",
  ]);
});

test("what was attached once and whose image is gone is never made anew, also where no state remembers it", (t) => {
  t.throws(() => linkedClone.plan(wanted, { ...NONE, record }, wanted), {
    instanceOf: Refused,
    message: `volume "yundream" on host "storage" is remembered by /var/lib/mooring/volumes/yundream.json, and its image /var/lib/mooring/clones/yundream.qcow2 is not there: its data is gone, and a blank one is never made in its place.
Bring the image back; what Mooring removed is in /var/lib/mooring/trash/clones. For a new, blank one, on the host: rm /var/lib/mooring/volumes/yundream.json`,
  });
});

test("a larger size grows the disk of who had it when it was seen, with its export out of the way for that moment", (t) => {
  t.is(
    text(linkedClone.plan({ ...wanted, size: "8GiB" }, there, wanted)),
    `## compare the record of volume yundream
current=
{ IFS= read -r current < '/var/lib/mooring/volumes/yundream.json'; } 2>/dev/null || true
[ "$current" = '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}' ] || { echo "another program took the volume meanwhile; its record is now: $current" >&2; exit 1; }
## grow yundream to 8GiB
served=$(systemctl is-active 'mooring-export-yundream.socket') || true
[ "$served" != active ] || trap 'systemctl start mooring-export-yundream.socket' EXIT
[ "$served" != active ] || systemctl stop 'mooring-export-yundream.socket' 'mooring-export-yundream.service'
qemu-img resize -q -f qcow2 '/var/lib/mooring/clones/yundream.qcow2' '8589934592'
:
trap - EXIT
[ "$served" != active ] || systemctl start 'mooring-export-yundream.socket'
`,
  );
});

const inPartition = { ...there, record: { ...record, partitioned: true } };
const GROWING = { ...inPartition, record: { ...inPartition.record, growing: 2 ** 31 } };
const GROW = [
  "compare the record of volume yundream",
  "write /var/lib/mooring/volumes/yundream.json",
  "grow yundream to 8GiB",
  "write /var/lib/mooring/volumes/yundream.json",
];

test("a partition grows with its disk, and as long as it has not, the record says so", (t) => {
  const steps = linkedClone.plan({ ...wanted, size: "8GiB" }, inPartition, wanted);
  t.deepEqual(titles(steps), GROW);
  const [compare, before, grow, after] = steps.map((step) => text([step]));
  t.regex(
    compare ?? "",
    /\[ "\$current" = '[^']*"epoch":3\}' \] \|\| \[ "\$current" = '[^']*"growing":\d+\}' \]/,
  );
  t.regex(before ?? "", /"partitioned":true,"epoch":3,"growing":\d+\}\n'/);
  t.regex(
    grow ?? "",
    /\nqemu-img resize [^\n]*8589934592'\n\(\nended=[\s\S]*\| sfdisk -q --no-reread -N 1 "\$dev"\n/,
  );
  t.regex(after ?? "", /\{[^{]*"epoch":3\}\n'/);
  t.notRegex(after ?? "", /growing/);
});

test("cut off between the disk and its partition, it grows again to the size that the disk has", (t) => {
  const image8 = { ...image, virtualSize: 2 ** 33 };
  const cutOff = { ...GROWING, image: image8 };
  t.deepEqual(titles(linkedClone.plan({ ...wanted, size: "8GiB" }, cutOff, wanted)), GROW);
  t.deepEqual(titles(linkedClone.plan({ ...wanted, size: "4GiB" }, cutOff, wanted)), GROW);
  t.deepEqual(titles(linkedClone.plan({ ...wanted, size: undefined }, cutOff, wanted)), GROW);
  t.deepEqual(linkedClone.plan({ ...wanted, size: "8GiB" }, { ...inPartition, image: image8 }, wanted), []);
  // A refresh shows it, or the next `up` would find nothing to do.
  t.is(linkedClone.drift({ ...wanted, size: "8GiB" }, cutOff).size, "2GiB");
  // Before the disk: it has the size from before.
  t.deepEqual(titles(linkedClone.plan({ ...wanted, size: "8GiB" }, GROWING, wanted)), GROW);
});

test("who holds it stays in the record that loses the mark", (t) => {
  const holder = { owner: OTHER, node: "node-02" };
  const steps = linkedClone.plan(
    { ...wanted, size: "8GiB" },
    { ...GROWING, record: { ...GROWING.record, holder } },
    wanted,
  );
  t.regex(text(steps.slice(-1)), /"epoch":3,"holder":\{"owner":"[^"]*","node":"node-02"\}\}\n'/);
});

test("a smaller size is refused at diff, and the plan never shrinks", (t) => {
  t.deepEqual(
    linkedClone.refuse?.(wanted, { ...wanted, size: "3GiB" }),
    "size can't shrink from 4GiB to 3GiB: a file system does not give space back safely. Set size to 4GiB; for a smaller volume make a new one and copy.",
  );
  t.is(linkedClone.refuse?.(wanted, { ...wanted, size: "5GiB" }), undefined);
  t.deepEqual(linkedClone.plan({ ...wanted, size: "3GiB" }, there, wanted), []);
});

test("a size below the template's is refused with both sizes", (t) => {
  t.throws(() => linkedClone.plan({ ...wanted, size: "1GiB" }, NONE, wanted), {
    instanceOf: Refused,
    message: `size: 1GiB is smaller than template "base" (2GiB). Nothing was changed.`,
  });
});

test("a missing template is refused", (t) => {
  t.throws(() => linkedClone.plan(wanted, undefined, wanted), {
    instanceOf: Refused,
    message: `there is no template "base" on host "storage" (/var/lib/mooring/templates/base.json). Nothing was changed.`,
  });
  t.throws(() => linkedClone.plan(wanted, { ...NONE, template: undefined }, wanted), {
    instanceOf: Refused,
    message: `there is no template "base" on host "storage" (/var/lib/mooring/templates/base.json). Nothing was changed.`,
  });
});

test("an image without a record, and a volume of somebody else's, are refused", (t) => {
  t.throws(() => linkedClone.plan(wanted, { ...there, record: undefined }, wanted), {
    instanceOf: Refused,
    message: `/var/lib/mooring/clones/yundream.qcow2 on host "storage" has no record (/var/lib/mooring/volumes/yundream.json): it is not known whose data it is. Nothing was changed.`,
  });
  t.throws(() => linkedClone.plan(wanted, foreign, wanted), {
    instanceOf: Refused,
    message: `volume yundream on host "storage" is in the way: it belongs to urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
  t.throws(() => linkedClone.plan(wanted, { ...foreign, image: undefined }, wanted), {
    instanceOf: Refused,
    message: `the record of volume yundream on host "storage" is in the way: it belongs to urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
});

test("adopt takes over the record and nothing else", (t) => {
  t.is(
    text(linkedClone.plan({ ...wanted, adopt: true }, foreign, wanted)),
    `## compare the record of volume yundream
current=
{ IFS= read -r current < '/var/lib/mooring/volumes/yundream.json'; } 2>/dev/null || true
[ "$current" = '{"owner":"urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}' ] || [ "$current" = '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}' ] || { echo "another program took the volume meanwhile; its record is now: $current" >&2; exit 1; }
## write /var/lib/mooring/volumes/yundream.json
set -- '/var/lib/mooring/volumes/yundream.json' '0133' '' '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}
'
${WRITE_THROUGH}
`,
  );
});

test("adopt makes no blank volume where a record is there, another's or nobody's, and its data is not", (t) => {
  for (const owner of [OTHER, ""])
    t.throws(
      () =>
        linkedClone.plan(
          { ...wanted, adopt: true },
          { ...NONE, record: { ...record, owner } },
          { ...wanted, adopt: true },
        ),
      {
        instanceOf: Refused,
        message:
          /^volume "yundream" on host "storage" is remembered by .*, and its image .* is not there: its data is gone/,
      },
    );
  // Our own, of a making that was cut off, goes on.
  const unused = { ...record, epoch: 0 };
  t.not(linkedClone.plan(wanted, { ...NONE, record: unused }, wanted).length, 0);
});

test("adopted and grown at once, it is compared with the record that the new owner has by then", (t) => {
  const larger = { ...wanted, adopt: true, size: "8GiB" };
  const steps = linkedClone.plan(larger, foreign, wanted);
  t.deepEqual(titles(steps), [
    "compare the record of volume yundream",
    "write /var/lib/mooring/volumes/yundream.json",
    "compare the record of volume yundream",
    "grow yundream to 8GiB",
  ]);
  t.is(
    text(steps.slice(2, 3)),
    `## compare the record of volume yundream
current=
{ IFS= read -r current < '/var/lib/mooring/volumes/yundream.json'; } 2>/dev/null || true
[ "$current" = '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}' ] || { echo "another program took the volume meanwhile; its record is now: $current" >&2; exit 1; }
`,
  );
  const foreignInPartition = { ...inPartition, record: { ...inPartition.record, owner: OTHER } };
  const inParts = linkedClone.plan(larger, foreignInPartition, wanted);
  t.deepEqual(titles(inParts), [
    "compare the record of volume yundream",
    "write /var/lib/mooring/volumes/yundream.json",
    ...GROW,
  ]);
  t.notRegex(text(inParts.slice(1)), /pulumi:prod/);
});

test("a volume that is attached can't be removed: who holds it is named", (t) => {
  t.throws(() => linkedClone.plan(undefined, held, wanted), {
    instanceOf: Refused,
    message: `volume "yundream" on host "storage" is attached to node "node-02" by "yundream" of stack shop/prod, epoch 3. Detach it first. Nothing was changed.`,
  });
  t.throws(() => linkedClone.plan(undefined, held, { ...wanted, onDelete: "destroy" }), {
    instanceOf: Refused,
    message: `volume "yundream" on host "storage" is attached to node "node-02" by "yundream" of stack shop/prod, epoch 3. Detach it first. Nothing was changed.`,
  });
});

test("gone: the image is in the trash with a manifest, and the template's beside it", (t) => {
  t.is(
    text(linkedClone.plan(undefined, there, wanted)),
    `## compare the record of volume yundream
current=
{ IFS= read -r current < '/var/lib/mooring/volumes/yundream.json'; } 2>/dev/null || true
[ "$current" = '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}' ] || { echo "another program took the volume meanwhile; its record is now: $current" >&2; exit 1; }
## move volume yundream to /var/lib/mooring/trash/clones
[ ! -e '/var/lib/mooring/clones/yundream.qcow2' ] || qemu-img info -f qcow2 '/var/lib/mooring/clones/yundream.qcow2' >/dev/null || { echo "the image is in use: something still serves it" >&2; exit 1; }
mkdir -p -m 0700 '/var/lib/mooring/trash'
mkdir -p '/var/lib/mooring/trash'/clones '/var/lib/mooring/trash'/templates
if [ -n 'base-0123456789ab.qcow2' ]; then (
  # Another clone of it may be removed now: nobody else may link it while it is not immutable.
  flock -w 60 8 || { echo "another program is linking an image into the trash: run this again" >&2; exit 1; }
  image='/var/lib/mooring/templates/base-0123456789ab.qcow2'
  trap '[ ! -e "$image" ] || chattr +i "$image"' EXIT
  [ ! -e '/var/lib/mooring/trash/templates/base-0123456789ab.qcow2' ] || exit 0
  chattr -i "$image"
  ln -- "$image" '/var/lib/mooring/trash/templates/base-0123456789ab.qcow2'
) 8< '/var/lib/mooring/trash/templates'
fi
place='/var/lib/mooring/trash'/clones/'yundream'-$(date -u +%Y%m%dT%H%M%SZ)
printf '%s,"removed":"%s"}
' '{"kind":"LinkedClone","path":"/var/lib/mooring/clones/yundream.qcow2","owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","host":"storage","record":{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$place.json"
[ ! -e '/var/lib/mooring/clones/yundream.qcow2' ] || mv -n -T -- '/var/lib/mooring/clones/yundream.qcow2' "$place.qcow2"
rm -f -- '/var/lib/mooring/volumes/yundream.json' '/var/lib/mooring/volumes/yundream.env'
for d in '/var/lib/mooring/volumes' '/var/lib/mooring/clones' '/var/lib/mooring'; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done
`,
  );
});

test("gone: retained, its record stays without an owner; destroyed, the image is removed if nothing serves it", (t) => {
  t.is(
    text(linkedClone.plan(undefined, there, { ...wanted, onDelete: "retain" })),
    `## compare the record of volume yundream
current=
{ IFS= read -r current < '/var/lib/mooring/volumes/yundream.json'; } 2>/dev/null || true
[ "$current" = '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}' ] || [ "$current" = '{"owner":"","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}' ] || { echo "another program took the volume meanwhile; its record is now: $current" >&2; exit 1; }
## write /var/lib/mooring/volumes/yundream.json
set -- '/var/lib/mooring/volumes/yundream.json' '0133' '' '{"owner":"","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}
'
${WRITE_THROUGH}
`,
  );
  t.is(
    text(linkedClone.plan(undefined, there, { ...wanted, onDelete: "destroy" })),
    `## compare the record of volume yundream
current=
{ IFS= read -r current < '/var/lib/mooring/volumes/yundream.json'; } 2>/dev/null || true
[ "$current" = '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:LinkedClone::yundream","template":"base","fsType":"ext4","fsUuid":"d15c02ab-c949-4451-a9b8-cef990c39494","partitioned":false,"epoch":3}' ] || { echo "another program took the volume meanwhile; its record is now: $current" >&2; exit 1; }
## destroy volume yundream
[ ! -e '/var/lib/mooring/clones/yundream.qcow2' ] || qemu-img info -f qcow2 '/var/lib/mooring/clones/yundream.qcow2' >/dev/null || { echo "the image is in use: something still serves it" >&2; exit 1; }
rm -f -- '/var/lib/mooring/clones/yundream.qcow2'
rm -f -- '/var/lib/mooring/volumes/yundream.json' '/var/lib/mooring/volumes/yundream.env'
for d in '/var/lib/mooring/volumes' '/var/lib/mooring/clones' '/var/lib/mooring'; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done
`,
  );
});

test("a clone already gone, or never ours, is nothing to do", (t) => {
  t.deepEqual(linkedClone.plan(undefined, undefined, wanted), []);
  t.deepEqual(linkedClone.plan(undefined, NONE, wanted), []);
  t.deepEqual(linkedClone.plan(undefined, foreign, wanted), []);
});

test("its data is gone when the image is", (t) => {
  t.true(linkedClone.data?.isGone(undefined));
  t.true(linkedClone.data?.isGone({ ...there, image: undefined }));
  t.false(linkedClone.data?.isGone(there));
});

test("drift shows size and template as they are", (t) => {
  t.deepEqual(linkedClone.drift(wanted, there), wanted);
  t.deepEqual(
    linkedClone.drift(wanted, {
      ...there,
      image: { ...image, virtualSize: 2 ** 31 },
      record: { ...record, template: "other" },
    }),
    { ...wanted, size: "2GiB", template: "other" },
  );
});

test("another's volume is left alone by a delete, which says whose it is; one that was retained is nobody's", (t) => {
  const owned = (owner: string) =>
    linkedClone.leftAlone?.(wanted, { ...there, record: { ...record, owner } });
  t.is(owned(wanted.owner), undefined);
  t.is(owned(""), undefined);
  t.is(owned("urn:other"), `volume ${wanted.name} belongs to urn:other`);
  t.deepEqual(
    linkedClone.plan(undefined, { ...there, record: { ...record, owner: "urn:other" } }, wanted),
    [],
  );
});
