import test, { type ExecutionContext } from "ava";
import { exportsFact } from "../../../../provider/facts/exports.js";
import { Refused } from "../../../../provider/host/errors.js";
import { on, type Step } from "../../../../provider/host/steps.js";
import { heldText, isServed } from "../../../../provider/nfs/exporting.js";
import { exportsFile } from "../../../../provider/nfs/files.js";
import { nfsFence } from "../../../../provider/nfs/holding.js";
import { type NfsRecord, readNfsRecord } from "../../../../provider/nfs/record.js";
import { nfsExport } from "../../../../provider/resources/nfs-export.js";
import { nfsMount } from "../../../../provider/resources/nfs-mount.js";
import { unitFile } from "../../../../provider/systemd.js";
import { mountUnit } from "../../../../provider/unit-name.js";
import { recordText, volumeRecordFile } from "../../../../provider/volume-record.js";
import { cutOffs, playedStorage } from "../cut-off.js";
import { directory, exported, free, held, OTHER, wanted } from "../resources/nfs-single-cases.js";

const RECORD = volumeRecordFile("a");
const EXPORTS = exportsFile("a");
const CLIENT = "/proc/fs/nfsd/clients/7";

type Inputs = typeof wanted;

/** The same mount, moved; and another program's. */
const moved: Inputs = { ...wanted, host: { name: "node-02" }, address: "10.77.0.13" };
const others: Inputs = { ...moved, host: { name: "node-03" }, owner: OTHER, address: "10.77.0.14" };

/** What the storage host and the nodes have, when steps are through or were cut off. */
interface State {
  readonly record: string;
  readonly drop: string;
  /** What the NFS server exports now, as `exportfs -s` lists it. */
  readonly listed: string;
  /** A client that has the directory mounted, and files open. */
  readonly client?: string | undefined;
  readonly nodes: Readonly<Record<string, Part>>;
}

/** A node's part of it. */
interface Part {
  readonly file?: string | undefined;
  readonly enabled?: boolean;
  readonly mounted?: boolean;
}

/** What the server was told last. */
const LISTED = "/run/mooring/listed";
/** The server follows the files when it is told to, and not before. */
const EXPORTFS = `list() { while IFS= read -r line; do case $line in /*) echo "\${line%% *}  \${line##* }" ;; esac; done; }
case $1 in
-ra) list < "$root${EXPORTS}" > "$root/run/listed" ;;
-s) list < "$root/run/listed" ;;
esac`;
/** An expired client is gone a moment later: while that is waited for. */
const SLEEP = `for c in "$root"/proc/fs/nfsd/clients/*; do
  [ "$(cat "$c/ctl" 2>/dev/null)" != expire ] || rm -r "$c"
done`;
/** After each step: what the record says, whom the server lets in, and who has files open. No process: it is done often. */
const LOOK = `for f in ${RECORD} ${LISTED} ${CLIENT}/info; do
  [ ! -f $f ] || while IFS= read -r line; do echo "$line"; done < $f
done
echo --`;

const start = (record: NfsRecord, more: Partial<State> = {}): State => ({
  record: recordText(record),
  drop: heldText(record),
  listed: heldText(record)
    .split("\n")
    .filter((line) => line.startsWith("/"))
    .map((line) => `${line.replace(" ", "  ")}\n`)
    .join(""),
  nodes: {},
  ...more,
});

/** Does steps. Whatever is let in, or has files open, at any moment of it is who the record names then. */
function play(t: ExecutionContext, state: State, steps: readonly Step[], home: string): State {
  const part = steps.filter(({ host }) => !host).reduce(doneOnNode, state.nodes[home] ?? {});
  const nodes = { ...state.nodes, [home]: part };
  const there = thereOf(steps);
  if (there.length === 0) return { ...state, nodes };
  const storage = playedStorage(t, { exportfs: EXPORTFS, sleep: SLEEP });
  storage.file(RECORD, undefined, state.record);
  storage.file(EXPORTS, undefined, state.drop);
  storage.file(LISTED, undefined, state.listed);
  if (state.client) {
    storage.file(`${CLIENT}/info`, undefined, `clientid: 0x1\naddress: "${state.client}:790"\n`);
    storage.file(`${CLIENT}/ctl`);
  }
  for (const look of storage.apply(there, LOOK).split("--\n").slice(0, -1)) {
    const [record = "", ...rest] = look.trim().split("\n");
    const { holder } = JSON.parse(record) as NfsRecord;
    const listed = exportsFact.parse(rest.filter((line) => line.startsWith("/")).join("\n"));
    const clients = rest.flatMap((line) => line.match(/^address: "(.*):\d+"$/)?.[1] ?? []);
    for (const address of [...listed.map(({ client }) => client), ...clients])
      t.is(address, holder?.address as string, look);
  }
  return {
    record: storage.read(RECORD),
    drop: storage.read(EXPORTS),
    listed: storage.read(LISTED),
    client: storage.exists(CLIENT) ? state.client : undefined,
    nodes,
  };
}

