import * as mooring from "../../sdk/index.js";
import type { Conformance } from "./conformance.js";

const STORAGE = "10.77.0.11";
const POOL = "/var/lib/mooring";
const THEIRS = "urn:pulumi:theirs::their-project::their-type::their-name";

function template(name: string, options: { adopt?: boolean } = {}): mooring.Qcow2Template {
  const host = mooring.Host.fromConfig("storage");
  return new mooring.Qcow2Template(name, { host, size: "64MiB", fsType: "ext4", ...options });
}

/** The resource is called as the volume unless that name is the subject's. */
function clone(
  volume: string,
  name = volume,
  options: { adopt?: boolean; mmp?: boolean } = {},
): mooring.LinkedClone {
  return new mooring.LinkedClone(name, {
    host: mooring.Host.fromConfig("storage"),
    name: volume,
    template: template(`${volume}-base`),
    size: "128MiB",
    ...options,
  });
}

const record = `${POOL}/templates/ctemplate.json`;
const file = `${POOL}/templates/$(sed 's/.*"file":"//; s/".*//' ${record})`;

export const qcow2Template: Conformance = {
  kind: "Qcow2Template",
  name: "ctemplate",
  host: "storage",
  program: (options) => void template("ctemplate", options),
  works: `grep -qF '"owner":"urn:pulumi:lab::' ${record}
lsattr ${file} | cut -d ' ' -f 1 | grep i
grep -F "\\"sha256\\":\\"$(sha256sum < ${file} | cut -c 1-64)\\"" ${record}`,
  drifts: [],
  refusals: [
    {
      what: "the image was touched",
      byHand: `chattr -i ${file}\ntouch -d 2001-01-01 ${file}`,
      error: /template "ctemplate" on host "storage" was changed after it was made.*bring back the file/s,
      putBack: `touch -d "@$(sed 's/.*"modified"://; s/[,}].*//' ${record})" ${file}\nchattr +i ${file}`,
    },
    {
      what: "the image moved away",
      byHand: `chattr -i ${file}\nmv ${file} /srv/away.qcow2`,
      error: /its data is gone from host "storage".*What Mooring removed is in \/var\/lib\/mooring\/trash/s,
      putBack: `mv /srv/away.qcow2 ${file}\nchattr +i ${file}`,
    },
  ],
  foreign: {
    byHand: `mkdir -p ${POOL}/templates
image=${POOL}/templates/ctemplate-theirs.qcow2
qemu-img create -q -f qcow2 $image 64M
sum=$(sha256sum < $image | cut -c 1-64)
stat -c '{"owner":"${THEIRS}","file":"ctemplate-theirs.qcow2","sha256":"'$sum'","size":67108864,"fsType":"ext4","partitioned":false,"bytes":%s,"modified":%Y}' $image > ${record}
chattr +i $image`,
    error: /template ctemplate on host "storage" is in the way: it belongs to urn:pulumi:theirs::/,
    shows: `cat ${record}; ls -l ${POOL}/templates/ctemplate*`,
    kept: `[ -f ${POOL}/templates/ctemplate-theirs.qcow2 ]`,
  },
};

const image = `${POOL}/clones/cclone.qcow2`;
const volume = `${POOL}/volumes/cclone.json`;

export const linkedClone: Conformance = {
  kind: "LinkedClone",
  name: "cclone",
  host: "storage",
  program: (options) => void clone("cclone", "cclone", options),
  works: `grep -qF '"owner":"urn:pulumi:lab::' ${volume}
qemu-img info --output=json ${image} | grep '"virtual-size": 134217728,'`,
  drifts: [
    {
      what: "the disk made smaller",
      byHand: `qemu-img resize -q --shrink -f qcow2 ${image} 96M`,
      properties: ["size"],
    },
  ],
  refusals: [
    {
      what: "the image moved away",
      byHand: `mv ${image} /srv/away.qcow2`,
      error:
        /its data is gone from host "storage".*move it back to \/var\/lib\/mooring\/clones\/cclone.qcow2/s,
      putBack: `mv /srv/away.qcow2 ${image}`,
    },
  ],
  foreign: {
    byHand: `mkdir -p ${POOL}/clones ${POOL}/volumes
qemu-img create -q -f qcow2 ${image} 128M
sha256sum ${image} > /run/cclone.sum
echo '{"owner":"${THEIRS}","template":"cclone-base","fsType":"ext4","partitioned":false,"epoch":3,"fsUuid":"6f3e1f0e-6f0b-4c53-9f0c-3b4f7a1d2c5e"}' > ${volume}`,
    error: /volume cclone on host "storage" is in the way: it belongs to urn:pulumi:theirs::/,
    shows: `cat ${volume}; ls -l ${image}; sha256sum ${image}`,
    kept: `sha256sum -c /run/cclone.sum && grep '"epoch":3' ${volume}`,
    cleanUp: "rm /run/cclone.sum",
  },
};

