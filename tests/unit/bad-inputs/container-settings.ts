import type { Row } from "./rows.js";

const WORDS = 'a list of words, such as ["sleep", "60"]';
const VARIABLES = 'an object of names and values, such as { TZ: "Europe/Berlin" }';
const VARIABLE = "a name is letters, digits and _ . -, not starting with a digit";
const POLICY = '"no", "on-failure" or "always"';
const CPUS = "a number of CPUs, at least 0.01";
const RUN_AS = 'a user or user:group as a string, such as "999:999"';

export const bad: Row[] = [
  ["DockerContainer", { command: "mariadbd --password=hush" }, `command: ${WORDS} (got a string)`],
  ["DockerContainer", { command: [] }, "command: at least one word (got an empty list)"],
  ["DockerContainer", { command: ["a", 5] }, "command[1]: a word (got a number)"],
  ["DockerContainer", { command: ["a\u0000"] }, "command[0]: a word without NUL"],
  ["DockerContainer", { command: null }, `command: ${WORDS} (got null; leave it out instead)`],
  ["DockerContainer", { command: {} }, `command: ${WORDS} (got an object)`],
  ["DockerContainer", { entrypoint: "/bin/sh -c hush" }, `entrypoint: ${WORDS} (got a string)`],
  ["DockerContainer", { entrypoint: [] }, "entrypoint: at least one word (got an empty list)"],
  ["DockerContainer", { environment: ["A=hush"] }, `environment: ${VARIABLES} (got a list)`],
  ["DockerContainer", { environment: "A=hush" }, `environment: ${VARIABLES} (got a string)`],
  ["DockerContainer", { environment: { "": "hush" } }, `environment: ${VARIABLE} (got "")`],
  ["DockerContainer", { environment: { "A=B": "hush" } }, `environment: ${VARIABLE} (got "A=…")`],
  ["DockerContainer", { environment: { "A\u0000": "hush" } }, `environment: ${VARIABLE} (got "A\\u0000")`],
  ["DockerContainer", { environment: { "1A": "hush" } }, `environment: ${VARIABLE} (got "1A")`],
  ["DockerContainer", { environment: { "A B": "hush" } }, `environment: ${VARIABLE} (got "A B")`],
  ["DockerContainer", { environment: { A: "hush\u0000" } }, "environment.A: a value without NUL"],
  ["DockerContainer", { environment: { A: 5150 } }, "environment.A: a string (got a number)"],
  ["DockerContainer", { environment: { A: true } }, "environment.A: a string (got a boolean)"],
  ["DockerContainer", { environment: { A: null } }, "environment.A: a string (got null)"],
  ["DockerContainer", { environment: { A: ["hush"] } }, "environment.A: a string (got a list)"],
  ["DockerContainer", { environment: null }, `environment: ${VARIABLES} (got null; leave it out instead)`],
  ["DockerContainer", { restart: "unless-stopped" }, `restart: ${POLICY} (got "unless-stopped")`],
  ["DockerContainer", { restart: "sometimes" }, `restart: ${POLICY} (got "sometimes")`],
  ["DockerContainer", { restart: "" }, `restart: ${POLICY} (got "")`],
  ["DockerContainer", { restart: null }, `restart: ${POLICY} (got null; leave it out instead)`],
  ["DockerContainer", { restart: true }, `restart: ${POLICY} (got true)`],
  ["DockerContainer", { cpus: 0 }, `cpus: ${CPUS} (got 0)`],
  ["DockerContainer", { cpus: -1 }, `cpus: ${CPUS} (got -1)`],
  ["DockerContainer", { cpus: "0.5" }, `cpus: ${CPUS} (got "0.5"; without quotes)`],
  ["DockerContainer", { cpus: "half" }, `cpus: ${CPUS} (got "half")`],
  ["DockerContainer", { cpus: null }, `cpus: ${CPUS} (got null; leave it out instead)`],
  [
    "DockerContainer",
    { labels: { "mooring.owner": "me" } },
    'labels: a name that is not empty and does not start with "mooring." (got "mooring.owner")',
  ],
  [
    "DockerContainer",
    { labels: { "": "x" } },
    'labels: a name that is not empty and does not start with "mooring." (got "")',
  ],
  ["DockerContainer", { labels: { a: 5 } }, "labels.a: a string (got 5)"],
  [
    "DockerContainer",
    { labels: ["a=b"] },
    'labels: an object of names and values, such as { team: "shop" } (got a list)',
  ],
  [
    "DockerContainer",
    { labels: "a=b" },
    'labels: an object of names and values, such as { team: "shop" } (got "a=b")',
  ],
  ["DockerContainer", { user: 999 }, `user: ${RUN_AS} (got 999)`],
  ["DockerContainer", { user: "a b" }, `user: ${RUN_AS} (got "a b")`],
  ["DockerContainer", { user: "" }, `user: ${RUN_AS} (got "")`],
  ["DockerContainer", { user: ":5" }, `user: ${RUN_AS} (got ":5")`],
  [
    "DockerContainer",
    { healthCheck: "curl hush" },
    'healthCheck: a health check, such as { command: ["mysqladmin", "ping"] } (got a string)',
  ],
  ["DockerContainer", { healthCheck: {} }, "healthCheck.command: is required"],
  [
    "DockerContainer",
    { healthCheck: { command: "curl hush" } },
    `healthCheck.command: ${WORDS} (got a string)`,
  ],
  [
    "DockerContainer",
    { healthCheck: { command: [] } },
    "healthCheck.command: at least the command's name (got an empty list)",
  ],
  [
    "DockerContainer",
    { healthCheck: { command: ["CMD-SHELL", "curl hush"] } },
    'healthCheck.command: the command\'s own words, without Docker\'s "CMD"; for a shell: ["sh", "-c", "…"]',
  ],
  [
    "DockerContainer",
    { healthCheck: { command: ["a"], retries: 0 } },
    "healthCheck.retries: a whole number, at least 1 (got 0)",
  ],
  [
    "DockerContainer",
    { healthCheck: { command: ["a"], retries: "3" } },
    'healthCheck.retries: a whole number, at least 1 (got "3"; without quotes)',
  ],
  [
    "DockerContainer",
    { healthCheck: { command: ["a"], interval: 5 } },
    'healthCheck.interval: a whole number with a unit, such as "30s" or "5m" (got 5)',
  ],
  [
    "DockerContainer",
    { healthCheck: { command: ["a"], test: ["a"] } },
    'healthCheck.test: unknown property "test"; known are command, interval, timeout, retries, startPeriod',
  ],
];

export const good: Row[] = [
  ["DockerContainer", { environment: { A: "ä 'ö' \"x\"\n$(id)", "a.b-c": "", _: "=" } }],
  ["DockerContainer", { environment: {}, labels: {}, ports: [], volumes: [], networkMode: "host" }],
  ["DockerContainer", { command: ["", "ä", "$(id)", "a\nb"] }],
  [
    "DockerContainer",
    {
      labels: { "org.example/ä": "", mooring: "x" },
      user: "www-data",
      networkMode: "container:other",
      ports: [],
      cpus: 0.01,
    },
  ],
];
