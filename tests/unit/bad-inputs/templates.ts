import { fromImage, type Row } from "./rows.js";

const FROM_IMAGE = "comes from the image; leave it out, or leave image out";
const HEX = "64 lower-case hexadecimal digits";
const ON_DELETE = '"trash", "retain" or "destroy"';

export const bad: Row[] = [
  ["Qcow2Template", { fsType: "ntfs" }, 'fsType: "ext4" or "xfs" (got "ntfs")'],
  ["Qcow2Template", { fsType: "EXT4" }, 'fsType: "ext4" or "xfs" (got "EXT4")'],
  ["Qcow2Template", { fsType: undefined }, 'fsType: is required for a blank template: "ext4" or "xfs"'],
  ["Qcow2Template", { fsType: null }, 'fsType: "ext4" or "xfs" (got null; leave it out instead)'],
  [
    "Qcow2Template",
    { fsType: undefined, size: undefined },
    "size: is required for a blank template (or give image)",
    'fsType: is required for a blank template: "ext4" or "xfs"',
  ],
  ["Qcow2Template", { partitioned: "true" }, 'partitioned: true or false (got "true"; without quotes)'],
  [
    "Qcow2Template",
    { fsType: "ntfs", size: "4GB" },
    'size: a whole number with a binary unit; did you mean "4GiB"? (got "4GB")',
    'fsType: "ext4" or "xfs" (got "ntfs")',
  ],
  [
    "Qcow2Template",
    { image: { path: "/srv/a.qcow2", sha256: "ab".repeat(32) } },
    `size: ${FROM_IMAGE}`,
    `fsType: ${FROM_IMAGE}`,
    `partitioned: ${FROM_IMAGE}`,
  ],
  ["Qcow2Template", fromImage("/srv/a.qcow2"), 'image: an object with path and sha256 (got "/srv/a.qcow2")'],
  ["Qcow2Template", fromImage({ path: "/srv/a.qcow2" }), "image.sha256: is required"],
  [
    "Qcow2Template",
    fromImage({ path: "/srv/a.qcow2", sha256: "AB".repeat(32) }),
    `image.sha256: ${HEX} (got "ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB")`,
  ],
  [
    "Qcow2Template",
    fromImage({ path: "/srv/a.qcow2", sha256: "ab".repeat(31) }),
    `image.sha256: ${HEX} (got "ababababababababababababababababababababababababababababababab")`,
  ],
  [
    "Qcow2Template",
    fromImage({ path: "/srv/a.qcow2", sha256: `sha256:${"ab".repeat(32)}` }),
    `image.sha256: ${HEX} (got "sha256:abababababababababababababababababababababababababababababababab")`,
  ],
  ["Qcow2Template", fromImage({ path: "/srv/a.qcow2", sha256: "" }), `image.sha256: ${HEX} (got "")`],
  [
    "Qcow2Template",
    fromImage({ path: "/srv/a.qcow2", sha265: "ab".repeat(32) }),
    "image.sha256: is required",
    'image.sha265: unknown property "sha265"; did you mean "sha256"?',
  ],
  ["Qcow2Template", { onDelete: "keep" }, `onDelete: ${ON_DELETE} (got "keep")`],
  ["Qcow2Template", { onDelete: "Trash" }, `onDelete: ${ON_DELETE} (got "Trash")`],
  ["LinkedClone", { mmp: "yes" }, 'mmp: true or false (got "yes")'],
  ["LinkedClone", { onDelete: "" }, `onDelete: ${ON_DELETE} (got "")`],
  ["LinkedClone", { onDelete: false }, `onDelete: ${ON_DELETE} (got false)`],
];

export const good: Row[] = [
  ["Qcow2Template", fromImage({ path: "/srv/images/Debian_12.raw", sha256: "ab".repeat(32) })],
  ["Qcow2Template", { fsType: "xfs" }],
];
