import test from "ava";
import { credentialsFact } from "../../../../provider/facts/credentials.js";
import { ofThoseThere } from "../../../../provider/facts/still-there.js";
import { sh } from "../../../../provider/host/sh.js";

const A = "6cca4248493bf495d69c6f5e7214ea617338a3d6518e9a5366fa58e8fbdc814d";
const B = "7ad4269deff078e1a679e7cac1a69b8ae745eae77583c52fbfdc35a27fcb6814";

test("each key file has its SHA-256", (t) => {
  const said = `-  /var/lib/mooring/keys/yundream/\n${A}  /var/lib/mooring/keys/yundream/keys.psk\n${B}  /var/lib/mooring/attachments/shop/keys.psk\n`;
  t.deepEqual(
    [...credentialsFact.parse(said)],
    [
      ["/var/lib/mooring/keys/yundream/", "-"],
      ["/var/lib/mooring/keys/yundream/keys.psk", A],
      ["/var/lib/mooring/attachments/shop/keys.psk", B],
    ],
  );
});

test("a host without key files has none", (t) => {
  t.is(credentialsFact.parse("").size, 0);
  t.is(credentialsFact.parse("\n").size, 0);
});

test("a key is never printed: the files are only summed", (t) => {
  t.is(
    credentialsFact.command.text,
    `set --
for f in /var/lib/mooring/keys/*/keys.psk /var/lib/mooring/attachments/*/keys.psk; do
  [ ! -f "$f" ] || set -- "$@" "$f"
done
for d in /var/lib/mooring/keys/*/; do [ ! -d "$d" ] || echo "-  $d"; done
[ $# = 0 ] || ${ofThoseThere(sh`sha256sum -- "$@"`)}`,
  );
});
