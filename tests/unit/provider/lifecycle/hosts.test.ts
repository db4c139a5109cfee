import test from "ava";
import { Refused } from "../../../../provider/host/errors.js";
import { Hosts, parseConfiguredHosts } from "../../../../provider/lifecycle/hosts.js";

const connection = (host: string) => ({ host });

test("the configuration wins over the program, and the program over what a state recorded", (t) => {
  const hosts = new Hosts();
  const state = { name: "a", connection: connection("10.0.0.1"), address: "10.1.0.1" };
  t.deepEqual(hosts.resolve(state), state);
  hosts.note({ name: "a", connection: connection("10.0.0.2"), address: "10.1.0.2", install: true });
  t.deepEqual(hosts.resolve(state), {
    name: "a",
    connection: connection("10.0.0.2"),
    address: "10.1.0.2",
    install: true,
  });
  hosts.configure('{"a":{"connection":{"host":"10.0.0.3"},"install":false},"b":{"address":"10.1.0.9"}}');
  t.deepEqual(hosts.resolve(state), {
    name: "a",
    connection: connection("10.0.0.3"),
    address: "10.1.0.2",
    install: false,
  });
  t.deepEqual(hosts.resolve({ name: "b" }), { name: "b", address: "10.1.0.9" });
});

test("a name alone says nothing of how a host is reached, and changes nothing", (t) => {
  const hosts = new Hosts();
  hosts.note({ name: "a", connection: connection("10.0.0.2") });
  hosts.note({ name: "a" });
  t.deepEqual(hosts.resolve({ name: "a" }).connection, connection("10.0.0.2"));
  hosts.configure(undefined);
  t.deepEqual(hosts.resolve({ name: "c" }), { name: "c" });
});

test("one host is one object for all who reach it, and another one once it is reached differently", (t) => {
  const hosts = new Hosts();
  const state = { name: "a", connection: connection("10.0.0.1") };
  const first = hosts.reach(state);
  t.is(hosts.reach({ ...state }), first);
  t.not(hosts.reach({ name: "b" }), first);
  hosts.note({ name: "a", connection: connection("10.0.0.2") });
  const second = hosts.reach(state);
  t.not(second, first);
  t.deepEqual(second.ref.connection, connection("10.0.0.2"));
  t.is(hosts.reach({ name: "a" }), second);
});

test("a configuration that is wrong is an error that names the place, and no secret", (t) => {
  const whole =
    "configuration mooring:hosts is not an object of hosts; set it with: pulumi config set --path 'mooring:hosts[\"NAME\"].connection.host' ADDRESS";
  const at = "configuration mooring:hosts";
  const cases: Record<string, string> = {
    hush: whole,
    '"hush"': whole,
    "[]": whole,
    '{"a":3}': `${at}.a: an object (got 3)`,
    '{"a":{"adress":"10.0.0.1"}}': `${at}.a.adress: unknown property "adress"; did you mean "address"?`,
    '{"node-01":{"connection":{"port":22}}}': `${at}["node-01"].connection.host: is required`,
    '{"node.1":{"connection":{"host":"h","port":"22x"}}}': `${at}["node.1"].connection.port: a port, 1 to 65535 (got "22x")`,
    '{"a":{"connection":{"host":"h","password":5150}}}': `${at}.a.connection.password: a string (got a number)`,
    '{"a":{"connection":"hush"}}': `${at}.a.connection: an object (got a string)`,
  };
  for (const [json, expected] of Object.entries(cases)) {
    const error = t.throws(() => parseConfiguredHosts(json), { instanceOf: Error, message: expected }, json);
    t.notRegex(error.message, /hush|5150/);
  }
});

test("the name is the key, and not a field beside it", (t) => {
  t.throws(() => parseConfiguredHosts('{"a":{"name":"b"}}'), {
    message: /^configuration mooring:hosts\.a\.name: unknown/,
  });
});

test("who is lost is what the program said last, and the configuration wins over it", (t) => {
  const hosts = new Hosts();
  t.false(hosts.isLost({ name: "a" }));
  hosts.noteLost([{ name: "a", lost: true, fence: "force" }]);
  t.true(hosts.isLost({ name: "a" }));
  t.is(hosts.resolve({ name: "a" }).fence, "force");
  t.false(hosts.isLost({ name: "b" }));
  hosts.noteLost([{ name: "b", lost: true }]);
  t.false(hosts.isLost({ name: "a" }));
  t.true(hosts.isLost({ name: "b" }));
  hosts.configure('{"a":{"lost":true},"b":{"lost":false}}');
  t.true(hosts.isLost({ name: "a" }));
  t.false(hosts.isLost({ name: "b" }));
  hosts.noteLost(undefined);
  t.true(hosts.isLost({ name: "a" }));
});

test("a lost host is not reached, and what to do is said", (t) => {
  const hosts = new Hosts();
  hosts.noteLost([{ name: "a", lost: true }]);
  t.throws(() => hosts.reach({ name: "a", connection: connection("10.0.0.1") }), {
    instanceOf: Refused,
    message: `host "a" is lost (its \`lost\` is true): it is not contacted, and nothing can be made, changed or removed there.
Put what is on it elsewhere; or, when the host is back, remove \`lost\`.`,
  });
  hosts.noteLost(undefined);
  t.notThrows(() => hosts.reach({ name: "a", connection: connection("10.0.0.1") }));
});

test("what the state says of a host counts only where the program said nothing", (t) => {
  const hosts = new Hosts();
  const at = (host: string) => ({ name: "a", connection: { host } });
  const known = () => hosts.resolve({ name: "a" }).connection?.host;
  hosts.noteOfState(at("10.0.0.1"), undefined);
  t.is(known(), "10.0.0.1");
  hosts.note(undefined, at("10.0.0.2"));
  hosts.noteOfState(at("10.0.0.3"));
  t.is(known(), "10.0.0.2");
});
