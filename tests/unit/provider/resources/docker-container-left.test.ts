import test from "ava";
import { recordFile, recordText } from "../../../../provider/container/image-records.js";
import type { Host } from "../../../../provider/host/host.js";
import { dockerContainer } from "../../../../provider/resources/docker-container.js";
import { inspected, plain } from "./docker-container-cases.js";

const IMAGE = "urn:dk:image";

/** Which images' records would go with the container, of those that it alone uses. */
async function goesWithIt(records: { owner: string; left?: boolean }[], more: object): Promise<string[]> {
  const container = inspected("plain");
  const image = container.Config.Image;
  const files = new Map(
    records.map((record) => [
      recordFile(image, record.owner),
      recordText({ image, source: "archive", ...record }),
    ]),
  );
  const host = {
    engine: { container: async () => container, usersOf: async () => [plain.name] },
    fact: async ({ name }: { name: string }) => (name === "files of ours" ? files : new Map()),
  } as unknown as Host;
  const observed = await dockerContainer.observe(host, { ...plain, ...more }, () => host);
  return (observed?.leftImage ?? []).map(({ owner }) => owner);
}

test("an image goes with the container when its resource has gone, and not before", async (t) => {
  t.deepEqual(await goesWithIt([{ owner: IMAGE }], { imageOwner: IMAGE }), []);
  t.deepEqual(await goesWithIt([{ owner: IMAGE, left: true }], { imageOwner: IMAGE }), [IMAGE]);
});

test("what a lost host kept takes along the image that came for it, unless another needs that", async (t) => {
  const abandoned = { imageOwner: IMAGE, abandoned: true };
  t.deepEqual(await goesWithIt([{ owner: IMAGE }], abandoned), [IMAGE]);
  t.deepEqual(await goesWithIt([{ owner: IMAGE }, { owner: "urn:dk:other" }], abandoned), []);
  t.deepEqual(await goesWithIt([{ owner: "urn:dk:other" }], abandoned), []);
});
