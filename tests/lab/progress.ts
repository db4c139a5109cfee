/** One long step as its reader sees it: a line rewritten in place on a terminal, plain lines in a log. */
export interface Progress {
  update(text: string): void;
  finish(text?: string): void;
  fail(text: string): void;
}

const LOG_INTERVAL_MS = 10_000;

export function progress(title: string): Progress {
  return process.stderr.isTTY ? terminalProgress(title, process.stderr) : logProgress(title);
}

/** Of several at once the oldest has the line. */
const onTerminal: symbol[] = [];

function terminalProgress(title: string, stream: NodeJS.WriteStream): Progress {
  const started = Date.now();
  let latest = "";
  const self = Symbol(title);
  onTerminal.push(self);
  const draw = () => {
    if (onTerminal[0] !== self) return;
    const line = `${title} (${elapsed(started)})${latest && `: ${latest}`}`;
    stream.write(`\r\u001b[2K${line.slice(0, Math.max(20, stream.columns - 1))}`);
  };
  const ticking = setInterval(draw, 1000);
  ticking.unref();
  const end = (mark: string, text: string | undefined) => {
    clearInterval(ticking);
    onTerminal.splice(onTerminal.indexOf(self), 1);
    stream.write(`\r\u001b[2K${mark} ${title} (${elapsed(started)})${text ? `: ${text}` : ""}\n`);
  };
  draw();
  return {
    update(text) {
      latest = oneLine(text);
      draw();
    },
    finish: (text) => end("✔", text),
    fail: (text) => end("✘", text),
  };
}

function logProgress(title: string): Progress {
  const started = Date.now();
  let printedAt = started;
  const print = (text: string) => process.stderr.write(`${title} (${elapsed(started)}): ${text}\n`);
  process.stderr.write(`${title} …\n`);
  return {
    update(text) {
      if (Date.now() - printedAt < LOG_INTERVAL_MS) return;
      printedAt = Date.now();
      print(oneLine(text));
    },
    finish: (text) => print(text ? `done, ${text}` : "done"),
    fail: (text) => print(`failed, ${text}`),
  };
}

function elapsed(since: number): string {
  const seconds = Math.round((Date.now() - since) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
