/** Counts the lines that MOORING_TRACE makes. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import type { RoundTrips } from "../contestants/contestant.js";

export function countRoundTrips(trace: string): RoundTrips {
  const channels = trace
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [, host, channel] = line.match(/^\S+ (\S+) (ssh|docker) waited \d+ ms, took \d+ ms: /) ?? [];
      if (host === undefined || channel === undefined) throw new Error(`this is no line of a trace: ${line}`);
      return { host, channel };
    });
  const of = (name: string) => channels.filter(({ channel }) => channel === name).length;
  const hosts = [...new Set(channels.map(({ host }) => host))];
  const each = hosts.map((name) => channels.filter(({ host }) => host === name).length);
  return { ssh: of("ssh"), docker: of("docker"), mostOnHost: Math.max(0, ...each) };
}

/** What came since the last time. No operation goes without a look at the hosts: nothing at all was not counted. */
export function takeTrace(file: string): RoundTrips {
  if (!existsSync(file)) throw new Error("no round trip was traced");
  const text = readFileSync(file, "utf8");
  rmSync(file, { force: true });
  return countRoundTrips(text);
}
