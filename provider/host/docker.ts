import type Docker from "dockerode";
import { whyNotReady } from "./container-ready.js";
import { type Dial, DockerRequests, type Request } from "./docker-requests.js";
import { asError, DockerFailed } from "./errors.js";
import { requireImage } from "./image-check.js";
import { callMs, DEFAULT_LIMITS, type Limits } from "./limits.js";
import { withoutFrames } from "./log-frames.js";

/** A call to the Docker Engine, as data. */
export type EngineCall =
  | { readonly call: "pull"; readonly image: string; readonly auth?: RegistryAuth }
  | { readonly call: "remove-image"; readonly image: string }
  /** Changes nothing: what a container is to be made from is there, what `imageId` says, and leaves its `targets` alone. */
  | {
      readonly call: "check-image";
      readonly image: string;
      readonly imageId?: string;
      /** Where the container's volumes are to appear in it. */
      readonly targets: readonly string[];
    }
  | {
      readonly call: "create-container";
      readonly name: string;
      readonly options: ContainerOptions;
      /** What the reference in the options must be on the host. */
      readonly imageId?: string;
    }
  | { readonly call: "remove-container"; readonly name: string; readonly graceSeconds: number }
  | {
      readonly call: "wait-ready";
      readonly name: string;
      readonly timeoutMs: number;
      /** What must not be shown of its log lines. */
      readonly secrets?: readonly string[];
    };

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
}

export type ContainerInfo = Docker.ContainerInspectInfo;
export type ImageInfo = Docker.ImageInspectInfo;
export type ContainerOptions = Docker.ContainerCreateOptions;

/** The Docker Engine API of one host, within a resource's limits. */
export class Engine {
  private readonly requests: DockerRequests;

  constructor(
    private readonly host: string,
    dial: Dial | DockerRequests,
    private readonly limits: Limits = DEFAULT_LIMITS,
  ) {
    this.requests = dial instanceof DockerRequests ? dial : new DockerRequests(host, dial);
  }

  /** The same Engine through the same channels, for a resource with other limits. */
  within(limits: Limits): Engine {
    return new Engine(this.host, this.requests, limits);
  }

