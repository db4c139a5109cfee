import test from "ava";
import type { ImageFile } from "../../../../provider/facts/image-file.js";
import { Refused } from "../../../../provider/host/errors.js";
import { qcow2Template } from "../../../../provider/resources/qcow2-template.js";
import { inputsOf, text, titles } from "../plans.js";
import { poolOf } from "../pools.js";
import { checkMounted, WRITE_THROUGH } from "../scripts.js";

const OWNER = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:Qcow2Template::base";
const OTHER = "urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:Qcow2Template::base";

const wanted = inputsOf(qcow2Template, { owner: OWNER, name: "base", size: "2GiB", fsType: "ext4" });
const fromImage = inputsOf(qcow2Template, {
  owner: OWNER,
  name: "base",
  image: { path: "/srv/images/base.qcow2", sha256: "ab".repeat(32) },
});

const record = {
  owner: OWNER,
  file: "base-0123456789ab.qcow2",
  sha256: "0123456789ab".padEnd(64, "0"),
  size: 2 ** 31,
  fsType: "ext4" as const,
  partitioned: false,
  bytes: 26_017_792,
  modified: 1_795_525_970,
};
const image = {
  path: "/var/lib/mooring/templates/base-0123456789ab.qcow2",
  bytes: 26_017_792,
  allocated: 26_017_792,
  modified: 1_795_525_970,
  virtualSize: 2 ** 31,
  backingFile: undefined,
};
const there = { record, image, clones: [], pool: poolOf([image]) };
const withSource = (source: ImageFile) => ({ ...NONE, source });
const NONE = { record: undefined, image: undefined, clones: [], pool: poolOf([]) };
const foreign = { ...there, record: { ...record, owner: OTHER } };
const TRASHED = "yundream-20260102T030405Z";

test("from nothing, blank: one file system on an image of its own, and the record last", (t) => {
  t.is(
    text(qcow2Template.plan(wanted, NONE, wanted)),
    `${checkMounted("/var/lib/mooring")}## check that there is no template base yet
[ ! -e '/var/lib/mooring/templates/base.json' ] || { echo "another program made it meanwhile: /var/lib/mooring/templates/base.json is there" >&2; exit 1; }
## make template base: 2GiB, ext4
mkdir -p '/var/lib/mooring/templates'
trap 'rm -f -- /var/lib/mooring/templates/.making-base /var/lib/mooring/templates/.making-base.*; rmdir --ignore-fail-on-non-empty -- /var/lib/mooring/templates /var/lib/mooring 2>/dev/null || true' EXIT
rm -f -- '/var/lib/mooring/templates/.making-base' '/var/lib/mooring/templates/.making-base'.*
qemu-img create -q -f qcow2 '/var/lib/mooring/templates/.making-base' '2147483648'
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
    qemu-nbd --pid-file="/run/mooring/$free.pid" --format=qcow2 --discard=unmap --connect="$dev" '/var/lib/mooring/templates/.making-base' 8>&- 9>&- 2>"$said" || code=$?
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
:
part=$dev
mkfs.ext4 -q -F -O metadata_csum_seed -E lazy_itable_init=0,lazy_journal_init=0 "$part"
sync "$dev" "\${part:-$dev}"
qemu-nbd --disconnect "$dev" >/dev/null
trap - EXIT
tries=0
until [ ! -e "/sys/block/\${dev##*/}/pid" ] && ! kill -0 "$server" 2>/dev/null; do
  tries=$((tries + 1)); [ $tries -lt \${patience:-10}0 ] || { echo "$dev is still in use" >&2; exit 1; }
  sleep 0.1
done
)
fs='ext4' part='false' more=',"blank":true'
sum=$(sha256sum < '/var/lib/mooring/templates/.making-base' | cut -c1-64)
file='base'-$(printf %.12s "$sum").qcow2
size=$(od -A n -t u1 -j 24 -N 8 '/var/lib/mooring/templates/.making-base' | awk '{ n = 0; for (i = 1; i <= 8; i++) n = n * 256 + $i; printf "%.0f", n }')
chmod 0444 '/var/lib/mooring/templates/.making-base'
sync '/var/lib/mooring/templates/.making-base'
# The name is the content: one that is there already, retained from before, is the same.
image='/var/lib/mooring/templates/.making-base'
[ ! -e '/var/lib/mooring/templates'/"$file" ] || image='/var/lib/mooring/templates'/"$file"
stat -c '%s %Y' "$image" > '/var/lib/mooring/templates/.making-base.json'
read -r bytes modified < '/var/lib/mooring/templates/.making-base.json'
printf '%s,"file":"%s","sha256":"%s","size":%s,"fsType":"%s","partitioned":%s,"bytes":%s,"modified":%s%s}
' '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:Qcow2Template::base"' "$file" "$sum" "$size" "$fs" "$part" "$bytes" "$modified" "$more" > '/var/lib/mooring/templates/.making-base.json'
sync '/var/lib/mooring/templates/.making-base.json'
# First: cut off before the image has its name, it says that one is still to be made.
mv -f '/var/lib/mooring/templates/.making-base.json' '/var/lib/mooring/templates/base.json'
{ [ "$image" != '/var/lib/mooring/templates/.making-base' ] || mv -T -- '/var/lib/mooring/templates/.making-base' '/var/lib/mooring/templates'/"$file"; } && chattr +i '/var/lib/mooring/templates'/"$file" || {
  rm -f -- '/var/lib/mooring/templates/base.json'
  [ "$image" != '/var/lib/mooring/templates/.making-base' ] || rm -f -- '/var/lib/mooring/templates'/"$file"
  exit 1
}
trap - EXIT
rm -f -- '/var/lib/mooring/templates/.making-base' '/var/lib/mooring/templates/.making-base'.*
`,
  );
});

