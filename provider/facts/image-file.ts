import { z } from "zod";
import type { Host } from "../host/host.js";
import { sh } from "../host/sh.js";
import { shown } from "../inputs/shown.js";

/** An image that a template can be made from, with the bytes that its copy takes at most; or why it can't be one. */
export type ImageFile = { readonly bytes: number } | { readonly problem: string };

const infoSchema = z.object({
  format: z.string(),
  "virtual-size": z.number(),
  encrypted: z.boolean().optional(),
  "backing-filename": z.string().optional(),
  "format-specific": z
    .object({
      data: z.object({
        corrupt: z.boolean().optional(),
        "data-file": z.string().optional(),
        encrypt: z.unknown().optional(),
      }),
    })
    .optional(),
});

const measureSchema = z.object({ required: z.number() });

/** Reads it with what belongs to qemu-img, and, for a raw disk, which has no mark of its own, with blkid. */
export async function readImageFile(host: Host, path: string): Promise<ImageFile> {
  return imageFileIn(
    await host.run(
      `looking at image ${path}`,
      sh`ask() { said=$("$@" 2>&1) && code=0 || code=$?; printf '\\036%d\n%s\n' "$code" "$said"; }
if [ ! -e ${path} ]; then exit; fi
stat -L -c %F -- ${path}
[ -f ${path} ] || exit 0
head -c 6 -- ${path} | od -A n -t x1 | tr -d ' '
ask qemu-img info --output=json ${path}
ask qemu-img check ${path}
ask qemu-img measure -O qcow2 --output=json ${path}
ask blkid -p ${path}`,
    ),
    path,
  );
}

export function imageFileIn(stdout: string, path: string): ImageFile {
  const [file = "", ...answers] = stdout.split("\u001e");
  const [kind, magic = ""] = file.split("\n");
  if (!kind) return { problem: "is not there. Mooring copies no images to hosts: put it there first" };
  const [info, check, measure, blkid] = answers.map(answerIn);
  if (!info || !check || !measure || !blkid) return { problem: `is a ${kind}, not an image` };
  const problem = infoProblem(info, path) ?? checkProblem(check) ?? rawProblem(info, blkid, magic);
  if (problem) return { problem };
  if (measure.exitCode !== 0) return { problem: unreadable(measure) };
  return { bytes: measureSchema.parse(jsonIn(measure)).required };
}

interface Answer {
  readonly exitCode: number;
  readonly said: string;
}

function answerIn(text: string): Answer {
  const end = text.indexOf("\n");
  return { exitCode: Number(text.slice(0, end)), said: text.slice(end + 1).trim() };
}

/** Warnings may stand before it. */
function jsonIn({ said }: Answer): unknown {
  return JSON.parse(said.slice(said.indexOf("{")));
}

function infoProblem(answer: Answer, path: string): string | undefined {
  if (answer.exitCode !== 0) return unreadable(answer);
  const info = infoSchema.parse(jsonIn(answer));
  const { format, "backing-filename": backing, "format-specific": { data } = { data: undefined } } = info;
  const convert = `qemu-img convert -O qcow2 ${path} NEW.qcow2, and give that file with its own sha256`;
  if (info.encrypted || data?.encrypt !== undefined)
    return "is encrypted, and the storage host has no key to serve it with. Make one that is not";
  if (format !== "qcow2" && format !== "raw")
    return `is in the format ${format}; qcow2 and raw are allowed. Convert it: ${convert}`;
  if (backing !== undefined)
    return `has a backing file of its own (${shown(backing)}), without which it is not whole. Flatten it: ${convert}`;
  if (data?.["data-file"] !== undefined)
    return `has its data in another file (${shown(data["data-file"])}). Put both into one: ${convert}`;
  if (data?.corrupt) return `is damaged: it is marked as corrupt. ${GOOD_COPY}`;
  if (info["virtual-size"] === 0) return "is empty";
  return undefined;
}

function unreadable({ said }: Answer): string {
  if (/Failed to get .*lock/.test(said))
    return "is in use: another program has it open to write. End that first";
  return `can't be read as an image: ${said}`;
}

const GOOD_COPY = "Bring a good copy, and compare its sha256 with the one at its source";

/** 3: clusters that are lost and do no harm; 63: the format has nothing to check (qemu-img(1)). */
function checkProblem({ exitCode, said }: Answer): string | undefined {
  if ([0, 3, 63].includes(exitCode)) return undefined;
  const [first, ...more] = said.split("\n").filter((line) => line.startsWith("ERROR"));
  if (first === undefined) return `could not be checked: ${said}`;
  const rest = more.length > 0 ? `, and ${more.length} more` : "";
  return `is damaged: qemu-img check says "${first}"${rest}. ${GOOD_COPY}`;
}

const COMPRESSED: readonly [begin: string, program: string][] = [
  ["1f8b", "gzip"],
  ["fd377a585a", "xz"],
  ["28b52ffd", "zstd"],
  ["425a68", "bzip2"],
  ["504b0304", "zip"],
];

/** Whatever is no other format is raw to qemu-img. 2: blkid found nothing in it (blkid(8)). */
function rawProblem(info: Answer, blkid: Answer, magic: string): string | undefined {
  if (infoSchema.parse(jsonIn(info)).format !== "raw" || blkid.exitCode !== 2) return undefined;
  const program = COMPRESSED.find(([begin]) => magic.startsWith(begin))?.[1];
  return program
    ? `is compressed with ${program}: unpack it first, and give the sha256 of what was in it`
    : "is no disk image: not qcow2, and not a raw disk, on which a file system or a partition table would be seen";
}
