import test from "ava";
import { fleetOf } from "../../fleet/fleet.js";
import { problemsOf, sizeOf, tableOf } from "../../fleet/report.js";
import type { Ran } from "../../fleet/scenario.js";

const counts = { connections: 1, channels: 3, scripts: 7, bytesSent: 500_000 };
const error = "no answer";

/** Four hosts with one volume: one that is dead, one that is slow, and two that are well. */
const ran: Ran = {
  scenario: {
    ...{ title: "two unwell", hosts: 4, volumes: 1, unwell: { 1: "dead", 2: "slow" }, parallel: 4 },
    ...{ delayMs: 50, slowMs: 5000, dialSeconds: 15 },
  },
  hosts: fleetOf(4, 1, { 1: "dead", 2: "slow" }),
  counts: [
    counts,
    { ...counts, channels: 0, scripts: 0 },
    { ...counts, scripts: 9 },
    { ...counts, scripts: 6 },
  ],
  outcomes: [
    { host: "storage-1", ms: 800 },
    { host: "node-2", ms: 900 },
    { host: "storage-2", ms: 10_000 },
    { host: "node-1", ms: 15_000, error },
  ],
  ...{ refreshMs: 15_000, nothingMs: 600, cpuMs: 1200 },
  ...{ startBytes: 90_000_000, peakBytes: 120_000_000, stateBytes: 650.4 },
};

test("the table has what was measured, a column for each scenario", (t) => {
  t.deepEqual(tableOf([ran]), [
    ["", "two unwell"],
    ["refresh of all resources", "15.0 s"],
    ["a healthy host was read after: median", "0.9 s"],
    ["the last healthy host", "0.9 s"],
    ["the slow host", "10.0 s"],
    ["the dead host", "15.0 s, failed"],
    ["check and diff of all, nothing to do", "0.6 s"],
    ["SSH connections to a host, at most", "1"],
    ["channels to a host, at most", "3"],
    ["round trips to a healthy host, at most", "7"],
    ["received from all hosts", "2.0 MB"],
    ["CPU time of the provider's process", "1.2 s"],
    ["its memory: before it asks, at most", "90.0 MB, 120 MB"],
  ]);
  t.regex(
    sizeOf(ran),
    /^4 hosts with 1 volumes each, 4 resources; .* is 650 bytes for each resource, 0\.0 MB/,
  );
});

test("only the dead host's errors are expected, and one connection to each host", (t) => {
  t.deepEqual(problemsOf([ran]), []);
  const outcomes = [...ran.outcomes, { host: "storage-2", ms: 1, error }];
  t.deepEqual(problemsOf([{ ...ran, outcomes, counts: [{ ...counts, connections: 2 }] }]), [
    "two unwell: 1 reads failed: no answer",
    "two unwell: more than one connection to 1 hosts",
  ]);
});