test("xfs and a partition are made where they are wanted", (t) => {
  const script = text(qcow2Template.plan({ ...wanted, fsType: "xfs", partitioned: true }, NONE, wanted));
  t.regex(script, /\nprintf 'label: gpt\n,,L\n' \| sfdisk -q "\$dev"\npart=\$\{dev\}p1\n/);
  t.regex(script, /\nmkfs\.xfs -q -f "\$part"\n/);
  t.notRegex(script, /mkfs\.ext4/);
  t.regex(script, /\nfs='xfs' part='true' more=/);
});

test("from an image: its checksum first, nothing formatted, one file system in it", (t) => {
  t.is(
    text(qcow2Template.plan(fromImage, withSource({ bytes: 2 ** 20 }), fromImage)),
    `${checkMounted("/var/lib/mooring")}## check that there is no template base yet
[ ! -e '/var/lib/mooring/templates/base.json' ] || { echo "another program made it meanwhile: /var/lib/mooring/templates/base.json is there" >&2; exit 1; }
## check the SHA-256 of /srv/images/base.qcow2
sum=$(sha256sum < '/srv/images/base.qcow2' | cut -c1-64)
[ "$sum" = 'abababababababababababababababababababababababababababababababab' ] || { echo "image.sha256: the file has $sum, expected 'abababababababababababababababababababababababababababababababab'. Nothing was made: bring the right file, or give its own sha256." >&2; exit 1; }
## make template base from /srv/images/base.qcow2
mkdir -p '/var/lib/mooring/templates'
trap 'rm -f -- /var/lib/mooring/templates/.making-base /var/lib/mooring/templates/.making-base.*; rmdir --ignore-fail-on-non-empty -- /var/lib/mooring/templates /var/lib/mooring 2>/dev/null || true' EXIT
rm -f -- '/var/lib/mooring/templates/.making-base' '/var/lib/mooring/templates/.making-base'.*
qemu-img convert -O qcow2 '/srv/images/base.qcow2' '/var/lib/mooring/templates/.making-base'
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
    qemu-nbd --pid-file="/run/mooring/$free.pid" --read-only --format=qcow2 --discard=unmap --connect="$dev" '/var/lib/mooring/templates/.making-base' 8>&- 9>&- 2>"$said" || code=$?
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
kind=$(blkid -p -s PTTYPE -o value "$dev") || kind=
if [ -n "$kind" ]; then
  part=\${dev}p1
blockdev --rereadpt "$dev" 2>/dev/null || true
tries=0
until [ -b "$part" ]; do
  tries=$((tries + 1)); [ $tries -lt \${patience:-10}0 ] || { echo "$part did not appear: the nbd module needs max_part=15" >&2; exit 1; }
  sleep 0.1
done
  [ ! -e "\${dev}p2" ] || { echo "the image has more than one partition; a template has one" >&2; exit 1; }
  echo true > '/var/lib/mooring/templates/.making-base.part'
else
  part=$dev
  echo false > '/var/lib/mooring/templates/.making-base.part'
fi
blkid -p -s TYPE -o value "$part" > '/var/lib/mooring/templates/.making-base.fs' || { echo "no file system was recognised in the image" >&2; exit 1; }
sync "$dev" "\${part:-$dev}"
qemu-nbd --disconnect "$dev" >/dev/null
trap - EXIT
tries=0
until [ ! -e "/sys/block/\${dev##*/}/pid" ] && ! kill -0 "$server" 2>/dev/null; do
  tries=$((tries + 1)); [ $tries -lt \${patience:-10}0 ] || { echo "$dev is still in use" >&2; exit 1; }
  sleep 0.1
done
)
fs=$(cat '/var/lib/mooring/templates/.making-base.fs') part=$(cat '/var/lib/mooring/templates/.making-base.part') more=
case $fs in ext4|xfs) ;; *) echo "the image holds $fs; ext4 and xfs are supported" >&2; exit 1;; esac
sum=$(sha256sum < '/var/lib/mooring/templates/.making-base' | cut -c1-64)
file='base'-$(printf %.12s "$sum").qcow2
size=$(od -A n -t u1 -j 24 -N 8 '/var/lib/mooring/templates/.making-base' | awk '{ n = 0; for (i = 1; i <= 8; i++) n = n * 256 + $i; printf "%.0f", n }')
chmod 0444 '/var/lib/mooring/templates/.making-base'
sync '/var/lib/mooring/templates/.making-base'
# The name is the content: one that is there already, retained from before, is the same.
image='/var/lib/mooring/templates/.making-base'
[ ! -e '/var/lib/mooring/templates'/"$file" ] || image='/var/lib/mooring/templates'/"$file"
stat -c '%s %Y' "$image" > '/var/lib/mooring/templates/.making-base.json'
read -r bytes modified < '/var/lib/mooring/templates/.making-base.json'
printf '%s,"file":"%s","sha256":"%s","size":%s,"fsType":"%s","partitioned":%s,"bytes":%s,"modified":%s%s}
' '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:Qcow2Template::base"' "$file" "$sum" "$size" "$fs" "$part" "$bytes" "$modified" "$more" > '/var/lib/mooring/templates/.making-base.json'
sync '/var/lib/mooring/templates/.making-base.json'
# First: cut off before the image has its name, it says that one is still to be made.
mv -f '/var/lib/mooring/templates/.making-base.json' '/var/lib/mooring/templates/base.json'
{ [ "$image" != '/var/lib/mooring/templates/.making-base' ] || mv -T -- '/var/lib/mooring/templates/.making-base' '/var/lib/mooring/templates'/"$file"; } && chattr +i '/var/lib/mooring/templates'/"$file" || {
  rm -f -- '/var/lib/mooring/templates/base.json'
  [ "$image" != '/var/lib/mooring/templates/.making-base' ] || rm -f -- '/var/lib/mooring/templates'/"$file"
  exit 1
}
trap - EXIT
rm -f -- '/var/lib/mooring/templates/.making-base' '/var/lib/mooring/templates/.making-base'.*
`,
  );
});

