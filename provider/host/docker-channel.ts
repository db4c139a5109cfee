import { Agent } from "node:http";
import type { Duplex } from "node:stream";

/** One channel that runs `docker system dial-stdio`, as the only connection of an HTTP agent. */
export interface DockerChannel {
  readonly agent: Agent;
  /** Rejects when the channel ends, with what `docker` said on stderr. */
  readonly ended: Promise<never>;
  readonly open: boolean;
  end(): void;
}

const CHANNEL_ENDED = "the Docker Engine closed the connection";

/** What `http` expects of a socket and an SSH channel lacks. */
const SOCKET_METHODS = ["setKeepAlive", "setTimeout", "setNoDelay", "ref", "unref"];

export function dockerChannel(channel: Duplex): DockerChannel {
  for (const name of SOCKET_METHODS) Object.assign(channel, { [name]: () => channel });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  Object.assign(agent, { createConnection: () => channel });
  let open = true;
  let said = "";
  (channel as Duplex & { stderr?: NodeJS.ReadableStream }).stderr?.on("data", (text) => {
    said += text;
  });
  const ended = new Promise<never>((_, reject) => {
    channel.on("error", (error: Error) => reject(error));
    channel.once("close", () => {
      open = false;
      reject(new Error(said.trim() || CHANNEL_ENDED));
    });
  });
  // Nobody may be asking when it ends.
  ended.catch(() => undefined);
  return {
    agent,
    ended,
    get open() {
      return open;
    },
    end() {
      open = false;
      agent.destroy();
      channel.destroy();
    },
  };
}
