/** A piece of POSIX `sh`, made by the {@link sh} template alone, so that every value in it is quoted. */
export class Sh {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

type Value = string | number | Sh | readonly (string | number)[];

/**
 * Builds a shell command. Strings and numbers are quoted, an array becomes one quoted word per element, and
 * another `Sh` is inserted as it is.
 */
export function sh(literals: TemplateStringsArray, ...values: Value[]): Sh {
  // TypeScript's types do not say so: a piece with an escape that JavaScript does not know, such as \1, is undefined.
  if ((literals as readonly unknown[]).includes(undefined)) {
    throw new TypeError(`an escape in a command needs two backslashes: ${literals.raw.join("…")}`);
  }
  const text = literals.map(
    (literal, index) => literal + (index < values.length ? insert(values[index]) : ""),
  );
  return new Sh(text.join(""));
}

/** Joins pieces of shell, a line each. */
export function lines(...pieces: readonly Sh[]): Sh {
  return new Sh(pieces.map((piece) => piece.text).join("\n"));
}

/**
 * Quotes one word for POSIX `sh`. A NUL can't be in a word of any shell and is refused; so is half a surrogate pair,
 * which would reach the host as another character.
 */
export function quote(word: string): string {
  if (word.includes("\0")) throw new TypeError("a shell word can't hold a NUL byte");
  if (/\p{Surrogate}/u.test(word)) throw new TypeError("a shell word can't hold a lone surrogate");
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function insert(value: Value | undefined): string {
  if (value instanceof Sh) return value.text;
  if (typeof value === "object") return value.map((word) => quote(String(word))).join(" ");
  return quote(String(value));
}