test("an image that can't be a template is refused before anything is made", (t) => {
  const bad = withSource({ problem: "is in the format vmdk; qcow2 and raw are allowed" });
  t.throws(() => qcow2Template.plan(fromImage, bad, fromImage), {
    instanceOf: Refused,
    message: `template "base" can't be made: image /srv/images/base.qcow2 on host "storage" is in the format vmdk; qcow2 and raw are allowed. Nothing was changed.`,
  });
  t.deepEqual(qcow2Template.plan(undefined, bad, fromImage), []);
});

test("a template that does not fit is refused: formatted, or as large as its image is", (t) => {
  const pool = poolOf([], { free: 1100 * 2 ** 20 });
  t.throws(() => qcow2Template.plan(wanted, { ...NONE, pool }, wanted), {
    instanceOf: Refused,
    message: `no room for template "base" on host "storage": it needs 104 MiB, and 1 GiB stay free for the volumes in use, but of the file system of /var/lib/mooring (/, 100 GiB) 1.07 GiB are free. Nothing was changed.
Make room there: what was deleted is in /var/lib/mooring/trash, and can be removed. Or make the file system larger.`,
  });
  const large = { ...withSource({ bytes: 2 ** 36 }), pool: poolOf([]) };
  t.throws(() => qcow2Template.plan(fromImage, large, fromImage), {
    message: /^no room for template "base" on host "storage": it needs 64 GiB, .* 50 GiB are free\./,
  });
  const small = { ...withSource({ bytes: 2 ** 20 }), pool };
  t.is(qcow2Template.plan(fromImage, small, fromImage).length, 4);
});

