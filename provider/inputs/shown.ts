const LONGEST = 80;

/** A value as a message shows it: short, on one line, with what can't be seen spelled out, and no key or password in it. */
export function shown(value: unknown): string {
  if (typeof value === "string") return shownText(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** The value's kind alone: for what may be secret. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "object") return shown(value);
  return `a ${typeof value}`;
}

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** Bytes for people, in binary units. */
export function shownBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 1024 ** power).toFixed(2))} ${UNITS[power]}`;
}

function shownText(text: string): string {
  if (/PRIVATE KEY|PuTTY-User-Key-File/.test(text)) return "a private key";
  const open = text.replace(/((?:^|\/\/)[^\s/@:]+:)[^@]+@(?!sha256:)/, "$1…@");
  const short = open.length > LONGEST ? `${open.slice(0, 60)}…` : open;
  const quoted = JSON.stringify(short).replaceAll(/[\p{Cf}\p{Cc}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, escaped);
  return open === short ? quoted : `${quoted}, ${open.length} characters`;
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