const thereOf = (steps: readonly Step[]) => steps.filter(({ host }) => host?.name === "storage");

/** What a step does on the node, told by its title. */
function doneOnNode(part: Part, { title, of = [] }: Step): Part {
  const [verb] = title.split(" ");
  if (verb === "write") return { ...part, file: of[3] };
  if (verb === "enable") return { ...part, enabled: true };
  if (verb === "start") return { ...part, mounted: true };
  if (verb === "stop") return { ...part, mounted: false };
  if (title === `remove ${mountUnit(wanted.path)}`) return { ...part, file: undefined, enabled: false };
  return part;
}

/** What a mount finds. `asked`: its rival's clients are looked for, too, and nobody answers. */
function found(state: State, { host, path, source }: Inputs, asked = true) {
  const { file, enabled = false, mounted = false } = state.nodes[host.name] ?? {};
  const { record, files, active } = onStorage(state);
  const session = {
    peer: `${state.client}:790`,
    address: state.client ?? "",
    silentSeconds: 40,
    answers: false,
  };
  return {
    file,
    unit:
      file === undefined
        ? undefined
        : { active: mounted ? "active" : "inactive", enabled, needsReload: false },
    mount: mounted ? { target: path, source, fsType: "nfs4", options: ["rw"] } : undefined,
    record,
    served: record && isServed("a", record, files, active),
    ...(asked && { sessions: state.client === undefined ? [] : [session] }),
  };
}

function onStorage(state: State) {
  const files = new Map([
    [RECORD, state.record],
    [EXPORTS, state.drop],
  ]);
  return { files, active: exportsFact.parse(state.listed), record: readNfsRecord(files, "a", "storage") };
}

const holderOf = (state: State) => onStorage(state).record?.holder;
const epochOf = (state: State) => onStorage(state).record?.epoch ?? Number.NaN;
const letIn = (state: State) => onStorage(state).active.map(({ client }) => client);

const toHave = (state: State, inputs: Inputs) => nfsMount.plan(inputs, found(state, inputs), inputs);
const toGiveUp = (state: State, inputs: Inputs) => nfsMount.plan(undefined, found(state, inputs), inputs);
/** As the lifecycle does it for a node that is lost. */
const toFence = (state: State, inputs: Inputs) => {
  const { record, sessions = [] } = found(state, inputs);
  return on(inputs.storage, nfsFence.plan(inputs, { record, sessions }, false));
};

/** It holds the directory, is let in alone, has it mounted, and nothing is left to do. */
function takes(t: ExecutionContext, state: State, inputs: Inputs, message: string): void {
  const after = play(t, state, toHave(state, inputs), inputs.host.name);
  const { owner, host, address } = inputs;
  t.deepEqual(holderOf(after), { owner, node: host.name, address }, message);
  t.deepEqual(letIn(after), [address], message);
  t.true(after.nodes[host.name]?.mounted, message);
  t.true(epochOf(after) >= epochOf(state), message);
  t.deepEqual(toHave(after, inputs), [], message);
}

/** Nobody holds it and nobody is let in; of the mount nothing is left. */
function givesUp(
  t: ExecutionContext,
  state: State,
  inputs: Inputs,
  plan: typeof toGiveUp,
  message: string,
): void {
  const after = play(t, state, plan(state, inputs), inputs.host.name);
  t.deepEqual([holderOf(after), letIn(after)], [undefined, []], message);
  if (plan === toGiveUp) t.falsy(after.nodes[inputs.host.name]?.file, message);
  t.deepEqual(plan(after, inputs), [], message);
}

/** Another program gets it only when nobody has it. */
function othersGetItWhenFree(t: ExecutionContext, state: State, message: string): void {
  const holder = holderOf(state);
  if (!holder) takes(t, state, others, message);
  else
    t.throws(
      () => toHave(state, others),
      {
        instanceOf: Refused,
        message: new RegExp(`attached to node "${holder.node}" by "a" of stack shop/dev`),
      },
      message,
    );
}

/** The export's own resource lets nobody in but the holder, and is no hindrance to what comes then. */
function exportGoesOn(t: ExecutionContext, state: State, message: string): State {
  const { record, active } = onStorage(state);
  const steps = nfsExport.plan(exported, { directory, file: state.drop, active, record }, exported);
  t.false(
    steps.some(({ title }) => title === `write ${RECORD}`),
    message,
  );
  return play(t, state, on(wanted.storage, steps), "storage");
}

