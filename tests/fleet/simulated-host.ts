import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection as Peer, Server, type ServerChannel } from "ssh2";
import { Delayed } from "./delayed.js";
import type { SimulatedHost } from "./fleet.js";
import { answersOf } from "./recorded.js";
import { framed, RootShell, type Said } from "./root-shell.js";

export interface Line {
  /** Milliseconds that a packet and the answer to it are on the way, together. */
  readonly delayMs: number;
  /** Milliseconds that a slow host thinks about every script. */
  readonly slowMs: number;
}

/** What clients did, as the host saw it. */
export interface Counts {
  connections: number;
  channels: number;
  scripts: number;
  bytesSent: number;
}

export interface Running {
  readonly port: number;
  counts(): Counts;
  close(): void;
}

/** A real SSH server whose root shells answer with recorded facts. There is no kernel and no disk behind it. */
export async function simulate(host: SimulatedHost, line: Line, hostKey: string): Promise<Running> {
  const counts: Counts = { connections: 0, channels: 0, scripts: 0, bytesSent: 0 };
  const sockets = new Set<Socket>();
  const ssh = new Server({ hostKeys: [hostKey] }, (peer) => serve(peer, host, line, counts));
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      counts.bytesSent += socket.bytesWritten;
      sockets.delete(socket);
    });
    if (host.health === "dead") {
      counts.connections++;
      return;
    }
    // TCP's handshake: the client's last packet of it comes after three ways.
    setTimeout(
      () => ssh.injectSocket(new Delayed(socket, line.delayMs / 2) as unknown as Socket),
      1.5 * line.delayMs,
    );
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: (listener.address() as AddressInfo).port,
    counts: () => {
      const open = [...sockets].reduce((sum, socket) => sum + socket.bytesWritten, 0);
      return { ...counts, bytesSent: counts.bytesSent + open };
    },
    close: () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function serve(peer: Peer, host: SimulatedHost, { slowMs }: Line, counts: Counts): void {
  // Here and not where the port is connected to: that may be another program, which took it for its own.
  counts.connections++;
  const answers = answersOf(host);
  peer.on("error", () => undefined);
  peer.on("authentication", (context) =>
    context.method === "publickey" ? context.accept() : context.reject(["publickey"]),
  );
  peer.on("session", (accept) => {
    accept().on("exec", (acceptExec, reject, { command }) => {
      if (!/^env LC_ALL=C PATH=\S+ DOCKER_HOST=\S+ sh$/.test(command)) return reject();
      counts.channels++;
      const channel = acceptExec();
      const shell = new RootShell();
      channel.setEncoding("utf8");
      channel.on("data", (piece: string) => {
        for (const { script, mark } of shell.take(piece)) {
          counts.scripts++;
          void answer(channel, framed(say(answers, script), mark), host.health === "slow" ? slowMs : 0);
        }
      });
    });
  });
}

function say(answers: ReadonlyMap<string, string>, script: string): Said {
  const reads = readsIn(script);
  if (reads) {
    const said = reads.scripts.map((each) => framed(say(answers, each), reads.mark));
    return {
      stdout: said.map((each) => each.stdout).join(""),
      stderr: said.map((each) => each.stderr).join(""),
    };
  }
  const stdout = answers.get(script);
  return stdout === undefined
    ? { stderr: `this simulated host has no recorded answer to:\n${script}`, exitCode: 127 }
    : { stdout };
}

/** Several reads in one script, as `readTogether` sends them. */
function readsIn(script: string): { scripts: string[]; mark: string } | undefined {
  const mark = script.match(/\n\)\nprintf '\\n%s %d\\n' '([0-9a-f]+)' \$\?; .*$/)?.[1];
  if (mark === undefined) return undefined;
  const end = `\n)\nprintf '\\n%s %d\\n' '${mark}' $?; printf '\\n%s\\n' '${mark}' >&2`;
  const scripts = script.split(end).slice(0, -1);
  return { scripts: scripts.map((each) => each.trimStart().replace(/^\(trap .*\n/, "")), mark };
}

async function answer(
  channel: ServerChannel,
  said: { stdout: string; stderr: string },
  thinkingMs: number,
): Promise<void> {
  if (thinkingMs > 0) await sleep(thinkingMs);
  if (!channel.writable) return;
  // Not at the same time: ssh2's server forgets what it holds back of the one when the other is let through.
  channel.write(said.stdout, () => channel.stderr.write(said.stderr));
}
