/** What the machine's own apt knows: the lab's hosts are made from the same archive, by the same way to it. */
import { run } from "./run";

export interface AptSetup {
  /** Code name of the release, as in "bookworm". */
  suite: string;
  /** One-line sources. They may hold credentials: never print or keep them. */
  sources: string;
  /** Settings that say how the archive is reached (proxy, certificates, dates), for `--aptopt`. */
  options: string[];
}

const WAYS_TO_THE_ARCHIVE =
  /^(Acquire::(http|https|ftp|socks|Retries|Check-Date|Check-Valid-Until|Max-ValidTime|ForceIPv[46]|AllowInsecureRepositories)\b.*) (".*");$/;

export async function aptSetup(): Promise<AptSetup> {
  const suite = (await run("sh", ["-c", '. /etc/os-release && echo "$ID $VERSION_CODENAME"'])).trim();
  const [id, codename = ""] = suite.split(" ");
  if (id !== "debian" || !codename) {
    throw new Error(`The lab's hosts are made from this machine's Debian archive, and this is "${suite}".`);
  }
  return { suite: codename, sources: await sources(codename), options: await options() };
}

/** apt's own answer: it has read one-line and deb822 sources alike, and left out what is disabled. */
async function sources(codename: string): Promise<string> {
  const format = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)";
  const targets = await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  const lines = new Set<string>();
  for (const target of targets.split("\n")) {
    const [uri = "", release = "", component] = target.split("|");
    if (component !== "main" || uri.startsWith("cdrom:")) continue;
    if (!new RegExp(`^${codename}(-updates|-security|/updates)?$`).test(release)) continue;
    lines.add(`deb ${uri} ${release} main`);
  }
  if (lines.size === 0) {
    throw new Error(`apt has no source for Debian ${codename} main: see "apt-get indextargets"`);
  }
  return `${[...lines].join("\n")}\n`;
}

async function options(): Promise<string[]> {
  const dump = await run("apt-config", ["dump", "--no-empty"]);
  const found = dump.split("\n").flatMap((line) => {
    const match = WAYS_TO_THE_ARCHIVE.exec(line);
    return match ? [`${match[1]} ${match[3]}`] : [];
  });
  for (const [setting, kind] of [
    ["Dir::Etc::netrc", "f"],
    ["Dir::Etc::netrcparts", "d"],
  ]) {
    const assignment = await run("apt-config", ["shell", "FOUND", `${setting}/${kind}`]);
    const path = /^FOUND='(.*)'/.exec(assignment)?.[1];
    if (path) found.push(`${setting} "${path}"`);
  }
  return found;
}
