import type { Row } from "./rows.js";

const PORT = "a port, 1 to 65535";

export const bad: Row[] = [
  [
    "DockerContainer",
    { ports: {} },
    "ports: a list, such as [{ internal: 80, external: 8080 }] (got an object)",
  ],
  [
    "DockerContainer",
    { ports: "8080:80" },
    'ports: a list, such as [{ internal: 80, external: 8080 }] (got "8080:80")',
  ],
  [
    "DockerContainer",
    { ports: ["8080:80"] },
    'ports[0]: a port, such as { internal: 80, external: 8080 } (got "8080:80")',
  ],
  [
    "DockerContainer",
    { ports: [8080] },
    "ports[0]: a port, such as { internal: 80, external: 8080 } (got 8080)",
  ],
  ["DockerContainer", { ports: [{ internal: 80 }] }, "ports[0].external: is required"],
  [
    "DockerContainer",
    { ports: [{ internal: "80", external: 80 }] },
    `ports[0].internal: ${PORT} (got "80"; without quotes)`,
  ],
  [
    "DockerContainer",
    { ports: [{ internal: 80, external: 70000 }] },
    `ports[0].external: ${PORT} (got 70000)`,
  ],
  ["DockerContainer", { ports: [{ internal: 0, external: 80 }] }, `ports[0].internal: ${PORT} (got 0)`],
  [
    "DockerContainer",
    { ports: [{ internal: 80, external: 80, protocol: "icmp" }] },
    'ports[0].protocol: "tcp", "udp" or "sctp" (got "icmp")',
  ],
  [
    "DockerContainer",
    { ports: [{ internal: 80, external: 80, protocol: "TCP" }] },
    'ports[0].protocol: "tcp", "udp" or "sctp" (got "TCP")',
  ],
  [
    "DockerContainer",
    { ports: [{ internal: 80, external: 80, ip: "10.0.0.300" }] },
    'ports[0].ip: an IP address of the node (got "10.0.0.300")',
  ],
  [
    "DockerContainer",
    { ports: [{ internal: 80, external: 80, port: 1 }] },
    'ports[0].port: unknown property "port"; known are internal, external, ip, protocol',
  ],
  [
    "DockerContainer",
    {
      ports: [
        { internal: 80, external: 8080 },
        { internal: 81, external: 8080 },
      ],
    },
    "ports[1].external: a port of the node that none of the others has, for tcp (got 8080)",
  ],
  [
    "DockerContainer",
    {
      ports: [
        { internal: 80, external: 8080 },
        { internal: 81, external: 8080, ip: "127.0.0.1" },
      ],
    },
    "ports[1].external: a port of the node that none of the others has, for tcp (got 8080)",
  ],
  [
    "DockerContainer",
    { networkMode: "host" },
    'ports: networkMode "host" publishes no ports: leave ports or networkMode out',
  ],
  [
    "DockerContainer",
    { networkMode: "none" },
    'ports: networkMode "none" publishes no ports: leave ports or networkMode out',
  ],
  [
    "DockerContainer",
    { networkMode: "container:other" },
    'ports: networkMode "container:other" publishes no ports: leave ports or networkMode out',
  ],
  [
    "DockerContainer",
    { networkMode: "a b" },
    'networkMode: "bridge", "host", "none", "container:NAME" or the name of a Docker network (got "a b")',
  ],
  [
    "DockerContainer",
    { networkMode: "" },
    'networkMode: "bridge", "host", "none", "container:NAME" or the name of a Docker network (got "")',
  ],
];

export const good: Row[] = [
  [
    "DockerContainer",
    {
      ports: [
        { internal: 53, external: 53, ip: "10.0.0.1" },
        { internal: 53, external: 53, ip: "10.0.0.2" },
        { internal: 53, external: 53, protocol: "udp" },
      ],
    },
  ],
];
