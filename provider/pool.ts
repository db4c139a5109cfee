/** Where the storage host keeps images and records. One file system: images move between these by rename. */
export const POOL = "/var/lib/mooring";

export const TEMPLATES = `${POOL}/templates`;
export const CLONES = `${POOL}/clones`;
export const VOLUMES = `${POOL}/volumes`;
/** The same tree again: a clone's relative path to its template holds there too. */
export const TRASH = `${POOL}/trash`;

export function templateRecordFile(name: string): string {
  return `${TEMPLATES}/${name}.json`;
}

export function cloneFile(name: string): string {
  return `${CLONES}/${name}.qcow2`;
}
