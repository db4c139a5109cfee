import { z } from "zod";

/** Mount and export options: one word each. */
const OPTION = "one option of letters, digits and _ = : . @ / + -";

const optionWord = z.string(OPTION).regex(/^[A-Za-z0-9_=:.@/+-]+$/, OPTION);

/** Of mounts: no container, and no storage host, can leave a program there that gives a user of the node its rights. */
export const GUARDED = ["nodev", "nosuid"] as const;

type Rule = (options: readonly string[]) => string | undefined;

/** A list of options, sorted, each once, without those that exclude each other. */
export function optionList(defaults: readonly string[], ...rules: readonly Rule[]) {
  return z
    .array(optionWord, { error: 'a list of options, such as ["ro"]' })
    .superRefine((options, context) => {
      for (const message of [exclusive(options), ...rules.map((rule) => rule(options))])
        if (message) context.addIssue({ code: "custom", message });
    })
    .default([...defaults])
    .transform((options) => [...new Set(options)].sort());
}

const PAIRS = [
  ["rw", "ro"],
  ["hard", "soft"],
  ["sync", "async"],
  ["secure", "insecure"],
  ["hide", "nohide"],
  ["suid", "nosuid"],
  ["dev", "nodev"],
  ["exec", "noexec"],
];

/** Two options that say opposite things, or one that says two. */
function exclusive(options: readonly string[]): string | undefined {
  const pairs = [...PAIRS, ...options.map((option) => [option, `no_${option}`])];
  for (const pair of pairs)
    if (pair.every((each) => options.includes(each))) return `has both ${pair.join(" and ")}; leave one out`;
  const valued = [...new Set(options)].filter((option) => option.includes("="));
  for (const [index, option] of valued.entries()) {
    const name = option.slice(0, option.indexOf("=") + 1);
    const other = valued.slice(0, index).find((each) => each.startsWith(name));
    if (other) return `has both ${other} and ${option}; leave one out`;
  }
  return undefined;
}
