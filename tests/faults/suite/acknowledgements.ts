/** Takes what writers acknowledge, here, where no failing host can take it away again. */
import { createServer, type Server, type Socket } from "node:net";
import { until } from "./until.js";

interface Acknowledgement {
  /** As it has to stand in the data. */
  readonly entry: string;
  readonly node: string;
  readonly at: number;
}

export class Acknowledgements {
  readonly #of = new Map<string, Acknowledgement[]>();
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      let rest = "";
      socket.setEncoding("utf8").on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) this.#take(line);
      });
      // A host whose power was cut says nothing more.
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static listen(): Promise<Acknowledgements> {
    return new Promise((resolve, reject) => {
      const server = createServer().once("error", reject);
      // The hosts reach this machine's loopback by the address that QEMU's user network gives it.
      server.listen(0, "127.0.0.1", () => resolve(new Acknowledgements(server)));
    });
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  /** A line is "WRITER NUMBER NODE". */
  #take(line: string): void {
    const [writer = "", number = "", node = ""] = line.split(" ");
    const list = this.#of.get(writer) ?? [];
    list.push({ entry: `${number} ${node}`, node, at: Date.now() });
    this.#of.set(writer, list);
  }

  #list(writer: string): readonly Acknowledgement[] {
    return this.#of.get(writer) ?? [];
  }

  count(writer: string): number {
    return this.#list(writer).length;
  }

  entries(writer: string): string[] {
    return this.#list(writer).map(({ entry }) => entry);
  }

  /** Resolves when the writer has acknowledged `more` than it has by now, on `node` if one is named. */
  async goOn(writer: string, limitMs: number, { more = 20, node }: { more?: number; node?: string } = {}) {
    const from = this.count(writer);
    const matching = () =>
      this.#list(writer)
        .slice(from)
        .filter((acknowledgement) => node === undefined || acknowledgement.node === node).length;
    const where = node === undefined ? "" : ` on ${node}`;
    await until(`writer ${writer} goes on${where}`, limitMs, async () => matching() >= more);
  }

  /** The longest time between two acknowledgements of one writer since then, over all writers. */
  longestPause(since = 0): number | undefined {
    let longest: number | undefined;
    for (const list of this.#of.values()) {
      for (const [index, { at }] of list.entries()) {
        const before = list[index - 1];
        if (before && at >= since) longest = Math.max(longest ?? 0, at - before.at);
      }
    }
    return longest;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
  }
}