test("its steps make it whole or leave nothing: a bad image is in no state", (t) => {
  const steps = qcow2Template.plan(fromImage, withSource({ bytes: 2 ** 20 }), fromImage);
  t.true(steps.every(({ compares, leavesNothing }) => compares || leavesNothing));
});

test("nothing to do where its record is ours, whatever else is asked: it never changes", (t) => {
  t.deepEqual(qcow2Template.plan(wanted, there, wanted), []);
  t.deepEqual(qcow2Template.plan(fromImage, there, fromImage), []);
});

test("a template of somebody else's is refused, and taken over with adopt", (t) => {
  t.throws(() => qcow2Template.plan(wanted, foreign, wanted), {
    instanceOf: Refused,
    message: `template base on host "storage" is in the way: it belongs to urn:pulumi:prod::shop::pulumi-nodejs:dynamic/mooring:Qcow2Template::base. Nothing was changed.
To take it over set adopt: true; or choose another name; or remove it there.`,
  });
  t.is(
    text(qcow2Template.plan({ ...wanted, adopt: true }, foreign, wanted)),
    `## write /var/lib/mooring/templates/base.json
set -- '/var/lib/mooring/templates/base.json' '0133' '' '{"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:Qcow2Template::base","file":"base-0123456789ab.qcow2","sha256":"0123456789ab0000000000000000000000000000000000000000000000000000","size":2147483648,"fsType":"ext4","partitioned":false,"bytes":26017792,"modified":1795525970}
'
${WRITE_THROUGH}
`,
  );
});

/** What it does is tested by running it (qcow2-template-removal.test.ts). */
const REFUSE_BEING_CLONED = `for clone in /var/lib/mooring/clones/*.qcow2 /var/lib/mooring/clones/.making-*; do
  [ -f "$clone" ] && head -c 1024 -- "$clone" | grep -qF '../templates/base-0123456789ab.qcow2' || continue
  case $clone in
  */.making-*) ! flock -n "/run/mooring/volume-\${clone##*/.making-}.lock" rm -f -- "$clone" || continue ;;
  esac
  echo "another program made a linked clone of it meanwhile: $clone" >&2
  exit 1
done`;

const COMPARE = "compare the owner of template base";

test("gone: the image is in the trash too, and no longer among the templates", (t) => {
  t.deepEqual(qcow2Template.plan(undefined, there, wanted)[1]?.changes, [
    "/var/lib/mooring/templates",
    "/var/lib/mooring/clones",
    "/var/lib/mooring/trash",
  ]);
  t.is(
    text(qcow2Template.plan(undefined, there, wanted)),
    `## compare the owner of template base
grep -qsF -- '"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:Qcow2Template::base"' '/var/lib/mooring/templates/base.json' || { echo "another program adopted or removed it meanwhile" >&2; exit 1; }
## remove template base (trash)
${REFUSE_BEING_CLONED}
if [ -e '/var/lib/mooring/templates/base-0123456789ab.qcow2' ]; then
  chattr -i '/var/lib/mooring/templates/base-0123456789ab.qcow2'
  mkdir -p -m 0700 '/var/lib/mooring/trash'
mkdir -p '/var/lib/mooring/trash/templates'
ln -f -- '/var/lib/mooring/templates/base-0123456789ab.qcow2' '/var/lib/mooring/trash/templates/base-0123456789ab.qcow2'
cp -- '/var/lib/mooring/templates/base.json' '/var/lib/mooring/trash/templates/base-0123456789ab.qcow2.json'
fi
rm -f -- '/var/lib/mooring/templates/base-0123456789ab.qcow2' '/var/lib/mooring/templates/base.json'
for d in '/var/lib/mooring/templates' '/var/lib/mooring/clones' '/var/lib/mooring'; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done
`,
  );
});

