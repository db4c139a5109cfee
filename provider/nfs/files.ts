/** The drop-in file of an export. */
export function exportsFile(name: string): string {
  return `/etc/exports.d/mooring-${name}.exports`;
}
