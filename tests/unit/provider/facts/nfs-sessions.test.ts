import test from "ava";
import { parseNfsSessions } from "../../../../provider/facts/nfs-sessions.js";

test("clients of the NFS server, by address and by how long ago they were heard of", (t) => {
  const said = `clientid: 0x5f3c
address: "10.77.0.12:790"
status: confirmed
seconds from last renew: 12
clientid: 0x5f3d
address: "[fd00::13]:801"
status: confirmed
`;
  t.deepEqual(parseNfsSessions(said), [
    { peer: "10.77.0.12:790", address: "10.77.0.12", silentSeconds: 12, answers: false },
    { peer: "[fd00::13]:801", address: "fd00::13", silentSeconds: undefined, answers: false },
  ]);
  t.deepEqual(parseNfsSessions(""), []);
});
