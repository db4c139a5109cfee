/** What every resource has to do, whatever it is: one walk of one stack through all that can happen to it. */
import type { ExecutionContext, TestFn } from "ava";
import type { HostName } from "../lab/index.js";
import { footprint, footprintSince, QUIET_HOSTS } from "./footprint.js";
import { type LabStack, labHosts, makeStack, ssh } from "./harness.js";
import { checkState } from "./state.js";

export interface Conformance {
  kind: string;
  /** Name of the resource in question; what it stands on has longer ones, with this in them. */
  name: string;
  /** Images that it brings to a host. */
  images?: string[];
  /** Where its object is. */
  host: HostName;
  program(options: { adopt?: boolean }): void;
  /** A script that succeeds when the object is there and does its work. */
  works: string;
  drifts: Drift[];
  /** A script that deletes the object: it is made again. */
  deleted?: string;
  /** Where there is data, and nothing is to be made in its place. */
  refusals?: Refusal[];
  foreign?: Foreign;
  /** Text that stands in no state. */
  secrets?: string[];
}

/** Something that a person changed on the host. */
export interface Drift {
  what: string;
  byHand: string;
  /** What the engine has to show as changed. */
  properties: string[];
  /** What the repair leaves to whoever did it. */
  cleanUp?: string;
}

export interface Refusal {
  what: string;
  byHand: string;
  /** What happened, and the way back. */
  error: RegExp;
  putBack: string;
}

/** An object of the same name that somebody else made. */
export interface Foreign {
  byHand: string;
  /** How the error names it. */
  error: RegExp;
  /** A script that prints what must not change. */
  shows: string;
  /** A script that fails unless what was there survived the adoption, where it is to survive. */
  kept?: string;
  /** What the adoption leaves to whoever made the object. */
  cleanUp?: string;
}

export function conforms(test: TestFn, subject: Conformance): void {
  const { kind } = subject;
  test.serial(`${kind} converges from everything that is found, and leaves nothing behind`, async (t) => {
    await labHosts();
    const before = await footprint(namesOf(subject), QUIET_HOSTS);
    const stack = await makeStack(t, { program: async () => subject.program({}) });

    await fromNothing(t, stack, subject);
    for (const drift of subject.drifts) await repaired(t, stack, subject, drift);
    for (const refusal of subject.refusals ?? []) await refused(t, stack, subject, refusal);
    if (subject.deleted !== undefined) await madeAgain(t, stack, subject, subject.deleted);

    await stack.destroy();
    t.deepEqual(await footprintSince(before), [], "what destroy left behind");
    t.deepEqual((await stack.destroy()).operations, {}, "a second destroy has nothing to do");

    if (subject.foreign) {
      await inTheWay(t, stack, subject, subject.foreign);
      await stack.destroy();
      if (subject.foreign.cleanUp) await ssh(subject.host, subject.foreign.cleanUp);
      t.deepEqual(await footprintSince(before), [], "what destroy left behind of an adopted object");
    }
  });
}

async function fromNothing(t: ExecutionContext, stack: LabStack, subject: Conformance): Promise<void> {
  t.log("from nothing");
  t.false(await works(subject), "it works before it was made");
  const created = await stack.up();
  t.is(created.operations[subject.name], "create");
  t.true(await works(subject), "it works");
  t.log("a second time");
  t.deepEqual((await stack.up({ refresh: true })).operations, {}, "a second up changes nothing");
  await stack.previewNoChanges();
  await checkState(t, stack, subject.secrets ?? []);
}

async function repaired(
  t: ExecutionContext,
  stack: LabStack,
  subject: Conformance,
  { what, byHand, properties, cleanUp }: Drift,
): Promise<void> {
  t.log(`by hand: ${what}`);
  await ssh(subject.host, byHand);
  t.false(await works(subject), `${what}: the test's change has no effect`);
  const change = await stack.up({ refresh: true });
  t.deepEqual(change.operations, { [subject.name]: "update" }, what);
  for (const property of properties) {
    t.true(change.properties[subject.name]?.includes(property), `${what}: ${property} is shown as changed`);
  }
  t.true(await works(subject), `${what}: it is repaired`);
  if (cleanUp) await ssh(subject.host, cleanUp);
}

async function madeAgain(
  t: ExecutionContext,
  stack: LabStack,
  subject: Conformance,
  byHand: string,
): Promise<void> {
  t.log("deleted by hand");
  await ssh(subject.host, byHand);
  t.false(await works(subject), "deleted by hand, it still works");
  const change = await stack.up({ refresh: true });
  t.deepEqual(Object.keys(change.operations), [subject.name]);
  t.true(await works(subject), "deleted by hand, it comes back");
}

async function refused(
  t: ExecutionContext,
  stack: LabStack,
  subject: Conformance,
  { what, byHand, error, putBack }: Refusal,
): Promise<void> {
  t.log(`by hand: ${what}`);
  await ssh(subject.host, byHand);
  const without = await footprint(namesOf(subject), QUIET_HOSTS);
  t.regex(await stack.failedUp({ refresh: true }), error);
  t.deepEqual(await footprintSince(without), [], `${what}: nothing was made`);
  await ssh(subject.host, putBack);
  t.deepEqual((await stack.up({ refresh: true })).operations, {}, "put back, it is as it was");
  t.true(await works(subject), "put back, it works");
}

async function inTheWay(
  t: ExecutionContext,
  stack: LabStack,
  subject: Conformance,
  { byHand, error, shows, kept }: Foreign,
): Promise<void> {
  const { host } = subject;
  t.log("somebody else's in the way");
  await ssh(host, byHand);
  const seen = await ssh(host, shows);
  t.regex(await stack.failedUp(), error);
  t.is(await ssh(host, shows), seen, "it was not touched");
  t.log("adopted");
  stack.program = async () => subject.program({ adopt: true });
  await stack.up();
  t.true(await works(subject), "adopted, it works");
  if (kept) await t.notThrowsAsync(ssh(host, kept), "adopted, its content is what it was");
  t.deepEqual((await stack.up({ refresh: true })).operations, {}, "adopted, nothing is left to do");
}

function namesOf({ name, images = [] }: Conformance): string[] {
  return [name, ...images];
}

async function works({ host, works }: Conformance): Promise<boolean> {
  return (await ssh(host, "if sh -e >&2; then echo yes; else echo no; fi", works)) === "yes";
}
