import { shown } from "./shown.js";

/** Properties that the SDK and `read` set, and no program. */
const INTERNAL = ["owner", "status", "imageOwner"];

/** What is said of a property that is none: the likely one, or those there are. */
export function unknownProperty(name: string, properties: readonly string[]): string {
  const known = properties.filter((each) => !INTERNAL.includes(each));
  const likely = closest(name, known);
  const hint = likely ? `did you mean "${likely}"?` : `known are ${known.join(", ")}`;
  return `unknown property ${shown(name)}; ${hint}`;
}

/** Misspelled, in another style of writing (`fs_type`), with more words (`imageArchive`) or fewer letters (`env`). */
function closest(name: string, known: readonly string[]): string | undefined {
  const given = plain(name);
  const [best] = known
    .map((candidate) => ({ candidate, distance: distance(given, plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const near =
    best &&
    best.distance <= Math.max(2, given.length / 3) &&
    best.distance < given.length - 1 &&
    // A short word with another first letter is another word: `host` is not `lost`.
    (given.length > 4 || given[0] === best.candidate[0]);
  if (near || best?.distance === 0) return best.candidate;
  if (given.length < 3) return undefined;
  return (
    known.find((each) => given.endsWith(plain(each))) ??
    known.find((each) => plain(each).startsWith(given) || given.startsWith(plain(each)))
  );
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, "");
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
