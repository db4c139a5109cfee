import test, { type ExecutionContext } from "ava";
import type { Step } from "../../../../provider/host/steps.js";
import { giveBack, take } from "../../../../provider/nbd/attachment-holding.js";
import { servedIn } from "../../../../provider/nbd/attachment-observing.js";
import type { Endpoint } from "../../../../provider/nbd/export-units.js";
import { removeCredential } from "../../../../provider/nbd/serving.js";
import { nbdAttachment } from "../../../../provider/resources/nbd-attachment.js";
import { readVolumeRecord, recordText, writeRecord } from "../../../../provider/volume-record.js";
import { cutOffs, playedStorage } from "../cut-off.js";
import { titles } from "../plans.js";
import { broken, free, mine, NEXT_KEY, wanted } from "../resources/nbd-attachment-cases.js";

const RECORD = "/var/lib/mooring/volumes/yundream.json";
const ENVIRONMENT = "/var/lib/mooring/volumes/yundream.env";
const KEYS = "/var/lib/mooring/keys/yundream";

/** A storage host that serves the volume to its holder, in epoch 3. */
function storage(t: ExecutionContext) {
  const host = playedStorage(t, { systemctl: "", "qemu-img": "" });
  host.file(RECORD, undefined, recordText(mine));
  host.file(ENVIRONMENT, undefined, "MOORING_PORT=10809\nMOORING_EPOCH=3\n");
  host.file(`${KEYS}/keys.psk`);
  return {
    /** The condition of its units. */
    isServing: () => host.exists(KEYS),
    apply: host.apply,
    look() {
      const files = host.files(RECORD, ENVIRONMENT);
      const { servedEpoch } = servedIn(files, "yundream");
      const record = readVolumeRecord(files, "yundream", "storage");
      return { record, servedEpoch, keyed: host.exists(KEYS) };
    },
  };
}

const { endpoint } = free;
const plain = { ...endpoint, tls: false };
for (const [what, steps, served = endpoint] of [
  ["giving back with a fence", giveBack("yundream", mine, endpoint, true)],
  ["taking anew", take(wanted, mine, endpoint, NEXT_KEY, false)],
  ["giving back without TLS", giveBack("yundream", mine, plain), plain],
  ["taking anew without TLS", take(wanted, mine, plain, NEXT_KEY, false), plain],
] as [string, Step[], Endpoint?][]) {
  test(`${what}, cut off anywhere: no attachment waits for a server that never starts`, (t) => {
    const outcomes = cutOffs(steps).map((done) => {
      const host = storage(t);
      host.apply(done);
      const next = nbdAttachment.plan(wanted, { ...broken, endpoint: served, ...host.look() }, wanted);
      host.apply(next.filter((step) => step.host?.name === "storage"));
      const { record, servedEpoch } = host.look();
      t.deepEqual(
        [record?.holder?.node, servedEpoch],
        ["node-01", record?.epoch],
        `after ${done.length} steps`,
      );
      t.true(host.isServing(), `after ${done.length} steps`);
      return titles(next).includes(`write ${RECORD} (on storage)`) ? "taken anew" : "goes on";
    });
    // From the next epoch in its environment on it is shut out.
    t.deepEqual(outcomes.slice(0, 4), ["goes on", "goes on", "goes on", "taken anew"]);
  });
}

test("taking a free volume, cut off anywhere: what is deleted then leaves no key, and the epoch that it was", (t) => {
  const { record, endpoint } = free;
  for (const served of [endpoint, plain]) {
    const steps = take(wanted, record, served, NEXT_KEY, false);
    for (const done of cutOffs(steps)) {
      const host = storage(t);
      host.apply([writeRecord("yundream", record), removeCredential("yundream")]);
      host.apply(done);
      const found = { ...free, endpoint: served, ...host.look() };
      host.apply(
        nbdAttachment.plan(undefined, found, wanted).filter((step) => step.host?.name === "storage"),
      );
      const after = host.look();
      t.false(host.isServing(), `after ${done.length} steps`);
      t.deepEqual(
        [after.record?.holder, after.servedEpoch],
        [undefined, after.record?.epoch],
        `after ${done.length} steps`,
      );
    }
  }
});

for (const [what, served] of [
  ["", endpoint],
  [" without TLS", plain],
] as const) {
  test(`taken${what}, and again by a program that had no answer, cut off anywhere: it is taken anew`, (t) => {
    const steps = take(wanted, mine, served, NEXT_KEY, false);
    for (const done of cutOffs(steps)) {
      const host = storage(t);
      host.apply(steps);
      host.apply(done);
      const found = { ...broken, endpoint: served, ...host.look() };
      host.apply(nbdAttachment.plan(wanted, found, wanted).filter((step) => step.host?.name === "storage"));
      const { record, servedEpoch, keyed } = host.look();
      t.deepEqual(
        [record?.holder?.node, servedEpoch, keyed],
        ["node-01", record?.epoch, true],
        `after ${done.length} steps more`,
      );
    }
  });
}
