import type { Row } from "./rows.js";

const IMAGE =
  'an image reference in lower case, such as "mariadb:11", "registry.example.org/team/app:1.2" or "mariadb@sha256:…"';

export const bad: Row[] = [
  ["DockerImage", { image: "" }, `image: ${IMAGE} (got "")`],
  ["DockerImage", { image: "Mariadb:11" }, `image: ${IMAGE}; did you mean "mariadb:11"? (got "Mariadb:11")`],
  ["DockerImage", { image: "Team/App:1" }, `image: ${IMAGE}; did you mean "team/app:1"? (got "Team/App:1")`],
  [
    "DockerImage",
    { image: "https://registry.example.org/app:1" },
    `image: ${IMAGE}; did you mean "registry.example.org/app:1"? (got "https://registry.example.org/app:1")`,
  ],
  ["DockerImage", { image: "mariadb:" }, `image: ${IMAGE}; did you mean "mariadb"? (got "mariadb:")`],
  ["DockerImage", { image: "mariadb: 11" }, `image: ${IMAGE} (got "mariadb: 11")`],
  ["DockerImage", { image: "mariadb:11:12" }, `image: ${IMAGE} (got "mariadb:11:12")`],
  ["DockerImage", { image: "-x" }, `image: ${IMAGE} (got "-x")`],
  ["DockerImage", { image: "a//b" }, `image: ${IMAGE} (got "a//b")`],
  ["DockerImage", { image: "$(id)" }, `image: ${IMAGE} (got "$(id)")`],
  ["DockerImage", { image: "mariadb\n" }, `image: ${IMAGE} (got "mariadb\\n")`],
  ["DockerImage", { image: "mariadb@sha256:12" }, `image: ${IMAGE} (got "mariadb@sha256:12")`],
  ["DockerImage", { image: "ä" }, `image: ${IMAGE} (got "ä")`],
  [
    "DockerImage",
    { image: "me:hush@registry.example.org/app" },
    `image: ${IMAGE} (got "me:…@registry.example.org/app")`,
  ],
  ["DockerImage", { image: undefined }, "image: is required"],
  ["DockerImage", { image: null }, `image: ${IMAGE} (got null)`],
  ["DockerImage", { image: 5 }, `image: ${IMAGE} (got 5)`],
  [
    "DockerImage",
    { image: "x".repeat(500) },
    `image: ${IMAGE} (got "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…", 500 characters)`,
  ],
  [
    "DockerImage",
    {
      image: "mariadb@sha256:abababababababababababababababababababababababababababababababab",
      archive: "/srv/m.tar",
      registryAuth: undefined,
    },
    'image: an archive names its images by tag, not by digest (got "mariadb@sha256:abababababababababababababababababababababababababababababababab")',
  ],
  [
    "DockerImage",
    { archive: "/srv/m.tar" },
    "registryAuth: is for a pull; with an archive nothing is pulled",
  ],
  [
    "DockerImage",
    { registryAuth: "me:hush" },
    "registryAuth: an object with username and password (got a string)",
  ],
  ["DockerImage", { registryAuth: { username: "me" } }, "registryAuth.password: is required"],
  ["DockerImage", { registryAuth: { username: "me", password: "" } }, "registryAuth.password: not empty"],
  [
    "DockerImage",
    { registryAuth: { username: "me", password: 5150 } },
    "registryAuth.password: a string (got a number)",
  ],
  [
    "DockerImage",
    { registryAuth: { user: "me", password: "hush" } },
    "registryAuth.username: is required",
    'registryAuth.user: unknown property "user"; did you mean "username"?',
  ],
  ["DockerImage", { keepOnDelete: "false" }, 'keepOnDelete: true or false (got "false"; without quotes)'],
  ["DockerContainer", { image: "Mariadb" }, `image: ${IMAGE}; did you mean "mariadb"? (got "Mariadb")`],
  [
    "DockerContainer",
    { imageId: "82a9" },
    'imageId: an image id, such as the imageId of a DockerImage (got "82a9")',
  ],
];

export const good: Row[] = [
  ["DockerImage", { image: "registry.example.org:5000/team/app:V1.2-RC" }],
  [
    "DockerImage",
    { image: "mariadb@sha256:abababababababababababababababababababababababababababababababab" },
  ],
  ["DockerImage", { image: "LOCALHOST:5000/app" }],
  ["DockerImage", { archive: "/tmp/m.tar", registryAuth: undefined }],
];
