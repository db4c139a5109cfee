import { appendFileSync } from "node:fs";

/** A script through a shell, or a request to the Docker Engine. */
export type Channel = "ssh" | "docker";

/**
 * With MOORING_TRACE=FILE each round trip to a host is a line there: what takes the time of an `up`. Opening a shell
 * or a channel is none.
 */
export function trace(host: string, channel: Channel, doing: string, waited: number, took: number): void {
  const file = process.env.MOORING_TRACE;
  if (!file) return;
  const what = doing.replace(/\s*\n\s*/g, " ");
  appendFileSync(
    file,
    `${new Date().toISOString()} ${host} ${channel} waited ${waited} ms, took ${took} ms: ${what}\n`,
  );
}
