import type { Fact } from "../host/host.js";
import { sh } from "../host/sh.js";

export interface ActiveExport {
  readonly path: string;
  readonly client: string;
  readonly options: readonly string[];
}

/** What the NFS server exports now. */
export const exportsFact: Fact<ActiveExport[]> = {
  name: "exportfs -s",
  command: sh`exportfs -s`,
  parse(stdout) {
    return stdout.split("\n").flatMap((line) => {
      const [, path, client, options] = line.match(/^(.+?)\s+(\S+?)\(([^)]*)\)$/) ?? [];
      if (path === undefined || client === undefined || options === undefined) return [];
      return [{ path: unescapeOctal(path), client, options: options.split(",") }];
    });
  },
};

function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
