import test from "ava";
import { DEFAULT_LIMITS } from "../../../../provider/host/limits.js";
import * as provider from "../../../../provider/index.js";
import { limitsOf } from "../../../../provider/inputs/timeouts.js";
import { Hosts } from "../../../../provider/lifecycle/hosts.js";
import { lifecycle } from "../../../../provider/lifecycle.js";
import { dockerContainer } from "../../../../provider/resources/docker-container.js";
import { nfsExport } from "../../../../provider/resources/nfs-export.js";
import { checked } from "../checking.js";
import { inputsOf, text } from "../plans.js";

const given = { name: "ab", image: "tiny:1" };

test("every kind takes timeouts", async (t) => {
  for (const [kind, { check }] of Object.entries(provider)) {
    const { failures } = await check({}, { timeouts: { lock: "5" } });
    t.true(
      failures.some(({ property, reason }) => property === "timeouts.lock" && /^a whole number/.test(reason)),
      kind,
    );
  }
});

test("timeouts have one form, and a resource without them has none in its state", (t) => {
  t.deepEqual(inputsOf(dockerContainer, { ...given, timeouts: { lock: "2m", read: "90s" } }).timeouts, {
    lock: "120s",
    read: "90s",
  });
  t.false(Object.hasOwn(inputsOf(dockerContainer, given), "timeouts"));
});

test("a bad timeout is named, with its value and what is allowed", (t) => {
  const failures = (timeouts: unknown) => checked(dockerContainer, { ...given, timeouts }).failures;
  t.deepEqual(failures({ lock: "5" }), [
    'timeouts.lock: a whole number with a unit, such as "30s" or "5m" (got "5")',
  ]);
  t.deepEqual(failures({ read: "0s" }), ['timeouts.read: at least 1s (got "0s")']);
  t.deepEqual(failures({ step: "5m" }), ['timeouts.step: unknown property "step"; did you mean "steps"?']);
});

test("what is not given has its default", (t) => {
  t.deepEqual(limitsOf(), DEFAULT_LIMITS);
  t.deepEqual(limitsOf({ lock: "1s", steps: "30m" }), { lockMs: 1000, readMs: 60_000, stepsMs: 1_800_000 });
});

test("a host with other limits has them in its turn, and shares the host's connection and facts", (t) => {
  const hosts = new Hosts();
  const ref = { name: "a", connection: { host: "10.0.0.1" } };
  const plain = hosts.reach(ref);
  const patient = hosts.reach(ref, { read: "5m" });
  t.is(plain.limits, DEFAULT_LIMITS);
  t.is(patient.limits.readMs, 300_000);
  t.is(patient.ref, plain.ref);
});

test("timeouts change no plan, are no drift and replace nothing", async (t) => {
  const wanted = inputsOf(nfsExport, { name: "a", path: "/srv/a", clients: ["10.0.0.1"] });
  const other = { ...wanted, timeouts: { lock: "1s", steps: "1h", read: "1s" } };
  t.is(text(nfsExport.plan(other, undefined, other)), text(nfsExport.plan(wanted, undefined, wanted)));
  const verbs = lifecycle(nfsExport, new Hosts());
  t.deepEqual(await verbs.diff("a", wanted, other), {});
  t.deepEqual(await verbs.diff("a", other, wanted), {});
});
