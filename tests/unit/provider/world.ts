/** A lifecycle over hosts that are played: each holds one thing. */
import { z } from "zod";
import { HostUnreachable } from "../../../provider/host/errors.js";
import { Host } from "../../../provider/host/host.js";
import { type Sh, sh } from "../../../provider/host/sh.js";
import type { Shell } from "../../../provider/host/shell.js";
import { run } from "../../../provider/host/steps.js";
import { common } from "../../../provider/inputs/common.js";
import type { HostRef } from "../../../provider/inputs/host-ref.js";
import { Hosts } from "../../../provider/lifecycle/hosts.js";
import { type DynamicProvider, lifecycle } from "../../../provider/lifecycle.js";
import type { AnyResource } from "../../../provider/resource.js";
import { refuseUnmounted } from "../../../provider/unmounted.js";

export const PROVIDER = 'exports.handler=()=>require("pulumi-mooring/provider").Thing';

interface Thing {
  value: string;
}

/** Hosts that hold one thing each, and a resource that keeps it: what is done to them is in `log`. */
export class World {
  readonly log: string[] = [];
  readonly things = new Map<string, Thing>();
  /** Titles of steps that fail. */
  readonly failing = new Set<string>();
  /** Other programs that are faster, one at each comparison: what they leave on the host. */
  readonly faster: Thing[] = [];
  readonly unreachable = new Set<string>();
  /** The step after which the connection is cut: it is done, and nobody hears of it. */
  cutAfter: string | undefined;
  /** The storage host hears from the node. */
  live = false;
  /** Steps succeed and change nothing. */
  stuck = false;

  readonly #played = new Map<string, Host>();
  readonly #known = new Hosts();
  readonly #reach = this.#known.reach.bind(this.#known);

  readonly hosts = Object.assign(this.#known, {
    reach: (ref: HostRef) => {
      this.#reach(ref);
      return this.#hostOf(ref.name);
    },
  });

  serve(more: Partial<AnyResource> = {}): DynamicProvider {
    const resource = {
      kind: "Thing",
      identity: ["name"],
      inputs: z.object({
        ...common,
        name: z.string(),
        value: z.string().default("one"),
        extra: z.string().optional(),
      }),
      id: ({ name }: { name: string }) => name,
      lock: ({ name }: { name: string }) => `thing-${name}`,
      observe: async (host: Host) => {
        this.log.push(`observe ${host.name}`);
        if (this.unreachable.has(host.name)) throw new HostUnreachable(host.name, "it is down");
        return this.things.get(host.name);
      },
      plan: (wanted: Thing | undefined, observed: Thing | undefined) => {
        if (!wanted) return observed ? [run("remove", sh`true`)] : [];
        return observed?.value === wanted.value
          ? []
          : [run("prepare", sh`true`), run(`set ${wanted.value}`, sh`true`)];
      },
      drift: (inputs: Thing, observed: Thing) => ({ ...inputs, value: observed.value }),
      outputs: (_inputs: Thing, observed: Thing | undefined) => ({ seen: observed?.value, never: undefined }),
      ...more,
    } as unknown as AnyResource;
    const plan = resource.plan.bind(resource);
    // The steps' titles stand for their commands.
    resource.plan = (...args) => plan(...args).map((step) => ({ ...step, action: sh`${step.title}` }));
    return lifecycle(resource, this.hosts);
  }

  #hostOf(name: string): Host {
    const known = this.#played.get(name);
    if (known) return known;
    const shell = { run: async ({ text }: Sh) => this.#run(name, text) } as unknown as Shell;
    const none = () => Promise.reject(new Error("there is none"));
    const ahead = { open: () => undefined, openAhead: () => undefined, endAhead: () => undefined };
    const host = new Host({ name }, undefined, {
      use: (work) => work(shell),
      exec: none,
      ...ahead,
      close: none,
    });
    this.#played.set(name, host);
    return host;
  }

  #run(host: string, script: string) {
    let stdout = "";
    if (script.includes(refuseUnmounted.text)) {
      this.log.push(`check a disk on ${host}`);
      if (this.failing.has("check a disk"))
        return { stdout: "\u001e0\n", stderr: "\u001e0\nit is not", exitCode: 1 };
    }
    for (const [index, [, title = ""]] of [...script.matchAll(/^'([^']+)'$/gm)].entries()) {
      stdout += `\u001e${index}\n`;
      this.log.push(`${title} on ${host}`);
      if (this.failing.has(title)) return { stdout, stderr: "\u001eno space left", exitCode: 1 };
      const faster = title === "compare" && this.faster.shift();
      if (faster) {
        this.things.set(host, faster);
        return { stdout, stderr: "\u001eanother program took it", exitCode: 1 };
      }
      if (title === "remove" && !this.stuck) this.things.delete(host);
      if (title.startsWith("set ") && !this.stuck) this.things.set(host, { value: title.slice(4) });
      if (title === this.cutAfter) {
        this.cutAfter = undefined;
        throw new Error("the shell ended: connection closed");
      }
    }
    return { stdout, stderr: "", exitCode: 0 };
  }
}

export const DATA: Partial<AnyResource> = {
  data: { isGone: (observed) => observed === undefined, wayBack: () => "Look in the attic." },
};
export const inputs = {
  host: { name: "a" },
  owner: "urn:x",
  name: "thing",
  value: "one",
  __provider: PROVIDER,
};
