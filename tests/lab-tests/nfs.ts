import * as mooring from "../../sdk/index.js";
import type { Conformance } from "./conformance.js";

const STORAGE = "10.77.0.11";
const NETWORK = "10.77.0.0/24";

const exported = "/srv/mooring/cexport";
const dropIn = "/etc/exports.d/mooring-cexport.exports";

export const nfsExport: Conformance = {
  kind: "NfsExport",
  name: "cexport",
  host: "storage",
  program(options) {
    new mooring.NfsExport("cexport", {
      host: mooring.Host.fromConfig("storage"),
      clients: [NETWORK],
      mode: "0750",
      ...options,
    });
  },
  works: `[ "$(stat -c %a ${exported})" = 750 ]
grep -qF '${exported} ${NETWORK}' ${dropIn}
exportfs -s | grep -F '${exported} ' | grep -F '${NETWORK}(' | grep -F ,rw,`,
  drifts: [
    {
      what: "it is no longer exported",
      byHand: `exportfs -u ${NETWORK}:${exported}`,
      properties: ["clients"],
    },
    {
      what: "drop-in file and permissions edited",
      byHand: `sed -i s/rw/ro/ ${dropIn}\nexportfs -ra\nchmod 0700 ${exported}`,
      properties: ["clients", "mode"],
    },
  ],
  refusals: [
    {
      what: "the directory moved away",
      byHand: `mv ${exported} ${exported}.away`,
      error:
        /its data is gone from host "storage".*move it back to \/srv\/mooring\/cexport;.*\.mooring-trash/s,
      putBack: `mv ${exported}.away ${exported}`,
    },
  ],
  foreign: {
    byHand: `mkdir -p ${exported}\nchmod 0700 ${exported}\necho theirs > ${exported}/file`,
    error: /directory \/srv\/mooring\/cexport, which is not empty, on host "storage" is in the way/,
    shows: `ls -lA ${exported}; stat -c %a ${exported}; cat ${exported}/file; ls /etc/exports.d; exportfs -s`,
    kept: `[ "$(cat ${exported}/file)" = theirs ]`,
  },
};

const mounted = "/mnt/mooring/cmount";
const unit = "mnt-mooring-cmount.mount";
const unitFile = `/etc/systemd/system/${unit}`;

export const nfsMount: Conformance = {
  kind: "NfsMount",
  name: "cmount",
  host: "node-01",
  program(options) {
    const data = new mooring.NfsExport("cmount-export", {
      host: mooring.Host.fromConfig("storage"),
      clients: [NETWORK],
    });
    new mooring.NfsMount("cmount", {
      host: mooring.Host.fromConfig("node-01"),
      source: data.source,
      ...options,
    });
  },
  works: `[ "$(findmnt -rn -o SOURCE,FSTYPE ${mounted})" = '${STORAGE}:/srv/mooring/cmount-export nfs4' ]
systemctl is-enabled ${unit}
grep -q '^Options=hard,' ${unitFile}
touch ${mounted}/written`,
  drifts: [
    { what: "unmounted", byHand: `systemctl stop ${unit}`, properties: ["source"] },
    {
      what: "the unit's options edited",
      byHand: `sed -i s/=hard/=soft/ ${unitFile}\nsystemctl daemon-reload`,
      properties: ["options"],
    },
  ],
  deleted: `systemctl disable -q --now ${unit}
rm ${unitFile}
systemctl daemon-reload
chattr -i ${mounted}
rmdir ${mounted}`,
  foreign: {
    byHand: `mkdir -p ${mounted}\nmount -t tmpfs theirs ${mounted}`,
    error: /a mount of theirs at \/mnt\/mooring\/cmount on host "node-01" is in the way/,
    shows: `findmnt -rn ${mounted}; ls -A ${mounted}; ls /etc/systemd/system | grep cmount || true`,
  },
};
