import test from "ava";
import { staleMountsFact } from "../../../../provider/facts/stale-mounts.js";

test("only mounts with a stale handle are told, not those that can't be looked at for another reason", (t) => {
  const said = `
stat: cannot statx '/mnt/mooring/a': Stale file handle

stat: cannot statx '/mnt/mooring/b': Permission denied
stat: cannot stat '/mnt/mooring/c': Stale file handle
`;
  t.deepEqual([...staleMountsFact.parse(said)], ["/mnt/mooring/a", "/mnt/mooring/c"]);
  t.deepEqual([...staleMountsFact.parse("")], []);
});
