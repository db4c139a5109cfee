/** What the engine asks of the provider at a refresh, and at an `up` that finds nothing to do. */
import { isDeepStrictEqual } from "node:util";
import type { DynamicProvider } from "../../provider/lifecycle.js";
import { type Declared, declaredOn, type SimulatedHost } from "./fleet.js";

export type Providers = Record<Declared["kind"], DynamicProvider>;

/** A resource that an `up` made. */
export interface Managed {
  readonly host: string;
  readonly provider: DynamicProvider;
  readonly name: string;
  /** Inputs as the program gives them. */
  readonly declared: Record<string, unknown>;
  /** Inputs and outputs as the state has them. */
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
}

export interface Outcome {
  readonly host: string;
  /** From the beginning of the whole refresh. */
  readonly ms: number;
  readonly error?: Error;
}

export async function managedOn(host: SimulatedHost, providers: Providers): Promise<Managed[]> {
  return Promise.all(
    declaredOn(host).map(async ({ kind, name, inputs: own }) => {
      const provider = providers[kind];
      const declared = {
        ...own,
        __provider: `exports.handler=()=>require("pulumi-mooring/provider").${kind}`,
      };
      const { inputs, failures } = await provider.check({}, declared);
      if (failures[0]) throw new Error(`${name}: ${failures[0].property} ${failures[0].reason}`);
      const outputs = { ...inputs, ...(kind === "NfsExport" && { made: true }) };
      return { host: host.name, provider, name, declared, inputs, outputs };
    }),
  );
}

/** Reads all, in the order of the state and so many at a time. */
export async function refresh(all: readonly Managed[], parallel: number): Promise<Outcome[]> {
  const began = performance.now();
  const outcomes: Outcome[] = [];
  let next = 0;
  const readOn = async (): Promise<void> => {
    for (let managed = all[next++]; managed; managed = all[next++]) {
      const error = await readOne(managed);
      const ms = performance.now() - began;
      outcomes.push({ host: managed.host, ms, ...(error && { error }) });
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, all.length) }, readOn));
  return outcomes;
}

/** What was found must be what the state has: a host that answers nonsense measures nothing. */
async function readOne({ provider, name, inputs, outputs }: Managed): Promise<Error | undefined> {
  try {
    const found = await provider.read(name, outputs);
    return isDeepStrictEqual(found.inputs, withoutProvider(inputs))
      ? undefined
      : new Error(`${name} was found changed: ${JSON.stringify(found.inputs)}`);
  } catch (error) {
    return error as Error;
  }
}

function withoutProvider({ __provider, ...inputs }: Record<string, unknown>): Record<string, unknown> {
  return inputs;
}

/** As the engine does, one at a time. Rejects when it would do something. */
export async function findNothingToDo(all: readonly Managed[]): Promise<void> {
  for (const { provider, name, declared, inputs, outputs } of all) {
    const checked = await provider.check(inputs, declared);
    const { changes, replaces = [] } = await provider.diff(name, outputs, checked.inputs);
    if (checked.failures.length > 0 || changes || replaces.length > 0)
      throw new Error(`${name} would be changed although nothing was`);
  }
}
