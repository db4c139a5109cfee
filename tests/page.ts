/** The part of a page in docs/ that a command writes, between two markers. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { readRecord } from "./lab/record.js";

const DOCS = join(__dirname, "..", "..", "docs");

export interface WrittenPart {
  /** File name in docs/. */
  readonly page: string;
  /** The line that it begins after, and that names its command. */
  readonly begin: string;
}

export const END = "<!-- Until here. -->";

export function writePart(part: WrittenPart, text: string): void {
  const file = join(DOCS, part.page);
  writeFileSync(file, withPart(part, readFileSync(file, "utf8"), text));
}

/** Beside the pages: what one of them shows. */
export function writeBeside(name: string, text: string): void {
  writeFileSync(join(DOCS, name), text);
}

export function withPart({ page, begin }: WrittenPart, before: string, text: string): string {
  const [from, to] = [before.indexOf(begin), before.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/${page} lacks the lines ${begin} and ${END}`);
  return `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`;
}

/** What figures of this machine are worth. */
export function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim().replaceAll("|", "/") || "an unknown processor";
  const cores = `${processors.length} ${processors.length === 1 ? "core" : "cores"}`;
  return `a machine with ${cores} (${model}) and ${Math.round(totalmem() / 2 ** 30)} GiB of memory`;
}

/** The same, with the lab on it. */
export function machineWithLab(): string {
  const hosts = readRecord()?.accelerator === "kvm" ? "run with KVM" : "emulated by QEMU (TCG)";
  return `${machine()}, the three hosts ${hosts}`;
}
