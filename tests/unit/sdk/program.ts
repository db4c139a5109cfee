import * as pulumi from "@pulumi/pulumi";

/** What a program registered with the engine. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly parent: string;
  readonly custom: boolean;
  /** At a replacement the old one is deleted before the new one is made. */
  readonly deletedFirst: boolean;
  /** As they go to the provider and the state; `[secret, value]` where it is one. */
  readonly inputs: Record<string, unknown>;
  /** URNs. */
  readonly dependencies: readonly string[];
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** What the provider would add; a preview knows none of it. */
export const IMAGE_ID = `sha256:${"ab".repeat(32)}`;
const OUTPUTS: Record<string, unknown> = {
  imageId: IMAGE_ID,
  servedPort: 10_809,
  device: "/dev/nbd0",
};

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getDeletebeforereplace(): boolean;
  getDependenciesList(): string[];
  getObject(): { toJavaScript(): Record<string, unknown> };
}
type Callback = (error: unknown, response?: { getUrn(): string }) => void;
interface Monitor {
  registerResource(request: Request, callback: Callback): unknown;
}

/** Runs a program of this package's classes, in the project `shop` and the stack `dev`, with the engine mocked. */
export async function program<T>(
  body: () => T | Promise<T>,
  { preview = false, config = {} }: { preview?: boolean; config?: Record<string, string> } = {},
): Promise<{ result: T; registered: Registered[] }> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      call: () => ({}),
      newResource: ({ name, inputs }) => ({
        id: preview ? "" : name,
        state: preview ? inputs : { ...inputs, ...OUTPUTS },
      }),
    },
    "shop",
    "dev",
    preview,
  );
  // The mocks show neither parents, nor dependencies, nor what exactly is secret: the requests do.
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      registered.push({
        type: request.getType(),
        name: request.getName(),
        urn: response?.getUrn() ?? "",
        parent: request.getParent(),
        custom: request.getCustom(),
        deletedFirst: request.getDeletebeforereplace(),
        inputs: readable(request.getObject().toJavaScript()) as Record<string, unknown>,
        dependencies: request.getDependenciesList().sort(),
      });
      callback(error, response);
    });
  pulumi.runtime.setAllConfig(config);
  const result = await body();
  await pulumi.runtime.disconnect();
  return { result, registered };
}

/** The value of an output, and what the engine knows of it. */
export async function settled<T>(output: pulumi.Output<T>) {
  const inner = output as unknown as {
    promise(): Promise<T>;
    isKnown: Promise<boolean>;
    isSecret: Promise<boolean>;
  };
  return { value: await inner.promise(), known: await inner.isKnown, secret: await inner.isSecret };
}

function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  if (object[SIGNATURE] === SECRET) return ["secret", readable(object.value)];
  return Object.fromEntries(Object.entries(object).map(([key, inner]) => [key, readable(inner)]));
}
