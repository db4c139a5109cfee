import test from "ava";
import { type ImageRecord, recordFile, recordsOf } from "../../../../provider/container/image-records.js";
import { Refused } from "../../../../provider/host/errors.js";
import type { Host } from "../../../../provider/host/host.js";
import { dockerContainer } from "../../../../provider/resources/docker-container.js";
import { dockerImage, type ObservedDockerImage } from "../../../../provider/resources/docker-image.js";
import { inputsOf, text, titles } from "../plans.js";
import { WRITE } from "../scripts.js";
import { inspected, plain } from "./docker-container-cases.js";

const ID = `sha256:${"1".repeat(64)}`;
const OTHER = `sha256:${"2".repeat(64)}`;
const DIGEST = `sha256:${"d".repeat(64)}`;
const FILE = "/var/lib/mooring/images/mariadb_11-e8c68299593a.json";

const pulled = inputsOf(dockerImage, { host: { name: "node-01" }, image: "docker.io/library/mariadb:11" });
const loaded = inputsOf(dockerImage, {
  host: { name: "node-01" },
  image: "mariadb:11",
  archive: "/srv/m.tar",
});

const image = { Id: ID, RepoDigests: [`other@${OTHER}`, `mariadb@${DIGEST}`] };
const record: ImageRecord = { image: "mariadb:11", owner: "urn:x", source: "pull" };
const others: ImageRecord = { ...record, owner: "urn:other" };
const there: ObservedDockerImage = { image, users: [], records: [record], archived: undefined };
const archived = { ...there, image: { Id: ID, RepoDigests: [] }, archived: { id: ID } };

const plan = (
  wanted: typeof pulled | undefined,
  observed?: ObservedDockerImage,
  identity = wanted ?? pulled,
) => dockerImage.plan(wanted, observed, identity);

test("an image that is not there is pulled, after the record that says who brought it", (t) => {
  t.is(
    text(plan(pulled)),
    `## write ${FILE}
set -- '${FILE}' '0133' '' '{"image":"mariadb:11","owner":"urn:x","source":"pull"}
'
${WRITE}
## pull mariadb:11
{"call":"pull","image":"mariadb:11"}
`,
  );
});

test("credentials are in the call alone, which is marked as secret", (t) => {
  const steps = plan({ ...pulled, registryAuth: { username: "u", password: "hunter22" } });
  t.deepEqual(
    steps.map((step) => [step.secret ?? false, text([step]).includes("hunter22")]),
    [
      [false, false],
      [true, true],
    ],
  );
});

test("an archive is loaded after the record that says who brought it; then that notes what the Engine calls the image", (t) => {
  const begun = `{"image":"mariadb:11","owner":"urn:x","source":"archive","archiveId":"${ID}"`;
  t.is(
    text(plan(loaded, { image: undefined, users: [], records: [], archived: { id: ID } })),
    `## write ${FILE}
set -- '${FILE}' '0133' '' '${begun},"fresh":true}
'
${WRITE}
## load mariadb:11 from /srv/m.tar
docker load -q -i '/srv/m.tar'
id=$(docker image inspect -f '{{.Id}}' 'mariadb:11')
printf '%s,"imageId":"%s"}\\n' '${begun}' "$id" > '${FILE}.mooring-new'
mv -f '${FILE}.mooring-new' '${FILE}'
`,
  );
});

test("a load that was cut off is known by its record: the image goes if it came, and what was there before stays", (t) => {
  const begun: ImageRecord = { ...record, source: "archive", archiveId: ID };
  const came = { ...archived, records: [begun] };
  t.deepEqual(plan(loaded, came), []);
  t.deepEqual(titles(plan(undefined, came, loaded)), ["remove image mariadb:11", `remove ${FILE}`]);
  const before = { ...came, image: { Id: OTHER, RepoDigests: [] } };
  // An Engine may call the image otherwise than the archive does.
  const fresh = { ...before, records: [{ ...begun, fresh: true }] };
  t.is(titles(plan(undefined, fresh, loaded))[0], "remove image mariadb:11");
  t.deepEqual(titles(plan(loaded, before)), [`write ${FILE}`, "load mariadb:11 from /srv/m.tar"]);
  t.deepEqual(titles(plan(undefined, before, loaded)), [`remove ${FILE}`]);
});

test("an archive that can't be read is an error when it is needed, and none when the image is there", (t) => {
  const problem = { problem: "/srv/m.tar: tar: /srv/m.tar: Cannot open: No such file or directory" };
  t.throws(() => plan(loaded, { image: undefined, users: [], records: [], archived: problem }), {
    instanceOf: Refused,
    message:
      'image mariadb:11 on host "node-01": /srv/m.tar: tar: /srv/m.tar: Cannot open: No such file or directory. Nothing was changed.',
  });
  t.deepEqual(plan(loaded, { ...archived, archived: problem }), []);
});

test("an image that is there has nothing to be done, whoever brought it", (t) => {
  t.deepEqual(plan(pulled, there), []);
  t.deepEqual(plan(pulled, { ...there, records: [] }), []);
  t.deepEqual(plan(loaded, archived), []);
});

