import test from "ava";
import { exportsFact } from "../../../../provider/facts/exports.js";
import { fixture } from "../../fixture.js";

const COMMON = ["sync", "wdelay", "hide", "no_subtree_check"];

test("an export is its path, its client and its options", (t) => {
  t.deepEqual(exportsFact.parse(fixture("exports", "one")), [
    {
      path: "/srv/mooring/shared",
      client: "10.77.0.0/24",
      options: [
        ...COMMON,
        "fsid=af51811e-2d49-53f6-8d6e-c61d0595249b",
        "sec=sys",
        "rw",
        "secure",
        "no_root_squash",
        "no_all_squash",
      ],
    },
  ]);
});

test("a path with several clients is several entries; blanks, signs and other characters in a path are kept", (t) => {
  const entries = exportsFact.parse(fixture("exports", "several"));
  t.deepEqual(
    entries.map(({ path, client, options }) => [path, client, options.includes("rw") ? "rw" : "ro"]),
    [
      ["/srv/ut dir", "10.77.0.12", "rw"],
      ["/srv/ut dir", "10.77.0.13", "ro"],
      ["/srv/mooring/shared", "10.77.0.0/24", "rw"],
      ["/srv/ut-ä#b", "fe80::1/64", "ro"],
      ["/srv/ut-ä#b", "@ut-group", "ro"],
      ["/srv/ut-ä#b", "*", "ro"],
    ],
  );
});

test("a server without exports has none", (t) => {
  t.deepEqual(exportsFact.parse(fixture("exports", "none")), []);
});
