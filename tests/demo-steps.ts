/** What the demo's programs share. */
import { type HostName, ssh } from "./lab";
import type { LabStack } from "./lab/stack";

/** `refresh`: look at the hosts first; Pulumi does that with the configuration of the last `up`. */
export async function pulumiUp(
  stack: LabStack,
  node: HostName,
  { refresh = true }: { refresh?: boolean } = {},
): Promise<void> {
  await stack.set({ node });
  const code = await stack.show(
    "up",
    "--yes",
    "--skip-preview",
    ...(refresh ? ["--refresh"] : []),
    "--suppress-permalink=true",
    "--suppress-progress",
  );
  if (code !== 0) throw new Error(`pulumi up failed with exit code ${code}; what it said is above`);
}

export async function sql(node: HostName, statements: string): Promise<string> {
  const { stdout } = await ssh(node, "docker exec -i yundream mariadb --batch --skip-column-names", {
    input: statements,
  });
  return stdout;
}

export async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  say(`\n== ${what}`);
  const start = Date.now();
  const result = await work();
  say(`   done in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

export function say(text: string): void {
  console.log(text);
}
