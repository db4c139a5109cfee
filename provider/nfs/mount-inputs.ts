import { z } from "zod";
import { common } from "../inputs/common.js";
import { hostRefSchema } from "../inputs/host-ref.js";
import { GUARDED, optionList } from "../inputs/options.js";
import { ownPath, volumeName } from "../inputs/schemas.js";
import { addressAlone } from "../nbd/attachment-inputs.js";

/** `hard`: the mount waits for the storage host; `soft` with `rw` can corrupt data silently (nfs(5)). */
const DEFAULT_OPTIONS = ["hard", "vers=4.2", ...GUARDED];

const SOURCE = 'an export, such as "10.77.0.11:/srv/mooring/yundream"';

export const nfsMountInputs = z.object({
  ...common,
  name: volumeName,
  source: z
    .string(SOURCE)
    .superRefine((text, context) => {
      const message = sourceProblem(text);
      if (message) context.addIssue({ code: "custom", message });
    })
    .transform((source) => source.replaceAll(/\/+/g, "/").replace(/(?<=\/.+)\/$/, "")),
  path: ownPath,
  options: optionList(DEFAULT_OPTIONS, softness, version),
  /** Where the export's access is single: the storage host, which the volume is taken from. */
  storage: hostRefSchema.optional(),
  address: addressAlone.optional(),
  /** Not for the program: what `read` finds instead is drift. */
  status: z.string().default("mounted"),
});

export type NfsMountInputs = z.infer<typeof nfsMountInputs>;

function sourceProblem(text: string): string | undefined {
  const [, host = "", path = ""] =
    text.match(/^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(\/[A-Za-z0-9._@+/-]*)$/) ?? [];
  if (/^(https?|nfs4?):\/\//.test(text)) return `${SOURCE}, not a URL`;
  if (/(^|\/)\.\.?(\/|$)/.test(path)) return 'a source without "." and ".." in its path';
  if (host !== "") return undefined;
  return /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:\//.test(text)
    ? 'a source; an IPv6 address is in brackets: "[fd00::11]:/srv/mooring/yundream"'
    : SOURCE;
}

function softness(options: readonly string[]): string | undefined {
  const soft = options.find((option) => option === "soft" || option === "softerr");
  if (!soft || options.includes("ro")) return undefined;
  return `${soft} without ro can corrupt data silently (nfs(5)); use hard, the default, or ro`;
}

function version(options: readonly string[]): string | undefined {
  const other = options.find((option) => /^(nfs)?vers=(?!4)/.test(option));
  return other && `${other}: it is mounted as NFS 4; use vers=4.2, 4.1 or 4`;
}
