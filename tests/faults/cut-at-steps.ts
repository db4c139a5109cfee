/** The connection is lost between two steps of a resource's own, without Pulumi: destroy finds all that was made. */
import { isDeepStrictEqual } from "node:util";

import { PartlyApplied } from "../../provider/host/errors.js";
import { Hosts } from "../../provider/lifecycle/hosts.js";
import { type DynamicProvider, lifecycle } from "../../provider/lifecycle.js";
import type { AnyResource } from "../../provider/resource.js";
import { dockerContainer } from "../../provider/resources/docker-container.js";
import { dockerImage } from "../../provider/resources/docker-image.js";
import { linkedClone } from "../../provider/resources/linked-clone.js";
import { nbdAttachment } from "../../provider/resources/nbd-attachment.js";
import { nbdExport } from "../../provider/resources/nbd-export.js";
import { nfsExport } from "../../provider/resources/nfs-export.js";
import { nfsMount } from "../../provider/resources/nfs-mount.js";
import { qcow2Template } from "../../provider/resources/qcow2-template.js";
import { ssh } from "../lab/index.js";
import { hostsConfiguration } from "../lab/stack.js";
import { footprint, footprintSince } from "../lab-tests/footprint.js";
import { cutAt } from "./suite/cutter.js";
import type { Fault, FaultContext } from "./suite/fault.js";
import { TINY, TINY_ARCHIVE } from "./suite/writer.js";

/** Of each resource's steps every round tries the first, and one of so many parts of the others: as many rounds try all. */
const PARTS = 3;

const NAME = "cut";
const [storage, node] = [{ name: "storage" }, { name: "node-01" }];
const onDelete = "destroy";
const MOVE = { host: { name: "node-02" }, address: "10.77.0.13" };

interface Subject {
  readonly resource: AnyResource;
  readonly inputs: Record<string, unknown>;
  /** What an update changes of them. */
  readonly change?: Record<string, unknown>;
  /** What a move changes of them. */
  readonly move?: Record<string, unknown>;
  /** By hand, before and after all that is done with it. */
  readonly before?: () => Promise<unknown>;
  readonly after?: () => Promise<unknown>;
}

/** Each stands on those before it. */
const CHAINS: Readonly<Record<string, readonly Subject[]>> = {
  nbd: [
    {
      resource: qcow2Template,
      inputs: { host: storage, name: `${NAME}-base`, size: "64MiB", fsType: "ext4", onDelete },
    },
    {
      resource: linkedClone,
      inputs: { host: storage, name: NAME, template: `${NAME}-base`, size: "64MiB", onDelete },
      change: { size: "96MiB" },
    },
    {
      resource: nbdExport,
      inputs: { host: storage, name: NAME, address: "10.77.0.11" },
      change: { port: 10_900 },
    },
    {
      resource: nbdAttachment,
      inputs: { host: node, storage, name: NAME, path: `/mnt/mooring/${NAME}`, address: "10.77.0.12" },
      change: { options: ["noatime", "nodiratime"] },
      move: MOVE,
    },
  ],
  nfs: [
    {
      resource: nfsExport,
      inputs: { host: storage, name: NAME, path: `/srv/mooring/${NAME}`, access: "single", onDelete },
      change: { mode: "0750" },
    },
    {
      resource: nfsMount,
      inputs: {
        ...{ host: node, storage, name: NAME, path: `/mnt/mooring/${NAME}`, address: "10.77.0.12" },
        source: `10.77.0.11:/srv/mooring/${NAME}`,
      },
      change: { options: ["hard", "vers=4.2", "noatime"] },
      move: MOVE,
    },
    {
      resource: dockerImage,
      inputs: { host: node, image: TINY, archive: TINY_ARCHIVE },
      move: { host: MOVE.host },
    },
    {
      resource: dockerContainer,
      inputs: {
        ...{ host: node, name: NAME, image: TINY, stopGrace: "1s", command: ["sleep", "1000000"] },
        volumes: [{ source: `/mnt/mooring/${NAME}`, target: "/data" }],
      },
      change: { memory: "64MiB" },
      // What it needs there is no part of it.
      move: { host: MOVE.host, volumes: [] },
      before: () => ssh("node-02", `docker load -q -i ${TINY_ARCHIVE}`),
      after: () => ssh("node-02", `docker rmi ${TINY}`),
    },
  ],
};

export const cutAtSteps: readonly Fault[] = Object.entries(CHAINS).map(([chain, subjects]) => ({
  name: `cut-at-steps-${chain}`,
  promise: "Half-way is a state like any other.",
  fault: `The connection is lost before a step of a resource's create, update, move or delete, at a third of the steps, the next third each time (${chain}).`,
  expected:
    "What is deleted then, or deleted again, leaves nothing behind; what is updated again is as it was to be.",
  async run(context) {
    const hosts = new Hosts();
    hosts.configure(hostsConfiguration(context.lab));
    try {
      await climb(context, hosts, subjects);
    } finally {
      await hosts.close();
    }
  },
}));

