import type { ExecutionContext } from "ava";
import { type LabStack, labHosts, PASSPHRASE } from "./harness.js";

/** The state holds the provider's text and hosts by name, and no secret anybody could read. */
export async function checkState(t: ExecutionContext, stack: LabStack, secrets: string[]): Promise<void> {
  const ours = (await stack.resources()).filter(({ type }) =>
    type.startsWith("pulumi-nodejs:dynamic/mooring:"),
  );
  t.true(ours.length > 0, "the state has resources of ours");
  for (const { type, inputs = {}, outputs = {} } of ours) {
    const text = `exports.handler=()=>require("pulumi-mooring/provider").${type.split(":").at(-1)}`;
    t.deepEqual([inputs.__provider, outputs.__provider], [text, text]);
    for (const side of [inputs, outputs]) {
      for (const host of [side.host, side.storage]) {
        if (host !== undefined) t.deepEqual(Object.keys(host as object), ["name"]);
      }
    }
  }
  await checkSecrets(t, stack, secrets);
}

/** Neither in the state nor in what the CLI said. */
export async function checkSecrets(t: ExecutionContext, stack: LabStack, secrets: string[]): Promise<void> {
  const { connection } = (await labHosts()).storage;
  const [, keyText = ""] = connection.privateKey.split("\n");
  t.true(keyText.length > 40, "the lab's key has a text to search for");
  const state = await stack.stateText();
  for (const secret of [keyText, PASSPHRASE, ...secrets]) {
    t.false(state.includes(secret), "a secret stands in the state");
    t.false(stack.output.includes(secret), "a secret was printed");
  }
}
