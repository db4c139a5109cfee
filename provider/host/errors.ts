/**
 * The three errors of the host layer, named by who acts: the network or the operator, the tool on the host, or
 * Pulumi at the next `up`.
 */

/** Nothing is known about the host's objects: it could not be asked. */
export class HostUnreachable extends Error {
  override readonly name = "HostUnreachable";

  constructor(
    readonly host: string,
    reason: string,
    advice = "Check that the host is up and that the connection is right; nothing was assumed about what is on it.",
    options?: ErrorOptions,
  ) {
    super(`host "${host}" could not be reached: ${reason}\n${advice}`, options);
    hideStack(this);
  }
}

const LONGER = {
  read: "The host is slow, or something hangs there; nothing was assumed about what is on it. timeouts.read of the resource gives it longer.",
  steps:
    "It is not known how far it got. Look at the host, then run the same command again: every step is safe to repeat. timeouts.steps of the resource gives it longer.",
};

/** Something on the host took longer than it may: it was given up, and the host ends what runs. */
export class TimedOut extends HostUnreachable {
  constructor(
    host: string,
    readonly doing: string,
    readonly timeoutMs: number,
    /** Which of a resource's timeouts gives it longer. */
    readonly input: keyof typeof LONGER,
    /** What was printed until then. */
    readonly stdout = "",
    options?: ErrorOptions,
  ) {
    super(host, `no answer within ${timeoutMs / 1000} s`, LONGER[input], options);
    this.message = `${doing} on host "${host}" was given up: no answer within ${timeoutMs / 1000} s\n${LONGER[input]}`;
  }

  /** The same, once it is known which of several steps it was. */
  during(step: string): TimedOut {
    return new TimedOut(this.host, step, this.timeoutMs, this.input, this.stdout, { cause: this.cause });
  }
}

/** A command ran on the host and failed. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";

  constructor(
    readonly host: string,
    /** What was being done, in plain words. */
    readonly doing: string,
    /** The command as it can be pasted into a root shell on the host. */
    readonly command: string,
    readonly exitCode: number,
    /** The tool's own words. */
    readonly output: string,
    options?: ErrorOptions,
  ) {
    const said = output.trim() || "(it printed nothing)";
    super(
      `${doing} on host "${host}" failed with exit code ${exitCode}:\n${indent(said)}\nThe command was:\n${indent(abbreviate(command))}`,
      options,
    );
    hideStack(this);
  }
}

/** What the plan was made from was changed by another program before the steps on it began: a new look tells more. */
export class Overtaken extends CommandFailed {}

/** The step that failed left nothing behind. */
export class CleanlyFailed extends CommandFailed {}

/** The Docker Engine answered, and the answer was no; or a container did not become ready. */
export class DockerFailed extends Error {
  override readonly name = "DockerFailed";

  constructor(message: string) {
    super(message);
    hideStack(this);
  }
}

/** What was found on the host forbids what is wanted; nothing was changed. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(message: string) {
    super(message);
    hideStack(this);
  }
}

/** Some steps were applied. Pulumi keeps `properties` in the state, and the next `up` goes on from what it finds. */
export class PartlyApplied extends Error {
  override readonly name = "PartlyApplied";
  readonly reasons: string[];

  constructor(
    readonly id: string,
    readonly properties: Record<string, unknown>,
    override readonly cause: Error,
    /** Of what to do next, where it is more than another `up`. */
    advice?: string,
  ) {
    super(
      `${cause.message}\nWhat was made so far is kept in the state; the next \`pulumi up\` goes on from there.`,
    );
    this.reasons = [advice === undefined ? cause.message : `${cause.message}\n${advice}`];
    hideStack(this);
  }

  advising(advice: string): PartlyApplied {
    return new PartlyApplied(this.id, this.properties, this.cause, advice);
  }
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Pulumi's dynamic-provider process prints the stack beside the message; to a user it is noise. */
function hideStack(error: Error): void {
  if (!process.env.MOORING_STACKS) error.stack = "";
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}

function abbreviate(command: string): string {
  return command.length <= 800 ? command : `${command.slice(0, 800)} … (${command.length} characters)`;
}
