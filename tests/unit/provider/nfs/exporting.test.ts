import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { apply } from "../../../../provider/host/apply.js";
import { CommandFailed } from "../../../../provider/host/errors.js";
import { sh } from "../../../../provider/host/sh.js";
import { run, type Step } from "../../../../provider/host/steps.js";
import { matches, reexport, reexportTo, unexport } from "../../../../provider/nfs/exporting.js";
import { localHost } from "../../local-host.js";

const OPTIONS = { lock: "nfs-a", who: "the test" };

const CLIENT = { address: "10.77.0.12", options: ["rw"] };

test("a file that another resource removes at that moment is no error", async (t) => {
  const { host, directory } = localHost(t, "storage");
  const once = join(directory, "once");
  const vanished = run(
    "play",
    sh`exportfs() { [ -e ${once} ] || { : > ${once}; echo "exportfs: can't open /etc/exports.d/mooring-b.exports for reading" >&2; return 1; }; }`,
  );
  await t.notThrowsAsync(apply(host, () => host, [vanished, unexport("/srv/a")], OPTIONS));
});

/** As nfs-utils 2.6 says it; whom it lists was seen, too. */
const COMPLAINTS: readonly [said: string, code: string, own: Step][] = [
  [
    "exportfs: Failed to stat /srv/gone: No such file or directory",
    "1",
    reexportTo("/srv/gone", "10.77.0.12"),
  ],
  ["exportfs: /proc does not support NFS export", "1", reexportTo("/proc", "10.77.0.12")],
  [
    "exportfs: Failed to resolve node-x",
    "0",
    reexport("/srv/named", [CLIENT, { address: "node-x", options: [] }]),
  ],
  ['exportfs: /etc/exports.d/x.exports:1: unknown keyword "bogus"', "1", reexport("/srv/bogus", [CLIENT])],
];

for (const [said, code, own] of COMPLAINTS)
  test(`what exportfs says of another's export stops nobody: ${said}`, async (t) => {
    const { host } = localHost(t, "storage");
    const listing = `/srv/a  10.77.0.12(rw,sync)
/srv/gone  10.77.0.12(rw,sync)
/proc  10.77.0.12(rw,sync)
/srv/named  10.77.0.12(rw,sync)
`;
    const play = run(
      "play",
      sh`exportfs() { if [ "$1" = -s ]; then printf '%s' ${listing}; else echo ${said} >&2; return ${code}; fi; }`,
    );
    const doing = (step: Step) => apply(host, () => host, [play, step], OPTIONS);
    await t.notThrowsAsync(doing(reexportTo("/srv/a", "10.77.0.12")));
    await t.notThrowsAsync(doing(reexport("/srv/a", [CLIENT])));
    await t.notThrowsAsync(doing(unexport("/srv/gon")));
    await t.notThrowsAsync(doing(unexport("/gone")));
    await t.notThrowsAsync(doing(reexport("/srv/a", [CLIENT, { address: "node-xy", options: [] }])));
    const error = await t.throwsAsync(doing(own), { instanceOf: CommandFailed });
    t.true(error?.message.includes(said), error?.message);
  });

test("a name or a path ends where another's goes on", async (t) => {
  const { host } = localHost(t, "storage");
  const said = `exportfs: Failed to stat /srv/a.b: No such file or directory
exportfs: Failed to resolve node1.example`;
  const play = run(
    "play",
    sh`exportfs() { if [ "$1" = -s ]; then echo '/srv/a  10.77.0.12(rw)'; else echo ${said} >&2; return 1; fi; }`,
  );
  const named = [CLIENT, { address: "node1", options: [] }];
  await t.notThrowsAsync(apply(host, () => host, [play, reexport("/srv/a", named)], OPTIONS));
});

