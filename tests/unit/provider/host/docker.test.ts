import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Duplex, PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { Engine } from "../../../../provider/host/docker.js";
import { TimedOut } from "../../../../provider/host/errors.js";
import { DEFAULT_LIMITS } from "../../../../provider/host/limits.js";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An Engine that talks to a server of the test through a stream, as through `docker system dial-stdio`. */
async function engineWith(t: ExecutionContext, answer: Answer, dialMs = 0) {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const channels: Duplex[] = [];
  const engine = new Engine("node-01", async () => {
    if (dialMs > 0) await sleep(dialMs);
    const channel = connect((server.address() as AddressInfo).port, "127.0.0.1");
    Object.assign(channel, { stderr: new PassThrough() });
    channels.push(channel);
    return channel;
  });
  t.teardown(() => {
    engine.close();
    server.closeAllConnections();
    server.close();
  });
  return { engine, channels };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

test.serial("every request is a line in the trace, also one that is refused", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "mooring-trace-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const { engine } = await engineWith(t, (_, response) => json(response, 500, { message: "no" }));
  process.env.MOORING_TRACE = join(folder, "trace");
  await t.throwsAsync(engine.container("a"));
  await t.throwsAsync(engine.image("b"));
  delete process.env.MOORING_TRACE;
  const lines = (await readFile(join(folder, "trace"), "utf8")).trimEnd().split("\n");
  t.deepEqual(
    lines.map((line) => line.replace(/^\S+ (.*) waited .*:/, "$1:")),
    ["node-01 docker: reading container a", "node-01 docker: reading image b"],
  );
});

test("a container that the Engine does not know is absent", async (t) => {
  const { engine } = await engineWith(t, (_, response) =>
    json(response, 404, { message: "No such container: a" }),
  );
  t.is(await engine.container("a"), undefined);
});

test("the Engine takes the beginning of an id for a name: another container of that id is none of that name", async (t) => {
  const seen: string[] = [];
  let answer = [200, { Id: "dbfa1c", Name: "/shop" }] as [number, object];
  const { engine } = await engineWith(t, ({ method, url }, response) => {
    seen.push(`${method} ${url}`);
    json(response, ...answer);
  });
  t.is(await engine.container("db"), undefined);
  await engine.apply("remove", { call: "remove-container", name: "db", graceSeconds: 1 });
  t.deepEqual(seen, ["GET /containers/db/json", "GET /containers/db/json"]);
  answer = [500, { message: "Multiple IDs found with provided prefix: db" }];
  t.is(await engine.container("db"), undefined);
});

test("containers are found by a label, whatever their names are", async (t) => {
  let seen: string | null | undefined;
  const { engine } = await engineWith(t, ({ url }, response) => {
    seen = new URL(url ?? "", "http://docker").searchParams.get("filters");
    json(response, 200, [{ Names: ["/shop-old"] }]);
  });
  t.deepEqual(await engine.labelled("mooring.owner", "urn:a"), ["shop-old"]);
  t.is(seen, '{"label":["mooring.owner=urn:a"]}');
});

test("what the Engine can't answer is an error with the Engine's words, and never absence", async (t) => {
  const { engine } = await engineWith(t, (_, response) => json(response, 500, { message: "disk is full" }));
  const error = await t.throwsAsync(engine.container("a"));
  t.is(error?.name, "DockerFailed");
  t.is(
    error?.message,
    'reading container a on host "node-01": Docker answered 500: server error - disk is full',
  );
});

test("many requests go through one channel", async (t) => {
  const { engine, channels } = await engineWith(t, (request, response) =>
    json(response, 200, { Id: request.url, Name: request.url?.replace(/^\/containers(.*)\/json$/, "$1") }),
  );
  const answers = await Promise.all(["a", "b", "c"].map((name) => engine.container(name)));
  t.deepEqual(
    answers.map((answer) => answer?.Id),
    ["/containers/a/json", "/containers/b/json", "/containers/c/json"],
  );
  t.is(channels.length, 1);
});

test("a channel that ends is a host that could not be asked, with what docker said; the next request opens another", async (t) => {
  const { engine, channels } = await engineWith(t, (_, response) => {
    if (channels.length > 1) return json(response, 200, { Id: "x", Name: "/a" });
    (channels[0] as unknown as { stderr: PassThrough }).stderr.write("sh: 1: docker: not found\n");
    setTimeout(() => channels[0]?.destroy(), 50);
  });
  const error = await t.throwsAsync(engine.container("a"));
  t.is(
    error?.message,
    'host "node-01" could not be reached: reading container a: sh: 1: docker: not found\nCheck that Docker runs there: systemctl status docker.',
  );
  t.is((await engine.container("a"))?.Id, "x");
});

