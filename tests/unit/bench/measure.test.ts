import test from "ava";
import { bytesPerExport, memoryIn } from "../../bench/measure/export-memory.js";
import { forksBetween, idleOf } from "../../bench/measure/forks.js";
import { peakIn } from "../../bench/measure/provider-memory.js";
import { stateOf } from "../../bench/measure/state.js";
import { countRoundTrips } from "../../bench/measure/trace.js";
import { providersBelow } from "../../lab/provider-process.js";

test("scripts and requests to Docker are counted apart, whatever they were for", (t) => {
  const trace = `2026-01-01T00:00:00.000Z storage ssh waited 0 ms, took 41 ms: reading exports
2026-01-01T00:00:00.100Z node-01 docker waited 3 ms, took 8 ms: reading image tiny
2026-01-01T00:00:00.200Z node-01 ssh waited 12 ms, took 7 ms: say " docker waited 1 ms, took 1 ms: "
`;
  t.deepEqual(countRoundTrips(trace), { ssh: 2, docker: 1, mostOnHost: 2 });
  t.deepEqual(countRoundTrips(""), { ssh: 0, docker: 0, mostOnHost: 0 });
});

test("a line that is not the trace's is an error, not a round trip less", (t) => {
  t.throws(() => countRoundTrips("2026-01-01T00:00:00.000Z storage waited 0 ms, took 1 ms: x\n"), {
    message: /this is no line of a trace: 2026/,
  });
});

test("what a reading makes itself, and what idle hosts make, is no work", (t) => {
  const idle = idleOf({ forks: 1000, at: 0 }, { forks: 1009, at: 100 }, { forks: 1028, at: 5100 });
  t.deepEqual(idle, { own: 9, perSecond: 2 });
  t.is(forksBetween({ forks: 2000, at: 0 }, { forks: 2129, at: 10_000 }, idle), 100);
});

test("less than idle hosts make is nothing", (t) => {
  const idle = { own: 9, perSecond: 2 };
  t.is(forksBetween({ forks: 2000, at: 0 }, { forks: 2010, at: 10_000 }, idle), 0);
  t.is(idleOf({ forks: 0, at: 0 }, { forks: 9, at: 1 }, { forks: 10, at: 5001 }).perSecond, 0);
});

test("the provider's process is found below the CLI, with a launcher in between, and not beside it", (t) => {
  const provider = "node /p/node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js 127.0.0.1:1";
  const all = [
    { pid: 30, parent: 20, commandLine: provider },
    { pid: 20, parent: 10, commandLine: "/bin/sh pulumi-resource-pulumi-nodejs 127.0.0.1:1" },
    { pid: 10, parent: 1, commandLine: "pulumi up" },
    { pid: 40, parent: 10, commandLine: "node language host" },
    { pid: 50, parent: 1, commandLine: provider },
  ];
  t.deepEqual(providersBelow(10, all), [30]);
  t.deepEqual(providersBelow(40, all), []);
});

test("the peak is the kernel's, in bytes", (t) => {
  t.is(peakIn("Name:\tnode\nVmPeak:\t  999999 kB\nVmHWM:\t  119868 kB\nVmRSS:\t 5 kB\n"), 119868 * 1024);
  t.is(peakIn(""), 0, "of a process that has ended");
});

test("an export over NBD is its server, one over NFS what the kernel keeps", (t) => {
  const before = memoryIn("0\n40000\n");
  const after = memoryIn("80000\n40500\n");
  t.deepEqual(after, { serverBytes: 80000 * 1024, kernelBytes: 40500 * 1024 });
  t.is(bytesPerExport("nbd", 10, before, after), 8000 * 1024);
  t.is(bytesPerExport("nfs", 10, before, after), 50 * 1024);
  t.is(bytesPerExport("nfs", 10, after, before), 0, "the kernel gave something back meanwhile");
});

test("state is what the exported deployment has of our resources, without indentation; positions and the rest are apart", (t) => {
  const resource = { type: "pulumi-nodejs:dynamic/mooring:NfsExport", urn: "u" };
  const whole = { deployment: { resources: [{ type: "pulumi:pulumi:Stack" }, resource] } };
  const positions = { sourcePosition: "project:///a.ts#1,1", stackTrace: [{ sourcePosition: "b" }] };
  const [stack] = whole.deployment.resources;
  const placed = { deployment: { resources: [stack, { ...resource, ...positions }] } };
  const bytes = JSON.stringify(resource).length;
  t.deepEqual(stateOf(JSON.stringify(placed, undefined, 4)), {
    bytes,
    restBytes: JSON.stringify(whole).length - bytes,
    positionBytes: JSON.stringify(placed).length - JSON.stringify(whole).length,
    resources: 1,
  });
});