test("one that another resource brought gets a record for this one too, and so does one that was left", (t) => {
  for (const records of [[others], [{ ...record, left: true }]]) {
    const steps = plan(pulled, { ...there, records });
    t.deepEqual(titles(steps), [`write ${FILE}`]);
    t.true(text(steps).includes(`'{"image":"mariadb:11","owner":"urn:x","source":"pull"}\n'`));
  }
});

test("a tag that names another image than the archive's is put right; so is one that was pulled and is not any more", (t) => {
  t.deepEqual(titles(plan(loaded, { ...archived, image: { Id: OTHER, RepoDigests: [] } })), [
    `write ${FILE}`,
    "load mariadb:11 from /srv/m.tar",
  ]);
  const retagged = { ...there, image: { Id: OTHER, RepoDigests: [] } };
  t.deepEqual(titles(plan(pulled, retagged)), [`write ${FILE}`, "pull mariadb:11"]);
  t.is(dockerImage.drift(pulled, retagged).status, "another image has its name");
});

test("an Engine that names images otherwise than archives do is taken at its word from the load", (t) => {
  const noted: ImageRecord = { ...record, source: "archive", archiveId: ID, imageId: OTHER };
  const observed = { ...archived, image: { Id: OTHER, RepoDigests: [] }, records: [noted] };
  t.deepEqual(plan(loaded, observed), []);
  t.not(plan(loaded, { ...observed, archived: { id: `sha256:${"3".repeat(64)}` } }).length, 0);
});

test("to be gone: the image that we brought, then its records", (t) => {
  t.is(
    text(plan(undefined, there)),
    `## remove image mariadb:11
{"call":"remove-image","image":"mariadb:11"}
## remove ${FILE}
rm -f '${FILE}'
for d in '/var/lib/mooring/images' '/var/lib/mooring'; do rmdir --ignore-fail-on-non-empty "$d" 2>/dev/null || [ ! -d "$d" ] || mountpoint -q "$d"; done
`,
  );
});

test("an image that was there before us, that others need, or that is to be kept, stays", (t) => {
  t.deepEqual(plan(undefined, undefined), []);
  t.deepEqual(plan(undefined, { ...there, records: [] }), []);
  t.deepEqual(plan(undefined, { ...there, records: [others] }), []);
  const shared = plan(undefined, {
    ...there,
    records: [record, others, { ...others, owner: "urn:3", left: true }],
  });
  t.deepEqual(titles(shared), ["check that others still need image mariadb:11", `remove ${FILE}`]);
  t.deepEqual(
    shared.map(({ compares }) => compares ?? false),
    [true, false],
    "of two that go at once, the second looks again",
  );
  t.is(
    text(shared.slice(0, 1)),
    `## check that others still need image mariadb:11
needed=
for f in '${recordFile("mariadb:11", "urn:other")}'; do [ ! -e "$f" ] || needed=1; done
[ -n "$needed" ] || { echo "those that needed image mariadb:11 went meanwhile" >&2; exit 1; }
`,
  );
  t.deepEqual(titles(plan(undefined, there, { ...pulled, keepOnDelete: true })), [`remove ${FILE}`]);
});

test("an image that a container uses is left to the one who removes that container", (t) => {
  const used = { ...there, users: ["shop"] };
  t.true(text(plan(undefined, used)).includes('"source":"pull","left":true}'));
  t.deepEqual(plan(undefined, { ...used, records: [{ ...record, left: true }] }), []);
});

test("an image that is gone already leaves its record to be removed", (t) => {
  t.deepEqual(titles(plan(undefined, { ...there, image: undefined })), [`remove ${FILE}`]);
});

test("the outputs are the Engine's id and the registry's digest", (t) => {
  t.deepEqual(dockerImage.outputs?.(pulled, there), { imageId: ID, digest: DIGEST });
  t.deepEqual(dockerImage.outputs?.(loaded, archived), { imageId: ID, digest: undefined });
});

test("an image that was removed is absent", (t) => {
  t.is(dockerImage.drift(pulled, { ...there, image: undefined }).status, "absent");
  t.deepEqual(dockerImage.drift(pulled, there), pulled);
});

test("a record that is damaged is an error with its host, whichever image it was of; nothing is guessed", async (t) => {
  for (const content of [
    "",
    "{",
    "null",
    '{"image":"mariadb:11"}',
    JSON.stringify({ ...record, source: "air" }),
  ]) {
    const files = new Map([
      ["/var/lib/mooring/volumes/a.json", "no record of an image\n"],
      [FILE, `${content}\n`],
    ]);
    const message = `${FILE} on host "node-01" is not a record of an image: put back what it was, or remove it. Nothing was changed.`;
    for (const image of ["mariadb:11", "tiny:1"])
      t.throws(() => recordsOf(files, image, "node-01"), { instanceOf: Refused, message }, content);
    const host = {
      name: "node-01",
      fact: async () => files,
      engine: { image: async () => undefined, container: async () => inspected("plain") },
    } as unknown as Host;
    await t.throwsAsync(
      dockerImage.observe(host, pulled, () => host),
      { instanceOf: Refused, message },
    );
    await t.throwsAsync(
      dockerContainer.observe(host, plain, () => host),
      { instanceOf: Refused, message },
    );
  }
});