test("a warning about an export of ours is no error, also beside another's error", async (t) => {
  const { host } = localHost(t, "storage");
  const said = `exportfs: /etc/exports.d/mooring-a.exports [3]: Neither 'subtree_check' or 'no_subtree_check' specified for export "10.77.0.12:/srv/a".
exportfs: Failed to stat /srv/gone: No such file or directory`;
  const play = run(
    "play",
    sh`exportfs() { if [ "$1" = -s ]; then echo '/srv/a  10.77.0.12(rw)'; else echo ${said} >&2; return 1; fi; }`,
  );
  await t.notThrowsAsync(apply(host, () => host, [play, reexport("/srv/a", [CLIENT])], OPTIONS));
});

const listedAs = (client: string, ...options: string[]) => ({ path: "/srv/a", client, options });

test("a host's name is listed as the resolver has it", (t) => {
  const named = (...addresses: string[]) =>
    addresses.map((address) => ({ address, options: ["rw", "sync"] }));
  const entry = (client: string) => listedAs(client, "rw", "sync", "secure");
  t.true(matches(named("node-02"), [entry("node-02.lan")]));
  t.true(matches(named("node-02", "www"), [entry("node-02.lan")]), "two names of one host");
  t.true(matches(named("10.77.0.12", "node-02"), [entry("node-02.lan"), entry("10.77.0.12")]));
  t.false(matches(named("node-02"), []), "not resolved");
  t.false(matches(named("node-02"), [entry("node-02.lan"), entry("www.lan")]));
  t.false(matches(named("10.77.0.12"), [entry("node-02.lan")]));
  t.false(matches(named("10.77.0.12", "node-02"), [entry("10.77.0.12")]));
  t.false(matches(named("*.lan"), [entry("node-02.lan")]), "a pattern is listed as it is written");
  t.false(matches(named("node-02"), [listedAs("node-02.lan", "ro", "sync")]));
});

test("what exportfs -s does not print, or in other words, is no difference", (t) => {
  const options = [
    "rw",
    "subtree_check",
    "acl",
    "auth_nlm",
    "secure_locks",
    "anonuid=65534",
    "mp",
    "no_auth_nlm",
  ];
  const found = listedAs(
    "10.77.0.12",
    "sync",
    "wdelay",
    "hide",
    "insecure_locks",
    "mountpoint",
    "rw",
    "secure",
  );
  t.true(matches([{ address: "10.77.0.12", options }], [found]));
  t.false(matches([{ address: "10.77.0.12", options: [...options, "insecure"] }], [found]));
});

test("an export is to whom it should be, and to nobody else; the list is gone through once for all", async (t) => {
  const { host, directory } = localHost(t, "storage");
  const log = join(directory, "log");
  const listing = `/srv/a  10.77.0.12(rw,sync)
/srv/b  fd00:77::/64(rw,sync)
/srv/b  *(ro)
/srv/c  *.lan(rw)
`;
  const play = run("play", sh`exportfs() { echo "$1" >> ${log}; [ "$1" != -s ] || printf '%s' ${listing}; }`);
  const exporting = (...steps: Step[]) => apply(host, () => host, [play, ...steps], OPTIONS);
  await t.notThrowsAsync(exporting(reexportTo("/srv/a", "10.77.0.12")));
  await t.notThrowsAsync(exporting(reexport("/srv/b", [CLIENT])));
  await t.notThrowsAsync(exporting(unexport("/srv/d")));
  const lists = (step: Step, found: string) =>
    t.throwsAsync(exporting(step), {
      instanceOf: CommandFailed,
      message: new RegExp(`exportfs -s lists it for: ${found}\n`),
    });
  await lists(reexportTo("/srv/a", "10.77.0.13"), "10\\.77\\.0\\.12");
  await lists(reexportTo("/srv/b", "fd00:77::/64"), "fd00:77::/64 \\*");
  await lists(reexport("/srv/d", [CLIENT]), "nobody");
  await lists(unexport("/srv/c"), "\\*\\.lan");
  const both = {
    ...reexportTo("/srv/a", "10.77.0.12"),
    of: ["/srv/a", "-", "10.77.0.12", "/srv/c", "-", ""],
  };
  await lists(both, "\\*\\.lan");
  t.is(readFileSync(log, "utf8").match(/-s/g)?.length, 8);
});
