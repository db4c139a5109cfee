/** How fast Mooring has to be, and whether it is. Ratios are of one run. */
import type { ContestantName } from "../contestants/contestant.js";
import { type Figure, mostOnHost, processes, type Results, roundTrips, seconds } from "../results.js";
import type { Operation, VolumeWork, WorkName } from "../works.js";

export interface Target {
  readonly work: string;
  readonly target: string;
  /** `undefined`: that was not measured. */
  judge(results: Results): Verdict | undefined;
}

export interface Verdict {
  readonly measured: string;
  readonly met: boolean;
}

/** One row of what was measured, for one contestant. */
type Row = (contestant: ContestantName, figure?: Figure) => number | undefined;

export const targets: readonly Target[] = [
  scripted("nfs", 100, "no change", 1.5),
  faster("nfs", 100, "no change", "pyinfra", 15),
  faster("nfs", 10, "no change", "pyinfra", 4),
  faster("nfs", 10, "no change", "ansible", 30),
  ...(["nfs", "nbd"] as const).flatMap((work) => [
    scripted(work, 100, "create", 1.5),
    faster(work, 100, "create", "pyinfra", 4),
  ]),
  ...(["nfs", "nbd"] as const).map((work) => ({
    work: `${work}, one change among 100`,
    target: "no more round trips than among 10",
    judge: (results: Results) =>
      judge(
        [trips(results, work, 100, "one change"), trips(results, work, 10, "one change")],
        (many, few) => ({
          measured: `${many}, and ${few} among 10`,
          met: many <= few,
        }),
      ),
  })),
  ...(
    [
      ["nfs", 100, 10],
      ["nbd", 100, 10],
      ["scale", 1000, 100],
    ] as const
  ).map(([work, more, fewer]) => ({
    work: `${work}, no change, with refresh`,
    target: `as many round trips to a host with N = ${more} as with N = ${fewer}`,
    judge: (results: Results) =>
      judge([tripsToHost(results, work, more), tripsToHost(results, work, fewer)], (many, few) => ({
        measured: `${many} and ${few}, to the host that has the most`,
        met: many <= few,
      })),
  })),
  ...(["nfs", "nbd", "containers"] as const).map((work) => ({
    work: `${work}, create of one of each`,
    target: "at most 3 round trips for each resource",
    judge: (results: Results) =>
      judge([tripsPerResource(results, work, 1)], (alone) => ({
        measured: `${alone.toFixed(1)} on average`,
        met: alone <= 3,
      })),
  })),
  ...(
    [
      ["nfs", 100],
      ["nbd", 100],
      ["containers", 10],
    ] as const
  ).map(([work, count]) => ({
    work: `${work}, resources created at the same time`,
    target: "share round trips",
    judge: (results: Results) =>
      judge([tripsPerResource(results, work, count), tripsPerResource(results, work, 1)], (many, alone) => ({
        measured: `${many.toFixed(2)} each of ${count} volumes, ${alone.toFixed(2)} of one`,
        met: many < alone,
      })),
  })),
  ...(["create", "no change"] as const).flatMap((operation) => [
    linear("scale", operation, 1.25),
    sameWork("scale", operation, 1.25),
  ]),
  scripted("scale", 1000, "no change", 2),
  {
    work: "scale, N = 1000",
    target: "the provider's process under 200 MB",
    judge: (results) =>
      judge([peakBytes(results, "mooring"), peakBytes(results, "floor")], (bytes, floor) => ({
        measured: `${inMB(bytes)} with ${results.resources("scale", 1000) ?? "some"} resources, the floor ${inMB(floor)}`,
        met: bytes < 200e6,
      })),
  },
  {
    work: "state per resource",
    target: "under 1600 B, without positions in the program",
    judge: (results) => {
      const works = results.works().filter(({ count }) => count >= 10);
      const sizes = works.flatMap(({ work, count }) => results.stateBytesPerResource(work, count) ?? []);
      const most = sizes.length === 0 ? undefined : Math.max(...sizes);
      return judge([most], (bytes) => ({ measured: `${Math.round(bytes)} B at most`, met: bytes < 1600 }));
    },
  },
  {
    work: "fail over",
    target: "at most 1.3 x the same steps by hand",
    judge: (results) => {
      const row = rowOf(results, "fail-over", 1, "fail over");
      return judge([row("mooring"), row("script")], (own, byHand) => ({
        measured: `${(own / byHand).toFixed(2)} x (${inSeconds(own)}, by hand ${inSeconds(byHand)})`,
        met: own <= 1.3 * byHand,
      }));
    },
  },
];

