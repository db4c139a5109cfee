import type { AnyResource } from "../../../provider/resource.js";
import { dockerContainer } from "../../../provider/resources/docker-container.js";
import { dockerImage } from "../../../provider/resources/docker-image.js";
import { linkedClone } from "../../../provider/resources/linked-clone.js";
import { nbdAttachment } from "../../../provider/resources/nbd-attachment.js";
import { nbdExport } from "../../../provider/resources/nbd-export.js";
import { nfsExport } from "../../../provider/resources/nfs-export.js";
import { nfsMount } from "../../../provider/resources/nfs-mount.js";
import { qcow2Template } from "../../../provider/resources/qcow2-template.js";

const connection = {
  host: "192.0.2.11",
  port: 2222,
  user: "admin",
  password: "hush",
  privateKeyFile: "~/.ssh/id_ed25519",
  hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
  dialErrorLimit: -1,
  perDialTimeout: 15,
  sudo: true,
  proxy: { host: "bastion.example.org", user: "jump" },
};

export const host = { name: "storage", connection, address: "10.77.0.11", install: true };

/** Good inputs of each kind, with nearly every property set: a bad input is one change to them. */
export const kinds = {
  NfsExport: {
    resource: nfsExport,
    inputs: {
      name: "yundream",
      path: "/srv/mooring/yundream",
      clients: ["10.77.0.12", { address: "10.77.1.0/24", options: ["ro", "sync"] }],
      anyClient: false,
      mode: "0750",
      user: "999",
      group: "www-data",
      fsid: "8b3cbd6e-7a5c-4d8e-9f10-0a1b2c3d4e5f",
      onDelete: "retain",
      adopt: true,
    },
  },
  NfsMount: {
    resource: nfsMount,
    inputs: {
      name: "yundream",
      source: "10.77.0.11:/srv/mooring/yundream",
      path: "/mnt/mooring/yundream",
      options: ["hard", "vers=4.2"],
      timeouts: { lock: "1m", steps: "5m", read: "30s" },
    },
  },
  Qcow2Template: {
    resource: qcow2Template,
    inputs: { name: "base", size: "2GiB", fsType: "ext4", partitioned: true, onDelete: "trash" },
  },
  LinkedClone: {
    resource: linkedClone,
    inputs: { name: "yundream", template: "base", size: "4GiB", mmp: true, onDelete: "trash" },
  },
  NbdExport: {
    resource: nbdExport,
    inputs: { name: "yundream", address: "10.77.0.11", port: 10_809, tls: true },
  },
  NbdAttachment: {
    resource: nbdAttachment,
    inputs: {
      name: "yundream",
      storage: host,
      path: "/mnt/mooring/yundream",
      options: ["noatime", "ro"],
      client: "qemu-nbd",
      address: "10.77.0.12",
      reconnectDelay: "120s",
      size: "4GiB",
    },
  },
  DockerImage: {
    resource: dockerImage,
    inputs: {
      image: "registry.example.org/team/app:1.2",
      registryAuth: { username: "me", password: "hush" },
      keepOnDelete: true,
    },
  },
  DockerContainer: {
    resource: dockerContainer,
    inputs: {
      name: "yundream",
      image: "mariadb:11",
      imageId: `sha256:${"0123456789abcdef".repeat(4)}`,
      command: ["mariadbd", "--verbose"],
      entrypoint: ["/bin/sh", "-c"],
      environment: { MARIADB_ROOT_PASSWORD: "hush", TZ: "Europe/Berlin" },
      ports: [
        { internal: 3306, external: 3306, ip: "10.77.0.12", protocol: "tcp" },
        { internal: 53, external: 53, protocol: "udp" },
      ],
      volumes: [
        { source: "/mnt/mooring/yundream", target: "/var/lib/mysql", subdirectory: "data", readOnly: false },
        { source: "/mnt/mooring/other", target: "/opt/other" },
      ],
      user: "999:999",
      networkMode: "bridge",
      memory: "512MiB",
      cpus: 0.5,
      labels: { team: "shop" },
      healthCheck: {
        command: ["healthcheck.sh", "--connect"],
        interval: "5s",
        timeout: "3s",
        retries: 3,
        startPeriod: "60s",
      },
      stopGrace: "30s",
      restart: "always",
      waitTimeout: "5m",
    },
  },
} satisfies Record<string, { resource: AnyResource; inputs: Record<string, unknown> }>;

export type Kind = keyof typeof kinds;
