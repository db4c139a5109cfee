import test from "ava";
import { imageInManifest, readArchive } from "../../../../provider/facts/image-archive.js";
import { localHost } from "../../local-host.js";

const HEX = "82a9753d417f4bd65cd8def909ce6a722dda6ab1bc06b52d66f8bd8c67d2ceb0";
const older = JSON.stringify([{ Config: `${HEX}.json`, RepoTags: ["mooring-lab/tiny:1"], Layers: [] }]);
const newer = JSON.stringify([
  { Config: "blobs/sha256/00", RepoTags: null, Layers: [] },
  { Config: `blobs/sha256/${HEX}`, RepoTags: ["a:1", "b:2"], Layers: [] },
]);

test("an archive's image is found by its reference, in the older and the newer form", (t) => {
  t.deepEqual(imageInManifest(older, "/a.tar", "mooring-lab/tiny:1"), { id: `sha256:${HEX}` });
  t.deepEqual(imageInManifest(newer, "/a.tar", "b:2"), { id: `sha256:${HEX}` });
});

test("an archive without the reference says what it holds", (t) => {
  t.deepEqual(imageInManifest(newer, "/a.tar", "c:1"), {
    problem: "/a.tar holds no image c:1; it holds a:1, b:2",
  });
  t.deepEqual(imageInManifest("[]", "/a.tar", "c:1"), {
    problem: "/a.tar holds no image c:1; it holds none with a name",
  });
});

test("what is no archive of images is said to be none", (t) => {
  for (const text of ["", "not json", '{"a":1}', '[{"Config":1}]'])
    t.deepEqual(imageInManifest(text, "/a.tar", "c:1"), {
      problem: "/a.tar is not an archive in the format of docker save",
    });
});

test("an archive that can't be read is a problem in tar's words; whose host it is on, says who needs it", async (t) => {
  const { host, directory } = localHost(t, "node-01");
  const archive = `${directory}/not there.tar`;
  t.deepEqual(await readArchive(host, archive, "c:1"), {
    problem: `${archive}: tar: ${archive}: Cannot open: No such file or directory`,
  });
});
