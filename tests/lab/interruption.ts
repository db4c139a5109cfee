/** What has to be undone when this program ends early: by Ctrl-C, by a signal, by an exit in the middle. */
const cleanups = new Set<() => void>();
let listening = false;

/** `cleanup` is synchronous. Returns how to take it back. */
export function onInterruption(cleanup: () => void): () => void {
  cleanups.add(cleanup);
  listen();
  return () => void cleanups.delete(cleanup);
}

function listen(): void {
  if (listening) return;
  listening = true;
  process.on("exit", cleanUp);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const end = () => {
      cleanUp();
      process.off(signal, end);
      // Dying of the signal is what a shell expects, unless the program has plans of its own with it. The
      // listener that `run` keeps, to pass signals on to its children, steps aside by itself.
      if (process.listenerCount(signal) <= (signal === "SIGHUP" ? 0 : 1)) process.kill(process.pid, signal);
    };
    process.on(signal, end);
  }
}

function cleanUp(): void {
  const all = [...cleanups];
  cleanups.clear();
  for (const cleanup of all) cleanup();
}