const serving = "mooring-export-cserved.service";
const servingFile = `/etc/systemd/system/${serving}`;
const socket = "mooring-export-cserved.socket";
const socketFile = `/etc/systemd/system/${socket}`;
const port = `${POOL}/volumes/cserved.env`;

/** Nobody holds the volume, and so nobody is served: what it serves to an attachment is in the attachment's suite. */
export const nbdExport: Conformance = {
  kind: "NbdExport",
  name: "cserved",
  host: "storage",
  program(options) {
    const { name } = clone("cserved", "cserved-disk");
    new mooring.NbdExport("cserved", { host: mooring.Host.fromConfig("storage"), name, ...options });
  },
  works: `. ${port}
systemctl is-enabled ${socket}
grep -F "ListenStream=${STORAGE}:$MOORING_PORT" ${socketFile}
grep -F -- "--tls-creds=tls --export-name=cserved.g" ${servingFile}
! ss -Hltn "sport = :$MOORING_PORT" | grep .`,
  drifts: [
    { what: "not at the next boot", byHand: `systemctl disable -q ${socket}`, properties: ["address"] },
    {
      what: "bound to another address",
      byHand: `sed -i s/ListenStream=${STORAGE}/ListenStream=127.0.0.1/ ${socketFile}
systemctl daemon-reload`,
      properties: ["address"],
    },
    {
      what: "served without TLS",
      byHand: `sed -i 's/ --tls-creds=tls//' ${servingFile}
systemctl daemon-reload`,
      properties: ["tls"],
    },
  ],
  deleted: `systemctl disable -q ${socket}
rm ${servingFile} ${socketFile} ${port}
systemctl daemon-reload`,
  foreign: {
    byHand: `printf '[Service]\nExecStart=sleep 1000\n' > ${servingFile}
systemctl daemon-reload`,
    error: /mooring-export-cserved\.service on host "storage" is in the way: it has no owner record/,
    shows: `cat ${servingFile}; systemctl is-active ${serving} || true`,
  },
};

const attach = "mooring-attach-cattached.service";
const mount = "mnt-mooring-cattached.mount";
const mountFile = `/etc/systemd/system/${mount}`;
const mounted = "/mnt/mooring/cattached";

export const nbdAttachment: Conformance = {
  kind: "NbdAttachment",
  name: "cattached",
  host: "node-01",
  program(options) {
    const storage = mooring.Host.fromConfig("storage");
    // With it each mount waits for eleven seconds; what happens to hosts is tried with it.
    const { name } = clone("cattached", "cattached-disk", { mmp: false });
    const served = new mooring.NbdExport("cattached-export", { host: storage, name });
    const host = mooring.Host.fromConfig("node-01");
    new mooring.NbdAttachment("cattached", { host, storage, name: served.name, ...options });
  },
  works: `findmnt -rn -o SOURCE,FSTYPE ${mounted} | grep '^/dev/nbd.* ext4$'
systemctl is-enabled ${attach} ${mount}
systemctl is-active ${attach} ${mount}
grep '^Options=.*,noatime' ${mountFile}
touch ${mounted}/written`,
  drifts: [
    { what: "unmounted", byHand: `systemctl stop ${mount}`, properties: ["status"] },
    { what: "detached", byHand: `systemctl stop ${attach}`, properties: ["status"] },
    {
      what: "the unit's options edited",
      byHand: `sed -i s/noatime/relatime/ ${mountFile}\nsystemctl daemon-reload`,
      properties: ["options"],
    },
  ],
  deleted: `systemctl disable -q --now ${mount} ${attach}
rm ${mountFile} /etc/systemd/system/${attach} ${POOL}/attachments/cattached.sh
systemctl daemon-reload`,
  foreign: {
    byHand: `printf '[Mount]\\nWhat=theirs\\nWhere=${mounted}\\nType=tmpfs\\n' > ${mountFile}
systemctl daemon-reload
systemctl start ${mount}`,
    error: /mnt-mooring-cattached\.mount on host "node-01" is in the way: it has no owner record/,
    shows: `findmnt -rn ${mounted}; cat ${mountFile}; ls /etc/systemd/system | grep cattached || true`,
  },
};
