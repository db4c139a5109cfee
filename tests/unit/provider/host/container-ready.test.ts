import test from "ava";
import { type ContainerState, whyNotReady } from "../../../../provider/host/container-ready.js";

const running: ContainerState = {
  Status: "running",
  Running: true,
  ExitCode: 0,
  Error: "",
  StartedAt: "2026-01-01T00:00:00Z",
};
const exited: ContainerState = { ...running, Status: "exited", Running: false, ExitCode: 3 };

/** Shows one state after another, and then the last again and again. */
function showing(...states: (ContainerState | undefined)[]): () => Promise<ContainerState | undefined> {
  return async () => (states.length > 1 ? states.shift() : states[0]);
}

function withHealth(Status: string, ...outputs: string[]): ContainerState {
  return { ...running, Health: { Status, Log: outputs.map((Output) => ({ Output })) } };
}

test("a container without a health check is ready when it has run for a second", async (t) => {
  const start = Date.now();
  t.is(await whyNotReady(showing({ ...running, Status: "created" }, running), 5000), undefined);
  t.true(Date.now() - start >= 1000);
});

test("one that ends within that second is not", async (t) => {
  t.is(await whyNotReady(showing(running, exited), 5000), "its state is exited with exit code 3");
});

test("one that was started again in between has to run for the second anew", async (t) => {
  const again = { ...running, StartedAt: "2026-01-01T00:00:09Z" };
  const start = Date.now();
  t.is(await whyNotReady(showing(running, running, again), 5000), undefined);
  t.true(Date.now() - start >= 1600);
});

test("a container with a health check is ready when it is healthy, at once", async (t) => {
  t.is(await whyNotReady(showing(withHealth("healthy"), exited), 5000), undefined);
});

test("an unhealthy container is not ready, and its last check's words say why", async (t) => {
  t.is(
    await whyNotReady(showing(withHealth("starting"), withHealth("unhealthy", "first", "refused\n")), 5000),
    "its health check says unhealthy: refused",
  );
});

test("one that is neither healthy nor unhealthy is not ready when its time is over", async (t) => {
  t.is(
    await whyNotReady(showing(withHealth("starting")), 400),
    "after 0.4 s (waitTimeout) its health check says starting",
  );
});

test("while its health check has no answer it is looked at once a second: each look is work for Docker, too", async (t) => {
  let looks = 0;
  const look = async () => {
    looks++;
    return withHealth("starting");
  };
  await whyNotReady(look, 2500);
  t.true(looks <= 4, `${looks} looks`);
});

test("one that could not be started has Docker's error", async (t) => {
  const failed = { ...exited, ExitCode: 127, Error: 'exec: "x": not found' };
  t.is(
    await whyNotReady(showing(failed), 5000),
    'its state is exited with exit code 127: exec: "x": not found',
  );
});

test("one that is removed meanwhile is gone", async (t) => {
  t.is(await whyNotReady(showing(running, undefined), 5000), "it is gone");
});
