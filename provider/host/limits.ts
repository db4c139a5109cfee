/** How long things may take on a host, in milliseconds: what a resource's `timeouts` says, or the default. */
export interface Limits {
  readonly lockMs: number;
  readonly readMs: number;
  /** Absent: each thing has its usual time. */
  readonly stepsMs?: number;
}

export const DEFAULT_LIMITS: Limits = { lockMs: 300_000, readMs: 60_000 };

/** All shell steps of a converge that are on one host in a row. */
export function scriptMs({ stepsMs }: Limits): number {
  return stepsMs ?? 600_000;
}

/** A call that changes something at the Docker Engine; the time a pull may be silent. */
export function callMs({ stepsMs }: Limits): number {
  return stepsMs ?? 300_000;
}
