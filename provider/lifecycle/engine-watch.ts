import { connect } from "node:net";

const INTERVAL_MS = 2000;

/**
 * Ends this process when Pulumi's engine is gone: killed, it takes nobody with it, and what goes on here without it
 * would get in the way of the next `up`. With the process its connections end, and with them the scripts on the hosts.
 */
export function endWithEngine(address = process.argv[2]): void {
  const [, host, port] = address?.match(/^([\d.]+):(\d+)$/) ?? [];
  if (host === undefined) return;
  setInterval(() => {
    const socket = connect({ host, port: Number(port) });
    socket.once("connect", () => socket.destroy());
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") process.exit(1);
    });
  }, INTERVAL_MS).unref();
}