function scripted(work: VolumeWork, count: number, operation: Operation, times: number): Target {
  return {
    work: title(work, count, operation),
    target: `at most floor + ${times} x script`,
    judge(results) {
      const row = rowOf(results, work, count, operation);
      return judge([row("mooring"), row("floor"), row("script")], (own, floor, script) => {
        const limit = floor + times * script;
        const login = results.loginSeconds(work, count);
        const beside = login === undefined ? "" : `; a login, ${login.toFixed(2)} s, is not in the script's`;
        return { measured: `${inSeconds(own)} of ${inSeconds(limit)}${beside}`, met: own <= limit };
      });
    },
  };
}

function faster(
  work: VolumeWork,
  count: number,
  operation: Operation,
  than: ContestantName,
  times: number,
): Target {
  return {
    work: title(work, count, operation),
    target: `at least ${times} x faster than ${than}`,
    judge(results) {
      const row = rowOf(results, work, count, operation);
      return judge([row("mooring"), row(than)], (own, other) => ({
        measured: `${(other / own).toFixed(1)} x`,
        met: other >= times * own,
      }));
    },
  };
}

/**
 * Without the engine's own time, which is not linear: it writes all of the state at each step. And without what it
 * takes whatever N is: each of nine hundred more, beside each of the ninety before.
 */
function linear(work: VolumeWork, operation: Operation, slack: number): Target {
  return {
    work: title(work, 1000, operation),
    target: `beside the floor, each from 100 on takes at most ${slack} x what each from 10 to 100 does`,
    judge(results) {
      const figures = [1000, 100, 10].flatMap((count) => {
        const row = rowOf(results, work, count, operation);
        return [row("mooring"), row("floor")];
      });
      return judge(
        figures,
        (...[most = 0, mostFloor = 0, more = 0, moreFloor = 0, few = 0, fewFloor = 0]) => {
          const own = (most - mostFloor - (more - moreFloor)) / 900;
          const before = (more - moreFloor - (few - fewFloor)) / 90;
          return { measured: `${inMs(own)} and ${inMs(before)}`, met: own <= slack * before };
        },
      );
    },
  };
}

function sameWork(work: VolumeWork, operation: Operation, slack: number): Target {
  return {
    work: title(work, 1000, operation),
    target: `at most ${slack} x the processes per volume with N = 100`,
    judge(results) {
      const [many, few] = [1000, 100].map((count) => {
        const made = rowOf(results, work, count, operation)("mooring", processes);
        return made === undefined ? undefined : made / count;
      });
      return judge([many, few], (manyEach, fewEach) => ({
        measured: `${manyEach.toFixed(1)} and ${fewEach.toFixed(1)}`,
        met: manyEach <= slack * fewEach,
      }));
    },
  };
}

function rowOf(results: Results, work: WorkName, count: number, operation: Operation): Row {
  return (contestant, figure = seconds) => results.of(work, count, contestant, operation, figure);
}

function trips(results: Results, work: VolumeWork, count: number, operation: Operation): number | undefined {
  return rowOf(results, work, count, operation)("mooring", roundTrips);
}

function peakBytes(results: Results, contestant: "mooring" | "floor"): number | undefined {
  return results.peakProviderBytes("scale", 1000, contestant);
}

function tripsToHost(results: Results, work: VolumeWork, count: number): number | undefined {
  return rowOf(results, work, count, "no change")("mooring", mostOnHost);
}

function tripsPerResource(results: Results, work: VolumeWork, count: number): number | undefined {
  const [all, resources] = [trips(results, work, count, "create"), results.resources(work, count)];
  return all === undefined || resources === undefined ? undefined : all / resources;
}

/** `undefined` as soon as one of the figures is. */
function judge<Figures extends readonly (number | undefined)[]>(
  figures: readonly [...Figures],
  verdict: (...figures: { [Index in keyof Figures]: number }) => Verdict,
): Verdict | undefined {
  if (figures.some((figure) => figure === undefined)) return undefined;
  return verdict(...(figures as unknown as { [Index in keyof Figures]: number }));
}

function title(work: WorkName, count: number, operation: Operation): string {
  return `${work}, N = ${count}, ${operation === "no change" ? "no change, with refresh" : operation}`;
}

function inMB(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function inMs(seconds: number): string {
  return `${(seconds * 1000).toFixed(1)} ms`;
}

function inSeconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
