import * as pulumi from "@pulumi/pulumi";
import * as mooring from "pulumi-mooring";

const config = new pulumi.Config();
const storage = mooring.Host.fromConfig("storage");
const nodes = ["node-01", "node-02"].map((name) => mooring.Host.fromConfig(name));

const logbook = new mooring.NfsExport("logbook", {
  host: storage,
  access: "shared",
  clients: nodes.map((node) => node.address),
});

const archive = config.get("imageArchive");
const image = config.get("image") ?? "busybox:1";

// Each container writes a line a second into the one file that all of them see.
const script = 'while :; do echo "$HOSTNAME $(date +%s)" >> /logbook/lines; sleep 1; done';

export const containers = nodes.map((node) => {
  const mount = new mooring.NfsMount(`logbook-${node.name}`, {
    host: node,
    name: "logbook",
    source: logbook.source,
  });
  const brought = new mooring.DockerImage(`image-${node.name}`, {
    host: node,
    image,
    ...(archive === undefined ? {} : { archive }),
  });
  const writer = new mooring.DockerContainer(`writer-${node.name}`, {
    host: node,
    image: brought,
    command: ["/bin/sh", "-c", script],
    environment: { HOSTNAME: node.name },
    volumes: [{ source: mount.path, target: "/logbook" }],
    stopGrace: "2s",
  });
  return writer.name;
});

export const source = logbook.source;