async function climb(
  context: FaultContext,
  hosts: Hosts,
  [subject, ...above]: readonly Subject[],
): Promise<void> {
  if (!subject) return;
  const { resource, inputs, change, move } = subject;
  const provider = lifecycle(resource, hosts);
  const owner = `urn:pulumi:lab::faults::pulumi-nodejs:dynamic/mooring:${resource.kind}::${NAME}`;
  const checked = await checkedInputs(provider, { owner, ...inputs });
  await subject.before?.();
  // With the first, what the hosts lack is installed: that stays.
  const before = await made(provider, checked, async () => undefined).then(() => footprint());
  const makes = await steps(context, `making ${resource.kind}`, before, (at) =>
    createCut(provider, checked, at),
  );
  const removes = await steps(context, `removing ${resource.kind}`, before, (at) =>
    deleteCut(provider, checked, at),
  );
  const updates = async (what: string, to?: Record<string, unknown>): Promise<number> => {
    if (!to) return 0;
    const changed = await checkedInputs(provider, { owner, ...inputs, ...to });
    return steps(context, `${what} ${resource.kind}`, before, (at) =>
      updateCut(provider, checked, changed, at),
    );
  };
  const changes = await updates("updating", change);
  const moves = await updates("moving", move);
  context.say(
    `${resource.kind}: cut at ${makes} steps of its making, ${changes} of its update, ${moves} of its move, ${removes} of its removal`,
  );
  await subject.after?.();
  await made(provider, checked, () => climb(context, hosts, above));
}

async function checkedInputs(
  provider: DynamicProvider,
  given: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { inputs, failures } = await provider.check({}, given);
  if (failures.length > 0) throw new Error(JSON.stringify(failures));
  return inputs;
}

/** Of all steps, one after another until the operation has no more: how often it was cut. */
async function steps(
  { turn }: FaultContext,
  what: string,
  before: Awaited<ReturnType<typeof footprint>>,
  tried: (at: number) => Promise<boolean>,
): Promise<number> {
  let count = 0;
  for (let at = 0; ; at++) {
    if (at > 0 && process.env.STEPS !== "all" && at % PARTS !== turn % PARTS) {
      // Whether there are more steps is seen at the next one that is tried.
      continue;
    }
    const isThere = await tried(at);
    const left = await footprintSince(before);
    if (left.length > 0)
      throw new Error(`${what}, cut before step ${at + 1}, left behind:\n${left.join("\n")}`);
    if (!isThere && count === 0) throw new Error(`${what} has no step that could be cut`);
    if (!isThere) return count;
    count++;
  }
}

type Made = Awaited<ReturnType<DynamicProvider["create"]>>;

async function made(
  provider: DynamicProvider,
  inputs: Record<string, unknown>,
  meanwhile: (made: Made) => Promise<void>,
): Promise<void> {
  const one = await provider.create(inputs);
  await meanwhile(one);
  await provider.delete(one.id, one.outs);
}

/** What the state has of it then is deleted. */
function createCut(provider: DynamicProvider, inputs: Record<string, unknown>, at: number): Promise<boolean> {
  let kept: { id: string; outs: Record<string, unknown> } | undefined;
  return cutAt(at, async () => {
    try {
      kept = await provider.create(inputs);
    } catch (error) {
      if (error instanceof PartlyApplied) kept = { id: error.id, outs: error.properties };
      throw error;
    }
  }).then(async (wasCut) => {
    if (kept) await provider.delete(kept.id, kept.outs);
    return wasCut;
  });
}

async function deleteCut(
  provider: DynamicProvider,
  inputs: Record<string, unknown>,
  at: number,
): Promise<boolean> {
  const one = await provider.create(inputs);
  let isGone = false;
  const wasCut = await cutAt(at, async () => {
    await provider.delete(one.id, one.outs);
    isGone = true;
  });
  if (!isGone) await provider.delete(one.id, one.outs);
  return wasCut;
}

/** What the state has of it then is updated again. */
async function updateCut(
  provider: DynamicProvider,
  inputs: Record<string, unknown>,
  changed: Record<string, unknown>,
  at: number,
): Promise<boolean> {
  const { id, outs: made } = await provider.create(inputs);
  let outs = made;
  const wasCut = await cutAt(at, async () => {
    try {
      ({ outs } = await provider.update(id, outs, changed));
    } catch (error) {
      if (error instanceof PartlyApplied) outs = error.properties;
      throw error;
    }
  });
  ({ outs } = await provider.update(id, outs, changed));
  const found = await provider.read(id, outs);
  if (!isDeepStrictEqual(found.inputs, changed))
    throw new Error(`updated again it is ${JSON.stringify(found.inputs)}, not ${JSON.stringify(changed)}`);
  await provider.delete(id, outs);
  return wasCut;
}