const [unit = ""] = toHave(start(held), wanted)
  .filter(({ title }) => title === `write ${unitFile(mountUnit(wanted.path))}`)
  .map(({ of = [] }) => of[3] ?? "");
/** Mounted on the first node; and that node was lost with it. */
const mounted = start(held, { nodes: { "node-01": { file: unit, enabled: true, mounted: true } } });
const lost = { ...mounted, client: wanted.address };

test("taking it, cut off anywhere: it goes on, or is given up; another gets it until the record is written", (t) => {
  const before = start(free);
  const steps = toHave(before, wanted);
  const holders = cutOffs(steps).map((done) => {
    const message = `after ${done.length} steps`;
    const state = play(t, before, done, "node-01");
    othersGetItWhenFree(t, state, message);
    takes(t, state, wanted, message);
    takes(t, exportGoesOn(t, state, message), wanted, message);
    givesUp(t, state, wanted, toGiveUp, message);
    return holderOf(state)?.node;
  });
  t.deepEqual(holders.slice(0, 4), [undefined, undefined, "node-01", "node-01"]);
});

test("giving it back, cut off anywhere: its holder is who had it until the record is written, the last of all", (t) => {
  const steps = toGiveUp(mounted, wanted);
  const holders = cutOffs(steps).map((done) => {
    const message = `after ${done.length} steps`;
    const state = play(t, mounted, done, "node-01");
    othersGetItWhenFree(t, state, message);
    takes(t, state, wanted, message);
    givesUp(t, state, wanted, toGiveUp, message);
    givesUp(t, exportGoesOn(t, state, message), wanted, toGiveUp, message);
    return holderOf(state)?.node;
  });
  t.deepEqual(holders, [...steps.map(() => "node-01"), undefined]);
  t.is(thereOf(steps).at(-1), steps.at(-1));
});

test("fencing it, cut off anywhere: the lost node is who has it until it is shut out, and goes on or comes back", (t) => {
  const steps = toFence(lost, wanted);
  const [shut, expired] = ["export /srv/a to nobody", "expire the NFS clients 10.77.0.12"];
  const holders = cutOffs(steps).map((done) => {
    const message = `after ${done.length} steps`;
    const state = play(t, lost, done, "node-02");
    const titles = done.map(({ title }) => title);
    t.deepEqual(letIn(state), titles.includes(shut) ? [] : ["10.77.0.12"], message);
    t.is(state.client, titles.includes(expired) ? undefined : "10.77.0.12", message);
    othersGetItWhenFree(t, state, message);
    takes(t, state, moved, message);
    takes(t, state, wanted, message);
    takes(t, exportGoesOn(t, state, message), moved, message);
    givesUp(t, state, wanted, toFence, message);
    return holderOf(state)?.node;
  });
  t.deepEqual(holders, [...steps.map(() => "node-01"), undefined]);
});

test("taking it from a lost node, cut off anywhere: it is the one's or the other's, and nobody else's in between", (t) => {
  const steps = toHave(lost, moved);
  const holders = cutOffs(steps).map((done) => {
    const message = `after ${done.length} steps`;
    const state = play(t, lost, done, "node-02");
    othersGetItWhenFree(t, state, message);
    takes(t, state, moved, message);
    takes(t, exportGoesOn(t, state, message), moved, message);
    // Whoever of the two has it: deleted, the one gives it back, and the other is fenced.
    const deleted = play(t, state, toGiveUp(state, moved), "node-02");
    givesUp(t, deleted, wanted, toFence, message);
    return holderOf(state)?.node;
  });
  const written = steps.findIndex(({ title }) => title === `write ${RECORD}`);
  t.deepEqual(
    holders,
    holders.map((_, done) => (done <= written ? "node-01" : "node-02")),
  );
});

test("letting in who holds it and is shut out, cut off anywhere: nobody else comes in between", (t) => {
  const shutOut = { ...mounted, drop: heldText(free), listed: "" };
  for (const done of cutOffs(toHave(shutOut, wanted))) {
    const message = `after ${done.length} steps`;
    const state = play(t, shutOut, done, "node-01");
    t.is(state.record, shutOut.record, message);
    othersGetItWhenFree(t, state, message);
    takes(t, state, wanted, message);
    givesUp(t, state, wanted, toGiveUp, message);
  }
});

// Without a fence the record is written while the old address is let in still: takeDirectory shuts nobody out.
test("taking it anew from another address of the same node, cut off anywhere: never are both let in", (t) => {
  const readdressed: Inputs = { ...wanted, address: "10.77.0.20" };
  for (const done of cutOffs(toHave(mounted, readdressed))) {
    const message = `after ${done.length} steps`;
    const state = play(t, mounted, done, "node-01");
    othersGetItWhenFree(t, state, message);
    takes(t, state, readdressed, message);
    givesUp(t, state, wanted, toGiveUp, message);
  }
});
