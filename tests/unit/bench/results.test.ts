import test from "ava";
import { failOverResults } from "../../bench/fail-over.js";
import { dockerRequests, median, processes, Results, roundTrips, seconds } from "../../bench/results.js";
import { aRun, took, trips } from "./some-results.js";

test("the median of an even number of values is between the two in the middle", (t) => {
  t.is(median([9, 1, 5]), 5);
  t.is(median([9, 1, 5, 3]), 4);
  t.is(median([7]), 7);
  t.is(median([]), undefined);
});

test("a figure is the median of all repetitions of one run, and of nothing else", (t) => {
  const results = new Results([
    aRun("nfs", 10, "mooring", [took("create", 3, { processes: 30, ...trips(5, 2) }), took("destroy", 99)]),
    aRun("nfs", 10, "mooring", [took("create", 1, { processes: 10, ...trips(7, 0) })], { repetition: 2 }),
    aRun("nfs", 10, "mooring", [took("create", 2)], { repetition: 3 }),
    aRun("nfs", 100, "mooring", [took("create", 50)]),
    aRun("nfs", 10, "script", [took("create", 40)]),
  ]);
  const of = (figure: typeof seconds) => results.of("nfs", 10, "mooring", "create", figure);
  t.is(of(seconds), 2);
  t.is(of(processes), 20);
  t.is(of(roundTrips), 7);
  t.is(of(dockerRequests), 1);
  t.is(results.of("nfs", 10, "mooring", "one change", seconds), undefined);
  t.deepEqual(results.works(), [
    { work: "nfs", count: 10 },
    { work: "nfs", count: 100 },
  ]);
});

test("memory is the most of all operations, state what there is per resource", (t) => {
  const results = new Results([
    aRun(
      "scale",
      100,
      "mooring",
      [took("create", 1, { providerBytes: 100 }), took("no change", 1, { providerBytes: 300 })],
      { state: { bytes: 1000, restBytes: 5000, positionBytes: 400, resources: 200 }, bytesPerExport: 7 },
    ),
    aRun("scale", 100, "floor", [took("create", 1, { providerBytes: 90 })]),
  ]);
  t.is(results.peakProviderBytes("scale", 100, "mooring"), 300);
  t.is(results.peakProviderBytes("scale", 100, "floor"), 90);
  t.is(results.peakProviderBytes("scale", 1000, "mooring"), undefined);
  t.is(results.stateBytesPerResource("scale", 100), 5);
  t.is(results.positionBytesPerResource("scale", 100), 2);
  t.is(results.restBytes("scale", 100), 5000);
  t.is(results.bytesPerExport("scale", 100), 7);
  t.is(results.resources("scale", 100), 200);
});

test("a fail over that the fault measured is two results, and one that it did not is an error", (t) => {
  const planned = { work: "fail-over", count: 1, contestant: "mooring", repetition: 2 } as const;
  const byHand = { what: "by hand", ms: 20_300 };
  const results = new Results(failOverResults(planned, [byHand, { what: "fail over", ms: 24_000 }]));
  t.is(results.of("fail-over", 1, "mooring", "fail over", seconds), 24);
  t.is(results.of("fail-over", 1, "script", "fail over", seconds), 20.3);
  t.throws(() => failOverResults(planned, [byHand]), { message: /before it had measured: fail over/ });
});
