/** What an attachment leaves in a node's memory while it is attached. */

export function attachedLink(name: string): string {
  return `/run/mooring/attached/${name}`;
}

/** What the kernel calls the client of the device that the link leads to: another one, and the device is another volume's. */
export function attachedTask(name: string): string {
  return `/run/mooring/attach-${name}.task`;
}

/** There where the device had room behind its file system when it was attached, until that has grown. */
export function roomMark(name: string): string {
  return `/run/mooring/attach-${name}.room`;
}
