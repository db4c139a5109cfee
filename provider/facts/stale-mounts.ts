import type { Fact } from "../host/host.js";
import { sh } from "../host/sh.js";

/**
 * NFS mounts whose directory is no longer the one that was mounted: every access fails until they are mounted anew. A
 * storage host that does not answer is no such thing: its mounts wait, and the look at them ends after 5 s.
 */
export const staleMountsFact: Fact<ReadonlySet<string>> = {
  name: "stale mounts",
  command: sh`set -- $(findmnt -rno TARGET -t nfs4)
[ $# = 0 ] || timeout -k 1 5 stat -c %Z -- "$@" 2>&1 || true`,
  parse(stdout) {
    const paths = stdout.matchAll(/^stat: cannot stat\w* '(.+)': Stale file handle$/gm);
    return new Set([...paths].map(([, path = ""]) => path));
  },
};
