/** Trees of Debian packages, made and worked on without being root where we are not. */
import { aptSetup } from "./apt";
import { needCommands } from "./packages.js";
import { run } from "./run";

const root = process.getuid?.() === 0;

/**
 * Makes a tree from Debian packages, as a tar archive. `options` are mmdebstrap's. Its hooks have to be shell
 * text: unprivileged, they run under another user id that may not be able to enter our directories.
 */
export async function debianTree(
  archive: string,
  options: readonly string[],
  onLine: (line: string) => void,
): Promise<void> {
  await needCommands({
    mmdebstrap: "mmdebstrap",
    ...(root ? {} : { newuidmap: "uidmap", fakeroot: "fakeroot" }),
  });
  const apt = await aptSetup();
  const aptOptions = apt.options.map((option) => `--aptopt=${option}`);
  const mode = `--mode=${root ? "root" : "unshare"}`;
  const say = (line: string) => onLine(line.replace(/^I: /, ""));
  await run("mmdebstrap", [mode, ...aptOptions, ...options, apt.suite, archive, "-"], {
    input: apt.sources,
    onLine: say,
  });
}

/** What mmdebstrap leaves of the machine's apt set-up: it may hold credentials, and is of no use elsewhere. */
const APT_SETUP =
  "etc/apt/sources.list etc/apt/sources.list.d/* etc/apt/auth.conf* etc/apt/apt.conf.d/99mmdebstrap";

/**
 * Unpacks the archive into `tree` (both are gone afterwards) and runs shell text in it, with `args` as "$1" and
 * so on. Unprivileged, fakeroot remembers the files' owners from unpacking to the end of the text.
 */
export async function inTree(
  archive: string,
  tree: string,
  script: string,
  args: readonly string[],
): Promise<void> {
  const text = `set -e
archive=$1 tree=$2
shift 2
mkdir "$tree"
trap 'cd / && rm -rf "$archive" "$tree"' EXIT
tar -xf "$archive" -C "$tree" --numeric-owner --exclude='./dev/*'
rm -f "$archive"
cd "$tree"
rm -rf ${APT_SETUP}
${script}
`;
  const words = [...(root ? [] : ["fakeroot"]), "sh", "-c", text, "sh", archive, tree, ...args];
  await run(words[0] ?? "sh", words.slice(1), {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
}
