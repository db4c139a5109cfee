import type { Fact } from "../host/host.js";
import { sh } from "../host/sh.js";

export interface Mount {
  readonly target: string;
  readonly source: string;
  readonly fsType: string;
  readonly options: readonly string[];
}

export const mountsFact: Fact<Mount[]> = {
  name: "mounts",
  command: sh`findmnt -J --list -o TARGET,SOURCE,FSTYPE,OPTIONS`,
  parse(stdout) {
    const { filesystems } = JSON.parse(stdout) as {
      filesystems: { target: string; source: string; fstype: string; options: string }[];
    };
    return filesystems.map(({ target, source, fstype, options }) => ({
      target,
      source,
      fsType: fstype,
      options: options.split(","),
    }));
  },
};
