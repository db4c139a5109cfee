/** What was measured, as rows of text: for the terminal and for the page. */
import type { ContestantName } from "../contestants/contestant.js";
import { type Figure, processes, type Results, roundTrips, seconds } from "../results.js";
import { type Operation, operations, type WorkName } from "../works.js";

const NONE = "-";

export const secondsHead = [
  "work",
  "N",
  "operation",
  "Mooring, s",
  "floor, s",
  "script, s",
  "of floor + script",
  "pyinfra, s",
  "faster than pyinfra",
  "Ansible, s",
  "faster than Ansible",
  "round trips",
];

export function secondsRows(results: Results): string[][] {
  return eachOperation(results, (work, count, operation) => {
    const of = (contestant: ContestantName, figure: Figure = seconds) =>
      results.of(work, count, contestant, operation, figure);
    const [own, floor, script] = [of("mooring"), of("floor"), of("script")];
    const [pyinfra, ansible] = [of("pyinfra"), of("ansible")];
    return [
      ...[one(own), one(floor), one(script), ratio(own, sum(floor, script, operation))],
      ...[one(pyinfra), ratio(pyinfra, own), one(ansible), ratio(ansible, own)],
      whole(of("mooring", roundTrips)),
    ];
  });
}

export const processesHead = ["work", "N", "operation", "Mooring", "script", "pyinfra", "Ansible"];

/** Processes on the hosts for each volume. */
export function processesRows(results: Results): string[][] {
  return eachOperation(results, (work, count, operation) =>
    (["mooring", "script", "pyinfra", "ansible"] as const).map((contestant) =>
      one(divided(results.of(work, count, contestant, operation, processes), count)),
    ),
  );
}

export const memoryHead = [
  "work",
  "N",
  "resources",
  "provider process, MB",
  "the floor's, MB",
  "state per resource, B",
  "positions beside it, B",
  "rest of the state, B",
  "storage host per export, kB",
];

export function memoryRows(results: Results): string[][] {
  return results
    .works()
    .map(({ work, count }) => [
      ...[work, String(count), whole(results.resources(work, count))],
      whole(divided(results.peakProviderBytes(work, count, "mooring"), 1e6)),
      whole(divided(results.peakProviderBytes(work, count, "floor"), 1e6)),
      whole(results.stateBytesPerResource(work, count)),
      whole(results.positionBytesPerResource(work, count)),
      whole(results.restBytes(work, count)),
      whole(divided(results.bytesPerExport(work, count), 1e3)),
    ])
    .filter((row) => row.slice(2).some((cell) => cell !== NONE));
}

/** A row for everything that was done, without those of which nothing was measured. */
function eachOperation(
  results: Results,
  cells: (work: WorkName, count: number, operation: Operation) => string[],
): string[][] {
  return results
    .works()
    .flatMap(({ work, count }) =>
      [...operations, "fail over" as const]
        .map((operation) => [work, String(count), operation, ...cells(work, count, operation)])
        .filter((row) => row.slice(3).some((cell) => cell !== NONE)),
    );
}

/** What the engine takes anyway and what the work takes by hand. By hand, a fail over has no engine. */
export function sum(
  floor: number | undefined,
  script: number | undefined,
  operation: Operation,
): number | undefined {
  if (operation === "fail over") return script;
  return floor === undefined || script === undefined ? undefined : floor + script;
}

function divided(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value / by;
}

function ratio(value: number | undefined, to: number | undefined): string {
  return value === undefined || to === undefined || to === 0 ? NONE : `${(value / to).toFixed(2)} x`;
}

function one(value: number | undefined): string {
  return value === undefined ? NONE : value.toFixed(1);
}

function whole(value: number | undefined): string {
  return value === undefined ? NONE : String(Math.round(value));
}
