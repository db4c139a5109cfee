import test from "ava";
import { imageReference, repositoryOf } from "../../../../provider/container/image-reference.js";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

const canonical = [
  ["mariadb", "mariadb:latest"],
  ["mariadb:11", "mariadb:11"],
  ["docker.io/library/mariadb:11", "mariadb:11"],
  ["docker.io/team/app:1", "team/app:1"],
  ["mooring-lab/tiny:1", "mooring-lab/tiny:1"],
  ["registry.example.org/team/app", "registry.example.org/team/app:latest"],
  ["localhost:5000/app:1", "localhost:5000/app:1"],
  ["localhost:5000/app", "localhost:5000/app:latest"],
  [`mariadb@${DIGEST}`, `mariadb@${DIGEST}`],
  [`mariadb:11@${DIGEST}`, `mariadb@${DIGEST}`],
] as const;

for (const [given, form] of canonical) {
  test(`${given} is the image ${form}`, (t) => {
    t.is(imageReference.parse(given), form);
    t.is(imageReference.parse(form), form);
  });
}

const bad = [
  "",
  "Mariadb:11",
  "mariadb:",
  "mariadb: 11",
  "mariadb:11:12",
  "-x",
  "a//b",
  "a/../b",
  "$(id)",
  "mariadb;rm -rf /",
  "mariadb\n",
  "ä",
  "mariadb@sha256:12",
  `mariadb@${DIGEST}@${DIGEST}`,
  `mariadb:${"x".repeat(129)}`,
  "x".repeat(256),
];

for (const given of bad) {
  test(`${JSON.stringify(given.slice(0, 40))} is no image reference`, (t) => {
    const { error } = imageReference.safeParse(given);
    t.regex(
      error?.issues[0]?.message ?? "",
      /^an image reference in lower case, such as "mariadb:11", "registry\.example\.org\/team\/app:1\.2" or "mariadb@sha256:…"(; did you mean ".*"\?)?$/,
    );
  });
}

test("the repository is the reference without tag and digest", (t) => {
  t.is(repositoryOf("localhost:5000/team/app:1"), "localhost:5000/team/app");
  t.is(repositoryOf(`mariadb@${DIGEST}`), "mariadb");
});
