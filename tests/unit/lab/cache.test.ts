import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { run } from "../../lab/run.js";

/** A cache of its own, and makers that are real processes and note each making in a log. */
async function scratch(t: ExecutionContext) {
  const home = await mkdtemp(join(tmpdir(), "mooring-cache-"));
  t.teardown(() => rm(home, { recursive: true }));
  const log = join(home, "log");
  await writeFile(log, "");
  const maker = async (body = "", key: unknown = 1) => {
    const script = `
      const { appendFileSync, writeFileSync } = require("node:fs");
      const { cached } = require(${JSON.stringify(require.resolve("../../lab/cache"))});
      cached("thing", ${JSON.stringify(key)}, async (dir) => {
        appendFileSync(${JSON.stringify(log)}, "made\\n");
        writeFileSync(dir + "/first", "1");
        ${body}
        writeFileSync(dir + "/second", "22");
      }).then(console.log);`;
    const env = { ...process.env, XDG_CACHE_HOME: home };
    return (await run(process.execPath, ["-e", script], { env })).trim();
  };
  return {
    maker,
    makings: async () => (await readFile(log, "utf8")).split("\n").length - 1,
    left: async () => (await readdir(join(home, "pulumi-mooring"))).sort(),
  };
}

test("what is whole is made once", async (t) => {
  const { maker, makings, left } = await scratch(t);
  const dir = await maker();
  t.is(await maker(), dir);
  t.is(await makings(), 1);
  t.regex(dir, /thing-[0-9a-f]{12}$/);
  t.deepEqual((await readdir(dir)).sort(), ["first", "manifest.json", "second"]);
  t.is((await left()).length, 1);
});

test("a file cut short makes it anew", async (t) => {
  const { maker, makings } = await scratch(t);
  const dir = await maker();
  await truncate(join(dir, "second"), 1);
  t.is(await maker(), dir);
  t.is(await makings(), 2);
  t.is(await readFile(join(dir, "second"), "utf8"), "22");
});

test("a maker that died leaves neither a half-made directory nor its lock", async (t) => {
  const { maker, makings, left } = await scratch(t);
  await t.throwsAsync(maker(`process.kill(process.pid, "SIGKILL");`), { message: /was ended by SIGKILL/ });
  t.is((await left()).length, 2);
  const dirs = await Promise.all([maker(), maker(), maker(), maker()]);
  t.is(new Set(dirs).size, 1);
  t.is(await makings(), 2);
  t.is((await left()).length, 1);
});

test("a maker that fails leaves nothing, and the next one succeeds", async (t) => {
  const { maker, makings, left } = await scratch(t);
  await t.throwsAsync(maker(`throw new Error("disk full");`), { message: /disk full/ });
  t.deepEqual(await left(), []);
  await maker();
  t.is(await makings(), 2);
});

test("makers at the same time make it once", async (t) => {
  const { maker, makings } = await scratch(t);
  const slow = `await new Promise((done) => setTimeout(done, 300));`;
  const dirs = await Promise.all([maker(slow), maker(slow), maker(slow), maker(slow)]);
  t.is(new Set(dirs).size, 1);
  t.is(await makings(), 1);
});

test("a new key replaces the directory of the old one", async (t) => {
  const { maker, left } = await scratch(t);
  const old = await maker("", "old");
  const current = await maker("", "new");
  t.not(current, old);
  t.deepEqual(await left(), [current.split("/").at(-1)]);
});
