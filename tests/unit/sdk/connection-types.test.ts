import type { types } from "@pulumi/command";
import test from "ava";
import type { ConnectionArgs, EndpointArgs } from "../../../sdk/index.js";

type Theirs = types.input.remote.ConnectionArgs;
type TheirProxy = types.input.remote.ProxyConnectionArgs;

// Each fails to compile when a value of theirs is none of ours, or when theirs has a property that we do not know.
const connection: (theirs: Theirs) => ConnectionArgs = (theirs) => theirs;
const bastion: (theirs: TheirProxy) => EndpointArgs = (theirs) => theirs;
const unknown: (
  name: Exclude<keyof Theirs, keyof ConnectionArgs> | Exclude<keyof TheirProxy, keyof EndpointArgs>,
) => never = (name) => name;

test("a connection of @pulumi/command is one of ours: the compiler checks it", (t) => {
  const theirs: Theirs = {
    host: "10.0.0.1",
    port: 22,
    user: "root",
    password: Promise.resolve("one"),
    privateKey: "two",
    privateKeyPassword: "three",
    agentSocketPath: "/run/agent",
    hostKey: "ssh-ed25519 AAAA",
    dialErrorLimit: 10,
    perDialTimeout: 15,
    proxy: { host: "10.0.0.9", user: "jump" },
  };
  t.is(connection(theirs), theirs);
  t.is(bastion(theirs), theirs);
  t.is(unknown.length, 1);
});
