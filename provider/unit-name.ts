/** The unit name of a mount point (systemd-escape --path). */
export function mountUnit(path: string): string {
  return `${escapePath(path)}.mount`;
}

export function escapePath(path: string): string {
  return path
    .split("/")
    .filter(Boolean)
    .map((part, index) =>
      part.replaceAll(/[^A-Za-z0-9:_.]/g, hex).replace(/^\./, (dot) => (index === 0 ? hex(dot) : dot)),
    )
    .join("-");
}

function hex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
