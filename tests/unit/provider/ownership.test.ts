import test from "ava";
import { header, ownerIn } from "../../../provider/ownership.js";

const URN = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/mooring:NfsExport::";

test("who owns a file of ours is read as it was written, blanks and all", (t) => {
  for (const name of ["shop", "My shop", " my  shop ", "Läden #1 (alt)", "a\\b", "# Owner: me"]) {
    const owner = `${URN}${name}`;
    t.is(ownerIn(`${header(owner)}/srv/shop 10.77.0.0/24(rw)\n`), owner);
    t.is(ownerIn(`#!/bin/sh\n${header(owner)}set -eu\n`), owner);
  }
});

test("a file without an owner's line is nobody's", (t) => {
  for (const text of ["", "[Unit]\n", "# Owner: \n", "# Owners: a\n", `Description=# Owner: ${URN}a\n`])
    t.is(ownerIn(text), undefined, text);
});
