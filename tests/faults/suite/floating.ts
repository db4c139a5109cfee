/** What most faults begin and end with: a container that writes, and a look at everything it wrote. */
import { setTimeout as sleep } from "node:timers/promises";
import { CHANGED } from "../../lab/cli-stack.js";
import type { Node } from "../program/spec.js";
import type { FaultContext } from "./fault.js";
import type { Deployment } from "./ground.js";
import { said } from "./hosts.js";
import { nothingLost } from "./loss.js";
import type { FaultStack } from "./stack.js";

/** Of the volume and its container. */
export const NAME = "float";

/** Long outages are pauses: an emulated host on a busy machine takes its time to boot. */
export const PATIENT: Deployment = { backend: "nbd", reconnectDelay: "400s" };

/** How a fault says that its deployment is {@link PATIENT}. */
export const PATIENTLY = "NBD with a reconnect delay of 400 s";

/** Outages of some seconds are errors. */
export const IMPATIENT: Deployment = { backend: "nbd", reconnectDelay: "10s" };

export const NFS: Deployment = { backend: "nfs" };

/** A stack whose container writes on node-01 and has written for a random while: the one that is shared, or a new one. */
export async function floating(context: FaultContext, deployment: Deployment = {}): Promise<FaultStack> {
  const { acknowledged, random, shared } = context;
  const stack = shared?.stack ?? (await deploy(context, shared?.deployment ?? deployment));
  await acknowledged.goOn(NAME, 60_000);
  await sleep(random.between(0, 3000));
  context.say(`the container writes; ${acknowledged.count(NAME)} lines are acknowledged`);
  return stack;
}

async function deploy(context: FaultContext, deployment: Deployment): Promise<FaultStack> {
  const volumes = [{ name: NAME, node: "node-01" as const, ...deployment }];
  const stack = await context.stack("floating", { listener: context.acknowledged.port, volumes });
  await stack.up();
  return stack;
}

/** The writer goes on on `node`, and all that it ever acknowledged is there. */
export async function goesOn(context: FaultContext, node: Node, limitMs = 5 * 60_000): Promise<void> {
  await context.acknowledged.goOn(NAME, limitMs, { node });
  await nothingLost(context.acknowledged, NAME, node);
  context.say(`the writer goes on on ${node}; all ${context.acknowledged.count(NAME)} lines are there`);
}

/** An `up` that looks at the hosts finds nothing to do. */
export async function nothingToDo(stack: FaultStack): Promise<void> {
  const { output } = await stack.refreshUp();
  if (CHANGED.test(output)) {
    throw new Error(`pulumi up --refresh found something to do, where all should be as it was:\n${output}`);
  }
}

/** When the container was started last, on node-01: another answer is another run. */
export function containerStart(): Promise<string> {
  return said("node-01", `docker inspect -f '{{.State.StartedAt}}' ${NAME}`);
}

/** The writer ends with its first error; then its container is started anew. */
export async function hadNoError(started: string): Promise<void> {
  if ((await containerStart()) !== started) throw new Error("the writer was restarted: it got an error");
}