  /**
   * `undefined`: the Engine said there is none of that name. It takes the beginning of an id for a name, too, and calls
   * it ambiguous where several begin so: then there is none of that name either (moby's GetContainer).
   */
  async container(name: string): Promise<ContainerInfo | undefined> {
    const info = await this.#read(`reading container ${name}`, (docker) =>
      absent(docker.getContainer(name).inspect()).catch((error: Error) => {
        if (/multiple IDs found/i.test(error.message)) return undefined;
        throw error;
      }),
    );
    return info?.Name === `/${name}` ? info : undefined;
  }

  /** Names of the containers, running or not, that have a label with this value. */
  async labelled(label: string, value: string): Promise<string[]> {
    const filters = { label: [`${label}=${value}`] };
    const found = await this.#read(`reading the containers with label ${label}`, (docker) =>
      docker.listContainers({ all: true, filters }),
    );
    return found.map(firstName);
  }

  image(reference: string): Promise<ImageInfo | undefined> {
    return this.#read(`reading image ${reference}`, (docker) => absent(docker.getImage(reference).inspect()));
  }

  /** Names of the containers, running or not, that are made from an image. */
  async usersOf(image: string): Promise<string[]> {
    const filters = { ancestor: [image] };
    const users = await this.#read(`reading the containers of image ${image}`, (docker) =>
      docker.listContainers({ all: true, filters }),
    );
    return users.map(firstName);
  }

  async apply(title: string, call: EngineCall): Promise<void> {
    switch (call.call) {
      case "pull":
        return this.#pull(title, call);
      case "remove-image":
        await this.#change(title, (docker) => absent(docker.getImage(call.image).remove()));
        return;
      case "check-image":
        return this.#checkImage(call);
      case "create-container":
        return this.#create(title, call);
      case "remove-container":
        return this.#remove(title, call.name, call.graceSeconds);
      case "wait-ready":
        return this.#waitReady(call);
    }
  }

  close(): void {
    this.requests.close();
  }

  #read<T>(doing: string, request: Request<T>): Promise<T> {
    return this.requests.ask(doing, { timeoutMs: this.limits.readMs, input: "read" }, request);
  }

  #change<T>(doing: string, request: Request<T>): Promise<T> {
    return this.requests.ask(doing, { timeoutMs: callMs(this.limits), input: "steps" }, request);
  }

  /** It may take as long as it says how far it is. */
  #pull(title: string, call: EngineCall & { call: "pull" }): Promise<void> {
    const bound = { timeoutMs: callMs(this.limits), input: "steps" } as const;
    return this.requests.stream(title, bound, (docker, progress) => pull(docker, call, progress));
  }

  async #checkImage({ image: reference, ...wanted }: EngineCall & { call: "check-image" }): Promise<void> {
    requireImage({ host: this.host, reference, ...wanted }, await this.image(reference));
  }

  async #create(title: string, { name, options, imageId }: EngineCall & { call: "create-container" }) {
    const image = options.Image ?? "";
    const targets = (options.HostConfig?.Mounts ?? []).map(({ Target }) => Target);
    await this.#checkImage({
      call: "check-image",
      image,
      targets,
      ...(imageId !== undefined && { imageId }),
    });
    const values = (options.Env ?? []).map((entry) => entry.slice(entry.indexOf("=") + 1));
    await this.#change(title, (docker) => docker.createContainer({ ...options, name })).catch((error) => {
      throw hidden(error, values);
    });
  }

  /** Stops it with its grace; the anonymous volumes that its image declared are left: there may be data in them. */
  async #remove(title: string, name: string, graceSeconds: number): Promise<void> {
    const info = await this.container(name);
    if (!info) return;
    // By its id, which is no other's.
    const id = info.Id;
    if (info.State.Running)
      await this.requests.stream(
        title,
        { timeoutMs: graceSeconds * 1000 + callMs(this.limits), input: "steps" },
        (docker) => unless([304, 404], docker.getContainer(id).stop({ t: graceSeconds })),
      );
    await this.#change(title, (docker) => absent(docker.getContainer(id).remove({ force: true })));
  }

  async #waitReady({ name, timeoutMs, secrets = [] }: EngineCall & { call: "wait-ready" }): Promise<void> {
    const why = await whyNotReady(async () => (await this.container(name))?.State, timeoutMs);
    if (why === undefined) return;
    // What the container says may hold its secrets; what we say does not.
    const said = hidden(
      new DockerFailed(`${why}\nIts last log lines:\n${await this.#lastLines(name)}`),
      secrets,
    );
    throw new DockerFailed(
      `container "${name}" on host "${this.host}" is not ready: ${said.message}\nLook at it with: docker logs ${name}; systemctl status mooring-container-${name}`,
    );
  }

  async #lastLines(name: string): Promise<string> {
    const id = (await this.container(name).catch(() => undefined))?.Id;
    if (id === undefined) return "(none)";
    return this.#read(`reading the logs of container ${name}`, async (docker) => {
      const options = { stdout: true, stderr: true, tail: 15, follow: false } as const;
      return withoutFrames(await docker.getContainer(id).logs(options)).trim() || "(none)";
    }).catch((error) => `(${asError(error).message})`);
  }
}

async function pull(
  docker: Docker,
  { image, auth }: EngineCall & { call: "pull" },
  progress: () => void,
): Promise<void> {
  const [registry] = image.split("/");
  const serveraddress = registry && /[.:]|^localhost$/.test(registry) ? registry : "";
  const stream = await docker.pull(image, auth ? { authconfig: { serveraddress, ...auth } } : {});
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error: Error | null, events: { error?: string }[]) => {
        const problem = error ?? events.find((event) => event.error);
        if (problem) reject(problem instanceof Error ? problem : refusedPull(problem.error));
        else resolve();
      },
      progress,
    );
  });
}

/** What went wrong after the answer began comes as an event. */
function refusedPull(text: string | undefined): Error {
  return Object.assign(new Error(text ?? "the pull failed"), { statusCode: 500 });
}

function firstName({ Names: [name = ""] }: { Names: string[] }): string {
  return name.replace(/^\//, "");
}

function absent<T>(answer: Promise<T>): Promise<T | undefined> {
  return unless([404], answer);
}

function unless<T>(codes: readonly number[], answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: { statusCode?: number }) => {
    if (error.statusCode !== undefined && codes.includes(error.statusCode)) return undefined;
    throw error;
  });
}

/** Values shorter than a password would blot out half of a message. */
function hidden(error: Error, secrets: readonly string[]): Error {
  const values = secrets.filter((value) => value.length >= 6).sort((a, b) => b.length - a.length);
  const text = values.reduce((rest, value) => rest.replaceAll(value, "(a secret)"), error.message);
  return text === error.message ? error : new DockerFailed(text);
}
