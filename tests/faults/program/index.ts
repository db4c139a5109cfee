/** The Pulumi program of all faults. What it makes stands in the stack's configuration. */
import * as pulumi from "@pulumi/pulumi";
import * as mooring from "../../../sdk/index.js";
import {
  HEALTH_CHECK,
  MARIADB,
  MARIADB_ARCHIVE,
  TINY,
  TINY_ARCHIVE,
  writerCommand,
} from "../suite/writer.js";
import type { Spec, VolumeSpec } from "./spec.js";

const { volumes, listener } = new pulumi.Config().requireObject<Spec>("spec");
const onDelete = "destroy";
const templates = new Map<string, mooring.Qcow2Template>();
const STORAGE_ADDRESS = "10.77.0.11";

for (const volume of volumes) {
  const { name, node: at, backend = "nbd" } = volume;
  const storage = storageOf(volume);
  const host = mooring.Host.fromConfig(at ?? "node-01");
  if (backend === "their nbd") {
    new mooring.NbdAttachment(name, { host, storage });
    continue;
  }
  if (backend === "their nfs") {
    new mooring.NfsMount(name, { host, storage, source: `${STORAGE_ADDRESS}:/srv/mooring/${name}` });
    continue;
  }
  const data =
    backend === "nfs"
      ? new mooring.DataVolume(name, { storage, backend, onDelete })
      : new mooring.DataVolume(name, {
          storage,
          template: template(volume),
          onDelete,
          ...reconnecting(volume),
        });
  if (at !== undefined) attach(volume, data, mooring.Host.fromConfig(at));
}

function storageOf({ storage }: VolumeSpec): mooring.Host {
  return mooring.Host.fromConfig(storage ?? "storage");
}

/** One for all of a size, with the name of the first. */
function template(volume: VolumeSpec): mooring.Qcow2Template {
  const { name, container } = volume;
  const size = container === "mariadb" ? "512MiB" : "64MiB";
  const base =
    templates.get(size) ??
    new mooring.Qcow2Template(`${name}-base`, { host: storageOf(volume), size, fsType: "ext4", onDelete });
  templates.set(size, base);
  return base;
}

function reconnecting({ reconnectDelay }: VolumeSpec): { reconnectDelay?: string } {
  return reconnectDelay === undefined ? {} : { reconnectDelay };
}

function attach(volume: VolumeSpec, data: mooring.DataVolume, node: mooring.Host): void {
  const { name, container = "writer" } = volume;
  if (container === "none") {
    data.attach(name, { node });
    return;
  }
  const settings =
    container === "mariadb"
      ? {
          image: MARIADB,
          imageArchive: MARIADB_ARCHIVE,
          mountPath: "/var/lib/mysql",
          environment: { MARIADB_DATABASE: "faults" },
          healthCheck: HEALTH_CHECK,
        }
      : {
          image: TINY,
          imageArchive: TINY_ARCHIVE,
          mountPath: "/data",
          command: writerCommand(name, listener),
          environment: { NODE: node.name },
          stopGrace: "3s",
        };
  new mooring.StatefulContainer(name, { node, volume: data, restart: "always", ...settings });
}
