import { z } from "zod";
import { shown } from "../inputs/shown.js";

/** As in the distribution project's reference grammar; a registry is a first part with a dot, a colon or "localhost". */
const REGISTRY = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9-]+)*(?::\d+)?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

const LOOKS =
  'an image reference in lower case, such as "mariadb:11", "registry.example.org/team/app:1.2" or "mariadb@sha256:…"';

export const imageReference = z
  .string(LOOKS)
  .superRefine((text, context) => {
    if (!isReference(text)) context.addIssue({ code: "custom", message: `${LOOKS}${hint(text)}` });
  })
  .transform(canonical);

function hint(text: string): string {
  const { name, tag, digest } = split(text.replace(/^[a-z]+:\/\//i, ""));
  const likely = `${name.toLowerCase()}${tag ? `:${tag}` : ""}${digest ? `@${digest}` : ""}`;
  return likely !== text && isReference(likely) ? `; did you mean ${shown(likely)}?` : "";
}

/** The name without tag and digest: what the Engine writes before a digest. */
export function repositoryOf(reference: string): string {
  return split(reference).name;
}

function isReference(text: string): boolean {
  const { name, tag, digest } = split(text);
  const [first = "", ...rest] = name.split("/");
  const registry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return (
    name.length <= 255 &&
    (!registry || REGISTRY.test(first)) &&
    PATH.test(registry ? rest.join("/") : name) &&
    (tag === undefined || TAG.test(tag)) &&
    (digest === undefined || DIGEST.test(digest))
  );
}

/** The form in which the Engine lists it; without a tag it would pull every tag there is. */
function canonical(text: string): string {
  const { name, tag, digest } = split(text);
  const familiar = name.replace(/^(index\.)?docker\.io\//, "").replace(/^library\/(?=[^/]+$)/, "");
  if (digest !== undefined) return `${familiar}@${digest}`;
  return `${familiar}:${tag ?? "latest"}`;
}

function split(text: string): { name: string; tag: string | undefined; digest: string | undefined } {
  const [named = "", ...digests] = text.split("@");
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  return {
    name: colon < 0 ? named : named.slice(0, colon),
    tag: colon < 0 ? undefined : named.slice(colon + 1),
    digest: digests.length === 0 ? undefined : digests.join("@"),
  };
}
