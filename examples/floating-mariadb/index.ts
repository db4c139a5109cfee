import * as pulumi from "@pulumi/pulumi";
import * as mooring from "pulumi-mooring";

const config = new pulumi.Config();

// The hosts stand in the stack's configuration under mooring:hosts; a state holds their names alone.
const storage = mooring.Host.fromConfig(config.get("storage") ?? "storage");

// The one line that moves the database: pulumi config set node node-02 && pulumi up
const node = mooring.Host.fromConfig(config.get("node") ?? "node-01");

const template = new mooring.Qcow2Template("base", { host: storage, size: "1GiB", fsType: "ext4" });

const volume = new mooring.DataVolume("yundream", { storage, template, size: config.get("size") ?? "2GiB" });

const archive = config.get("imageArchive");
const database = new mooring.StatefulContainer("yundream", {
  node,
  volume,
  mountPath: "/var/lib/mysql",
  image: config.get("image") ?? "mariadb:11",
  ...(archive === undefined ? {} : { imageArchive: archive }),
  environment: {
    MARIADB_ROOT_PASSWORD: config.requireSecret("rootPassword"),
    MARIADB_DATABASE: "yundream",
  },
  ports: [{ internal: 3306, external: 3306 }],
  healthCheck: {
    // Through the environment: a password among the arguments could be read by others in the container.
    command: ["sh", "-c", "MYSQL_PWD=$MARIADB_ROOT_PASSWORD exec mariadb --user=root --execute='SELECT 1'"],
    interval: "2s",
    // The first start fills an empty data directory, which takes its time on a slow host. Healthy is healthy at once.
    startPeriod: "10m",
  },
  waitTimeout: "10m",
});

export const container = database.container.name;
export const runsOn = node.name;
export const mountedAt = database.attachment.path;
export const endpoint = pulumi.interpolate`${node.address}:3306`;