test("gone: retained, its record stays without an owner; destroyed, nothing is kept", (t) => {
  t.is(
    text(qcow2Template.plan(undefined, there, { ...wanted, onDelete: "retain" })),
    `## compare the owner of template base
grep -qsF -- '"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:Qcow2Template::base"' '/var/lib/mooring/templates/base.json' || { echo "another program adopted or removed it meanwhile" >&2; exit 1; }
## write /var/lib/mooring/templates/base.json
set -- '/var/lib/mooring/templates/base.json' '0133' '' '{"owner":"","file":"base-0123456789ab.qcow2","sha256":"0123456789ab0000000000000000000000000000000000000000000000000000","size":2147483648,"fsType":"ext4","partitioned":false,"bytes":26017792,"modified":1795525970}
'
${WRITE_THROUGH}
`,
  );
  t.is(
    text(qcow2Template.plan(undefined, there, { ...wanted, onDelete: "destroy" })),
    `## compare the owner of template base
grep -qsF -- '"owner":"urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:Qcow2Template::base"' '/var/lib/mooring/templates/base.json' || { echo "another program adopted or removed it meanwhile" >&2; exit 1; }
## remove template base (destroy)
${REFUSE_BEING_CLONED}
if [ -e '/var/lib/mooring/templates/base-0123456789ab.qcow2' ]; then
  chattr -i '/var/lib/mooring/templates/base-0123456789ab.qcow2'
  :
fi
rm -f -- '/var/lib/mooring/templates/base-0123456789ab.qcow2' '/var/lib/mooring/templates/base.json'
for d in '/var/lib/mooring/templates' '/var/lib/mooring/clones' '/var/lib/mooring'; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done
`,
  );
});

test("a template with clones can't be removed; retained, it stays for them", (t) => {
  t.throws(() => qcow2Template.plan(undefined, { ...there, clones: ["yundream"] }, wanted), {
    instanceOf: Refused,
    message: `template "base" on host "storage" can't be removed: yundream is a linked clone of it. Remove that first, or keep the template too (onDelete: "retain"); what an update had made that was killed is in the state after the next pulumi up.`,
  });
  t.throws(() => qcow2Template.plan(undefined, { ...there, clones: ["shop", TRASHED, "yundream"] }, wanted), {
    instanceOf: Refused,
    message: `template "base" on host "storage" can't be removed: shop, yundream are linked clones of it. Remove those first, or keep the template too (onDelete: "retain"); what an update had made that was killed is in the state after the next pulumi up.`,
  });
  t.throws(
    () => qcow2Template.plan(undefined, { ...there, clones: ["shop"] }, { ...wanted, onDelete: "destroy" }),
    {
      instanceOf: Refused,
      message: `template "base" on host "storage" can't be removed: shop is a linked clone of it. Remove that first, or keep the template too (onDelete: "retain"); what an update had made that was killed is in the state after the next pulumi up.`,
    },
  );
  t.deepEqual(
    titles(qcow2Template.plan(undefined, { ...there, clones: ["shop"] }, { ...wanted, onDelete: "retain" })),
    [COMPARE, "write /var/lib/mooring/templates/base.json"],
  );
});

test("clones in the trash do not hold it, but can't be left without it", (t) => {
  t.deepEqual(titles(qcow2Template.plan(undefined, { ...there, clones: [TRASHED] }, wanted)), [
    COMPARE,
    "remove template base (trash)",
  ]);
  t.throws(
    () => qcow2Template.plan(undefined, { ...there, clones: [TRASHED] }, { ...wanted, onDelete: "destroy" }),
    {
      instanceOf: Refused,
      message: `template "base" on host "storage" can't be destroyed: clones in the trash need it (yundream-20260102T030405Z in /var/lib/mooring/trash/clones). Empty the trash first, or use onDelete: "trash".`,
    },
  );
});

test("a template already gone, or never ours, is nothing to do", (t) => {
  t.deepEqual(qcow2Template.plan(undefined, undefined, wanted), []);
  t.deepEqual(qcow2Template.plan(undefined, foreign, wanted), []);
  t.deepEqual(qcow2Template.plan(undefined, { ...there, record: undefined }, wanted), []);
});

