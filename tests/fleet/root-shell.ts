/** The host's end of a root shell: takes the frames apart that provider/host/shell.ts writes. */

interface Asked {
  readonly script: string;
  /** What ends its output. */
  readonly mark: string;
}

/** The script in single quotes, as `sh` has it, and the mark after it. */
const FRAME =
  /eval ('(?:[^']|'\\'')*')\); code=\$\?; .*?printf '\\n%s %d\\n' ([0-9a-f]+) \$code; .*?<\/dev\/null &\n/s;

export class RootShell {
  #text = "";

  /** The scripts that are whole with this piece of the channel's input. */
  take(piece: string): Asked[] {
    this.#text += piece;
    const asked: Asked[] = [];
    for (;;) {
      const frame = this.#text.match(FRAME);
      if (!frame) return asked;
      const [whole, quoted = "", mark = ""] = frame;
      this.#text = this.#text.slice((frame.index ?? 0) + whole.length);
      asked.push({ script: quoted.slice(1, -1).replaceAll(`'\\''`, "'"), mark });
    }
  }
}

/** What a script printed, and how it ended; nothing, and well, unless it says so. */
export interface Said {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

/** What the shell writes on both streams when a script has ended. */
export function framed({ stdout = "", stderr = "", exitCode = 0 }: Said, mark: string) {
  return { stdout: `${stdout}\n${mark} ${exitCode}\n`, stderr: `${stderr}\n${mark}\n` };
}
