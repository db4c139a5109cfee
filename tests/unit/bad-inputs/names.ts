import type { Row } from "./rows.js";

const NAME = "1 to 63 lower-case letters, digits and hyphens, not starting or ending with a hyphen";
const OUTPUT = "an output or a promise was put into a string; use pulumi.interpolate`…`, or its apply";

export const bad: Row[] = [
  ["NfsExport", { name: "" }, `name: ${NAME} (got "")`],
  ["NfsExport", { name: "Yundream" }, `name: ${NAME} (got "Yundream")`],
  [
    "NfsExport",
    { name: "x".repeat(64) },
    `name: ${NAME} (got "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")`,
  ],
  ["NfsExport", { name: ";rm -rf /" }, `name: ${NAME} (got ";rm -rf /")`],
  ["NfsExport", { name: "$(id)" }, `name: ${NAME} (got "$(id)")`],
  ["NfsExport", { name: "a\nb" }, `name: ${NAME} (got "a\\nb")`],
  ["NfsExport", { name: "../x" }, `name: ${NAME} (got "../x")`],
  ["NfsExport", { name: "ä" }, `name: ${NAME} (got "ä")`],
  ["NfsExport", { name: "-a" }, `name: ${NAME} (got "-a")`],
  ["NfsExport", { name: "a-" }, `name: ${NAME} (got "a-")`],
  ["NfsExport", { name: "a_b" }, `name: ${NAME} (got "a_b")`],
  ["NfsExport", { name: "a.b" }, `name: ${NAME} (got "a.b")`],
  ["NfsExport", { name: " a" }, `name: ${NAME} (got " a")`],
  ["NfsExport", { name: "a\u202eb" }, `name: ${NAME} (got "a\\u{202e}b")`],
  ["NfsExport", { name: "a\u0000" }, `name: ${NAME} (got "a\\u0000")`],
  [
    "NfsExport",
    { name: "x".repeat(500) },
    `name: ${NAME} (got "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…", 500 characters)`,
  ],
  ["NfsExport", { name: "a\u007f" }, `name: ${NAME} (got "a\\u{7f}")`],
  ["NfsExport", { name: 5 }, `name: ${NAME} (got 5)`],
  ["NfsExport", { name: null }, `name: ${NAME} (got null)`],
  ["NfsExport", { name: ["a"] }, `name: ${NAME} (got a list)`],
  ["NfsExport", { name: undefined }, "name: is required"],
  ["NfsExport", { name: {} }, `name: ${NAME} (got an object)`],
  ["NfsMount", { name: "../x" }, `name: ${NAME} (got "../x")`],
  ["Qcow2Template", { name: "../x" }, `name: ${NAME} (got "../x")`],
  ["LinkedClone", { name: "../x" }, `name: ${NAME} (got "../x")`],
  ["NbdExport", { name: "../x" }, `name: ${NAME} (got "../x")`],
  ["NbdAttachment", { name: "../x" }, `name: ${NAME} (got "../x")`],
  ["DockerContainer", { name: "../x" }, `name: ${NAME} (got "../x")`],
  ["LinkedClone", { template: "" }, `template: ${NAME} (got "")`],
  ["LinkedClone", { template: "Base" }, `template: ${NAME} (got "Base")`],
  ["LinkedClone", { template: {} }, `template: ${NAME} (got an object)`],
  ["LinkedClone", { template: undefined }, "template: is required"],
  ["DockerContainer", { name: "a" }, 'name: at least two characters: Docker wants it so (got "a")'],
  [
    "NfsExport",
    {
      name: "Calling [toString] on an [Output<T>] is not supported.\n\nTo get the value of an Output<T> as an Output<string> consider either:",
    },
    `name: ${OUTPUT}`,
  ],
  [
    "DockerContainer",
    { labels: { a: "x-Calling [toString] on an [Output<T>] is not supported." } },
    `labels.a: ${OUTPUT}`,
  ],
  [
    "DockerContainer",
    { environment: { A: "hush Calling [toJSON] on an [Output<T>] is not supported." } },
    `environment.A: ${OUTPUT}`,
  ],
  ["DockerContainer", { command: ["sh", "[object Promise]"] }, `command[1]: ${OUTPUT}`],
];

export const good: Row[] = [
  ["NfsExport", { name: "x".repeat(63) }],
  ["NfsExport", { name: "0" }],
  ["DockerContainer", { name: "a--b" }],
];
