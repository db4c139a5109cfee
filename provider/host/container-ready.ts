/** What the Engine says of a container's state (Engine API, ContainerState). */
export interface ContainerState {
  readonly Status: string;
  readonly Running: boolean;
  readonly ExitCode: number;
  readonly Error: string;
  readonly StartedAt: string;
  readonly Health?:
    | { readonly Status: string; readonly Log?: readonly { readonly Output: string }[] }
    | undefined;
}

/** A container without a health check is ready when it has run this long: what can't start mostly ends at once. */
const STEADY_MS = 1000;
const POLL_MS = 300;
/** A health check answers in seconds, and what it runs should have the host for itself. */
const HEALTH_POLL_MS = 1000;

/** Waits until the container runs and is healthy; resolves with why it is not, and won't be, or with nothing. */
export async function whyNotReady(
  look: () => Promise<ContainerState | undefined>,
  timeoutMs: number,
): Promise<string | undefined> {
  const deadline = Date.now() + timeoutMs;
  let run: { startedAt: string; seen: number } | undefined;
  for (;;) {
    const state = await look();
    if (!state) return "it is gone";
    const health = healthOf(state);
    if (state.Status === "running") {
      if (run?.startedAt !== state.StartedAt) run = { startedAt: state.StartedAt, seen: Date.now() };
      if (health === "healthy") return undefined;
      if (health === undefined && Date.now() - run.seen >= STEADY_MS) return undefined;
    }
    if (state.Status === "exited" || state.Status === "dead" || health === "unhealthy")
      return describe(state);
    if (Date.now() >= deadline) return `after ${timeoutMs / 1000} s (waitTimeout) ${describe(state)}`;
    await new Promise((wake) => setTimeout(wake, health === undefined ? POLL_MS : HEALTH_POLL_MS));
  }
}

function healthOf({ Health }: ContainerState): string | undefined {
  return Health && Health.Status !== "none" ? Health.Status : undefined;
}

function describe(state: ContainerState): string {
  const health = healthOf(state);
  if (state.Status === "running" && health) {
    const said = state.Health?.Log?.at(-1)?.Output.trim();
    return `its health check says ${health}${said ? `: ${said}` : ""}`;
  }
  const code = state.Status === "exited" ? ` with exit code ${state.ExitCode}` : "";
  return `its state is ${state.Status}${code}${state.Error ? `: ${state.Error}` : ""}`;
}