test("a making that was cut off after its record goes on, unless clones need what is gone", (t) => {
  const begun = { ...there, image: undefined, clones: [] };
  const steps = qcow2Template.plan(wanted, begun, wanted);
  t.deepEqual(
    steps.map(({ title }) => title),
    ["check that the disk of /var/lib/mooring is mounted", "make template base: 2GiB, ext4"],
  );
  t.deepEqual(qcow2Template.plan(wanted, { ...begun, clones: ["yundream"] }, wanted), []);
});

test("the way back of a template that is gone names the clones that need it", (t) => {
  const wayBack = (clones: string[]) =>
    qcow2Template.data?.wayBack(wanted, { ...there, image: undefined, clones }) ?? "";
  t.regex(wayBack([]), / Clones of it can't be read without it\. /);
  t.regex(wayBack(["shop"]), / Its clone, shop, can't be read without it\. /);
  t.regex(wayBack(["shop", "yundream"]), / Its clones, shop, yundream, can't be read without it\. /);
});

test("its data is gone when the image is, also where the record is left", (t) => {
  t.true(qcow2Template.data?.isGone(undefined));
  t.true(qcow2Template.data?.isGone({ ...there, image: undefined }));
  t.false(qcow2Template.data?.isGone(there));
});

test("an image that can be written to is drift, and protected again", (t) => {
  const writable = { ...there, image: { ...image, immutable: false } };
  t.is(
    text(qcow2Template.plan(wanted, writable, wanted)),
    `## protect the image of template base
chattr +i '/var/lib/mooring/templates/base-0123456789ab.qcow2'
`,
  );
  t.deepEqual(qcow2Template.drift(wanted, writable), { ...wanted, status: "its image can be written to" });
  t.is(qcow2Template.drift(fromImage, writable).status, "its image can be written to");
  for (const immutable of [true, undefined]) {
    const kept = { ...there, image: { ...image, immutable } };
    t.deepEqual(qcow2Template.plan(wanted, kept, wanted), []);
    t.deepEqual(qcow2Template.drift(wanted, kept), wanted);
  }
});

test("an image that changed after it was made is an error with the clones that read through it", (t) => {
  t.throws(
    () => qcow2Template.drift(wanted, { ...there, image: { ...image, bytes: 5 }, clones: ["yundream"] }),
    {
      instanceOf: Refused,
      message: `template "base" on host "storage" was changed after it was made (/var/lib/mooring/templates/base-0123456789ab.qcow2: 5 bytes, made with 26017792). What its clones read through it may be damaged: yundream.
Compare it with sha256 0123456789ab0000000000000000000000000000000000000000000000000000, and bring back the file from a backup.`,
    },
  );
  t.throws(() => qcow2Template.drift(wanted, { ...there, image: { ...image, modified: 5 } }), {
    instanceOf: Refused,
    message: `template "base" on host "storage" was changed after it was made (/var/lib/mooring/templates/base-0123456789ab.qcow2: 26017792 bytes, made with 26017792). What its clones read through it may be damaged: it has none.
Compare it with sha256 0123456789ab0000000000000000000000000000000000000000000000000000, and bring back the file from a backup.`,
  });
  t.deepEqual(qcow2Template.drift(wanted, there), wanted);
});

test("size, file system, partition and image can't change", (t) => {
  t.deepEqual(
    qcow2Template.refuse?.(wanted, { ...wanted, size: "4GiB" }),
    'size can\'t change from "2GiB" to "4GiB": its clones are made of it. Make a template with another name for new clones.',
  );
  t.deepEqual(
    qcow2Template.refuse?.(wanted, { ...wanted, fsType: "xfs" }),
    'fsType can\'t change from "ext4" to "xfs": its clones are made of it. Make a template with another name for new clones.',
  );
  t.deepEqual(
    qcow2Template.refuse?.(wanted, { ...wanted, partitioned: true }),
    "partitioned can't change from undefined to true: its clones are made of it. Make a template with another name for new clones.",
  );
  t.deepEqual(
    qcow2Template.refuse?.(wanted, fromImage),
    'image can\'t change from undefined to {"path":"/srv/images/base.qcow2","sha256":"abababababababababababababababababababababababababababababababab"}: its clones are made of it. Make a template with another name for new clones.',
  );
  t.is(qcow2Template.refuse?.(wanted, { ...wanted, onDelete: "destroy" }), undefined);
  t.is(qcow2Template.refuse?.(wanted, { ...wanted, partitioned: false }), undefined);
});
