/** A container that moves with its volume, whatever the volume is. */
import * as mooring from "../../sdk/index.js";
import { type Footprint, footprint, footprintSince } from "./footprint.js";

export type Node = "node-01" | "node-02";

export interface Image {
  image: string;
  archive: string;
}

/** The name of the volume, and with `box` in place of `data` of the container. */
export const VOLUME = "mdata";
export const CONTAINER = "mbox";

/** Both nodes have the image from the start: what moves is the volume and the container. */
export function container(
  node: Node,
  { image, archive }: Image,
  command: string[],
  source: mooring.NfsMount["path"],
): { images: mooring.DockerImage[] } {
  const images = ["node-01", "node-02"].map((name) => {
    const host = mooring.Host.fromConfig(name);
    return new mooring.DockerImage(`image-${name}`, { host, image, archive });
  });
  const host = mooring.Host.fromConfig(node);
  const volumes = [{ source, target: "/data" }];
  new mooring.DockerContainer(
    "box",
    { host, name: CONTAINER, image, command, volumes },
    { dependsOn: images },
  );
  return { images };
}

export const write = `docker exec ${CONTAINER} sh -c 'echo moored > /data/file && sync'`;
/** Takes its time to stop, and writes with its last breath, without a flush. */
export const SLOW_TO_STOP = [
  "sh",
  "-c",
  "trap 'sleep 4; echo last words > /data/last; exit 0' TERM; while :; do sleep 60 & wait $!; done",
];
/** Prints its last words, and removes them. */
export const lastWords = `docker exec ${CONTAINER} sh -c 'cat /data/last && rm /data/last'`;

export const read = `docker exec ${CONTAINER} cat /data/file`;

/** Of the volume and its container, and not of the image, which is there on both nodes. */
export function footprintOfMove(): Promise<Footprint> {
  return footprint([VOLUME, CONTAINER]);
}

export async function leftOn(node: Node, before: Footprint): Promise<string[]> {
  return (await footprintSince(before)).filter((line) => line.includes(` ${node}: `));
}
