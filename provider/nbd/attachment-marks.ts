import { POOL } from "../pool.js";

/** What an attachment leaves on a node while it is attached; what is in /run, a boot forgets. */

export function attachedLink(name: string): string {
  return `/run/mooring/attached/${name}`;
}

/** What the kernel calls the client of the device that the link leads to: another one, and the device is another volume's. */
export function attachedTask(name: string): string {
  return `/run/mooring/attach-${name}.task`;
}

/** There as long as the device has room behind its file system. */
export function roomMark(name: string): string {
  return `/run/mooring/attach-${name}.room`;
}

/** The size, in sectors of 512 bytes, of the device that the file system has grown to. */
export function grownFile(name: string): string {
  return `${POOL}/attachments/${name}.grown`;
}
