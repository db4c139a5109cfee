/** Cuts the connection to a host between two steps of an operation, wherever that is to be. */
import { Engine } from "../../../provider/host/docker.js";
import { HostUnreachable } from "../../../provider/host/errors.js";
import { Sh } from "../../../provider/host/sh.js";
import { type Bounds, Shell } from "../../../provider/host/shell.js";

/** Before each step a script says which it is: see single-script.ts. */
const STEP = /^printf '\\036%d\\n' '\d+'; printf '\\036' >&2$/gm;

/** All of a channel on the host is one process group: the shell, its script, and what runs in it. */
const CUT = "kill -KILL 0";

/**
 * Runs `work` with the connection lost before its step number `at`, from 0, over all scripts and calls of the Docker
 * Engine. Answers whether it came that far.
 */
export async function cutAt(at: number, work: () => Promise<void>): Promise<boolean> {
  let begun = 0;
  const { run } = Shell.prototype;
  const { apply } = Engine.prototype;
  Shell.prototype.run = function (this: Shell, script: Sh, bounds: Bounds) {
    const text = script.text.replaceAll(STEP, (mark) => (begun++ === at ? `${CUT}\n${mark}` : mark));
    return run.call(this, new Sh(text), bounds);
  };
  Engine.prototype.apply = async function (this: Engine, ...call: Parameters<Engine["apply"]>) {
    if (begun++ === at)
      throw new HostUnreachable("the host", `the connection was cut before: ${call[0]}`, "");
    return apply.call(this, ...call);
  };
  try {
    await work();
  } catch (error) {
    if (begun <= at) throw error;
  } finally {
    Shell.prototype.run = run;
    Engine.prototype.apply = apply;
  }
  return begun > at;
}