test("a container is not made from an image that is not there, or not the one that is meant", async (t) => {
  let image: unknown;
  const { engine } = await engineWith(t, (_, response) =>
    image ? json(response, 200, image) : json(response, 404, { message: "No such image: a:1" }),
  );
  const call = {
    call: "create-container",
    name: "a",
    options: { Image: "a:1" },
    imageId: "sha256:1",
  } as const;
  await t.throwsAsync(engine.apply("make container a", call), {
    message: 'image "a:1" is not on host "node-01": bring it there with a DockerImage on the same host.',
  });
  image = { Id: "sha256:2" };
  await t.throwsAsync(engine.apply("make container a", call), {
    message:
      'image "a:1" on host "node-01" is sha256:2, and the container is to be made from sha256:1: the reference was moved since. Run: pulumi up --refresh',
  });
});

test("an image's own volume below a data volume would take its data away: no container is made", async (t) => {
  const seen: string[] = [];
  const image = { Id: "sha256:1", Config: { Volumes: { "/var/lib/postgresql/data": {}, "/cache": {} } } };
  const { engine } = await engineWith(t, ({ method, url }, response) => {
    seen.push(`${method} ${url}`);
    json(response, url?.startsWith("/images") ? 200 : 201, image);
  });
  const make = (target: string) => {
    const Mounts = [{ Type: "bind" as const, Source: "/mnt/a/data", Target: target }];
    const options = { Image: "postgres:16", HostConfig: { Mounts } };
    return engine.apply("make container a", { call: "create-container", name: "a", options });
  };
  await t.throwsAsync(make("/var/lib/postgresql"), {
    message: `image "postgres:16" declares a volume of its own at /var/lib/postgresql/data (VOLUME), below /var/lib/postgresql, where a data volume is to be mounted: Docker would put an empty volume of host "node-01" in its place, and what is written to /var/lib/postgresql/data would stay there when the container moves, or is made anew. Nothing was changed.
Mount the data volume at /var/lib/postgresql/data.`,
  });
  const call = { call: "check-image", image: "postgres:16", targets: ["/var/lib/postgresql"] } as const;
  await t.throwsAsync(engine.apply("check", call), { message: /^image "postgres:16" declares a volume/ });
  t.false(seen.some((line) => line.startsWith("POST")));
  for (const target of [
    "/var/lib/postgresql/data",
    "/var/lib/postgresql/data/pgdata",
    "/var/lib/postgres",
    "/cach",
  ])
    await t.notThrowsAsync(make(target), target);
  // Both are mounted; and the Engine reads a path without the slash at its end.
  const targets = ["/var/lib/postgresql", "/var/lib/postgresql/data"];
  await t.notThrowsAsync(engine.apply("check", { ...call, targets }));
  image.Config.Volumes = { "/data/": {}, "/var//log/": {} } as never;
  await t.notThrowsAsync(make("/data"));
  await t.throwsAsync(make("/var"), { message: /at \/var\/log \(VOLUME\), below \/var,/ });
});

test("no value of the environment is in an error of the Engine", async (t) => {
  const { engine } = await engineWith(t, ({ url }, response) =>
    url?.startsWith("/images")
      ? json(response, 200, { Id: "sha256:1" })
      : json(response, 400, { message: "bad: PASSWORD=hunter22" }),
  );
  const options = { Image: "a:1", Env: ["PASSWORD=hunter22"] };
  const error = await t.throwsAsync(
    engine.apply("make container a", { call: "create-container", name: "a", options }),
  );
  t.regex(error?.message ?? "", /bad: PASSWORD=\(a secret\)$/);
});

test("a container that ends has its last log lines in the error, without the secrets", async (t) => {
  const line = Buffer.from("login with hunter22 failed\n");
  const frame = Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, line.length]), line]);
  const { engine } = await engineWith(t, ({ url }, response) => {
    if (url?.includes("/logs")) response.end(frame);
    else json(response, 200, { Id: "4f1e", Name: "/a", State: { Status: "exited", ExitCode: 1, Error: "" } });
  });
  await t.throwsAsync(
    engine.apply("wait", { call: "wait-ready", name: "a", timeoutMs: 1000, secrets: ["hunter22"] }),
    {
      message: `container "a" on host "node-01" is not ready: its state is exited with exit code 1
Its last log lines:
login with (a secret) failed
Look at it with: docker logs a; systemctl status mooring-container-a`,
    },
  );
});

test("a pull that fails after it began is an error, and its channel is its own", async (t) => {
  const { engine, channels } = await engineWith(t, ({ url }, response) => {
    if (!url?.startsWith("/images/create")) return json(response, 200, { Id: "x" });
    response.write(`${JSON.stringify({ status: "Pulling" })}\n`);
    response.end(`${JSON.stringify({ error: "no space left on device" })}\n`);
  });
  await engine.container("a");
  await t.throwsAsync(engine.apply("pull a:1", { call: "pull", image: "a:1" }), {
    message: 'pull a:1 on host "node-01": Docker answered 500: no space left on device',
  });
  t.is(channels.length, 2);
  t.true(channels[1]?.destroyed);
});

test("credentials go in a header, with the registry that they are for", async (t) => {
  let seen: unknown;
  const { engine } = await engineWith(t, ({ url, headers }, response) => {
    seen = { url, auth: JSON.parse(Buffer.from(String(headers["x-registry-auth"]), "base64url").toString()) };
    response.end(`${JSON.stringify({ status: "done" })}\n`);
  });
  const auth = { username: "u", password: "p" };
  await engine.apply("pull", { call: "pull", image: "registry.example.org:5000/team/app:1", auth });
  t.deepEqual(seen, {
    url: "/images/create?fromImage=registry.example.org%3A5000%2Fteam%2Fapp&tag=1",
    auth: { serveraddress: "registry.example.org:5000", username: "u", password: "p" },
  });
});

test("a container that runs is stopped with its grace before it is removed, and its anonymous volumes stay", async (t) => {
  const seen: string[] = [];
  const { engine } = await engineWith(t, ({ method, url }, response) => {
    seen.push(`${method} ${url}`);
    if (method === "GET") return json(response, 200, { Id: "4f1e", Name: "/a", State: { Running: true } });
    response.writeHead(204);
    response.end();
  });
  await engine.apply("remove", { call: "remove-container", name: "a", graceSeconds: 30 });
  t.deepEqual(seen, [
    "GET /containers/a/json",
    "POST /containers/4f1e/stop?t=30",
    "DELETE /containers/4f1e?force=true",
  ]);
});

test("an Engine that does not answer is given up after the time of one request, for all who wait", async (t) => {
  let hangs = true;
  const { engine, channels } = await engineWith(t, (_, response) => {
    if (!hangs) json(response, 200, { Id: "x", Name: "/a" });
  });
  const hasty = engine.within({ ...DEFAULT_LIMITS, readMs: 1000 });
  const started = Date.now();
  const outcomes = await Promise.allSettled(["a", "b", "c", "d", "e"].map((name) => hasty.container(name)));
  // One after another it would be five seconds.
  t.true(Date.now() - started < 4000);
  for (const outcome of outcomes) t.true(outcome.status === "rejected" && outcome.reason instanceof TimedOut);
  const [first] = outcomes;
  t.is(
    first?.status === "rejected" && first.reason.message,
    `reading container a (through its Docker Engine) on host "node-01" was given up: no answer within 1 s
The host is slow, or something hangs there; nothing was assumed about what is on it. timeouts.read of the resource gives it longer.`,
  );
  hangs = false;
  t.is((await engine.container("a"))?.Id, "x");
  t.is(channels.length, 2);
});

test("a change and a stop that hang are given up, each after its time", async (t) => {
  const { engine } = await engineWith(t, ({ method }, response) => {
    if (method === "GET") json(response, 200, { Id: "4f1e", Name: "/a", State: { Running: true } });
  });
  const hasty = engine.within({ ...DEFAULT_LIMITS, stepsMs: 200 });
  const stop = { call: "remove-container", name: "a", graceSeconds: 1 } as const;
  await t.throwsAsync(hasty.apply("remove container a", stop), {
    instanceOf: TimedOut,
    message: /^remove container a .* no answer within 1\.2 s\n.*timeouts\.steps/,
  });
  await t.throwsAsync(hasty.apply("remove image a", { call: "remove-image", image: "a" }), {
    instanceOf: TimedOut,
    message: /^remove image a .* no answer within 0\.2 s\n/,
  });
});

test("a pull may take long, as long as it says how far it is", async (t) => {
  let silent = false;
  const { engine } = await engineWith(t, (_, response) => {
    let sent = 0;
    const sending = setInterval(() => {
      response.write(`${JSON.stringify({ status: "Downloading" })}\n`);
      if (++sent < 5) return;
      clearInterval(sending);
      if (!silent) response.end(`${JSON.stringify({ status: "done" })}\n`);
    }, 450);
  });
  const hasty = engine.within({ ...DEFAULT_LIMITS, stepsMs: 2000 });
  await t.notThrowsAsync(hasty.apply("pull a:1", { call: "pull", image: "a:1" }));
  silent = true;
  await t.throwsAsync(hasty.apply("pull a:1", { call: "pull", image: "a:1" }), { instanceOf: TimedOut });
});

test("a Docker daemon that is down is said to be, in docker's own words", async (t) => {
  const { engine, channels } = await engineWith(t, () => {
    const said = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.";
    (channels.at(-1) as unknown as { stderr: PassThrough }).stderr.write(said);
    setTimeout(() => channels.at(-1)?.destroy(), 20);
  });
  await t.throwsAsync(engine.image("a:1"), {
    message:
      'host "node-01" could not be reached: reading image a:1: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\nCheck that Docker runs there: systemctl status docker.',
  });
});

test("what was given up while its channel opened is not asked after all", async (t) => {
  const seen: string[] = [];
  const answer: Answer = ({ method, url }, response) => {
    seen.push(`${method} ${url}`);
    json(response, 200, {});
  };
  const { engine, channels } = await engineWith(t, answer, 600);
  const hasty = engine.within({ ...DEFAULT_LIMITS, stepsMs: 100 });
  const late = { instanceOf: TimedOut };
  await t.throwsAsync(hasty.apply("remove image a", { call: "remove-image", image: "a" }), late);
  await t.throwsAsync(hasty.apply("pull a:1", { call: "pull", image: "a:1" }), late);
  while (channels.length < 2) await sleep(50);
  await sleep(300);
  t.deepEqual(seen, []);
});
