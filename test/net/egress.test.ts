import { expect, test } from "bun:test";
import { EgressPolicy, EgressRefused, parseEgressList } from "../../src/net/egress.ts";

const signal = new AbortController().signal;

/** A policy for which every name has these addresses. */
const policy = (addresses: readonly string[], allow: readonly string[] = [], deny: readonly string[] = []) =>
  new EgressPolicy({ allow, deny }, async () => addresses);

const ask = (asked: EgressPolicy, url: string) =>
  asked.addressesOf(new URL(url), signal).then(
    (addresses) => addresses.join(" "),
    (error: Error) => error.message,
  );

test.each([
  ["http://example.test/x", ["93.184.216.34"], "93.184.216.34"],
  ["https://example.test", ["2606:2800:220:1::1", "93.184.216.34"], "2606:2800:220:1::1 93.184.216.34"],
  ["http://93.184.216.34/", [], "93.184.216.34"],
  ["http://[2606:2800:220:1::1]/", [], "2606:2800:220:1::1"],
])("%s with the addresses %p is called there", async (url, addresses, expected) => {
  expect(await ask(policy(addresses), url)).toBe(expected);
});

const loopback =
  "is a loopback address that calls may not reach; `egress: { allow: [loopback] }` allows it here, and " +
  "`-egress-allow loopback` everywhere";

test.each([
  ["http://shop.test/", ["127.0.0.1"], `shop.test resolves to 127.0.0.1, which ${loopback}`],
  ["http://localhost:9000/", ["127.0.0.1"], `localhost resolves to 127.0.0.1, which ${loopback}`],
  ["http://127.0.0.1/", [], `127.0.0.1 ${loopback}`],
  ["http://[::1]/", [], `::1 ${loopback}`],
  ["http://2130706433/", [], `127.0.0.1 ${loopback}`],
  ["http://0x7f.1/", [], `127.0.0.1 ${loopback}`],
  ["http://0177.0.0.1/", [], `127.0.0.1 ${loopback}`],
  ["http://[::ffff:127.0.0.1]/", [], `::ffff:7f00:1 ${loopback}`],
  [
    "http://shop.test/",
    ["10.0.0.1"],
    "shop.test resolves to 10.0.0.1, which is a private address that calls may not reach; " +
      "`egress: { allow: [private] }` allows it here, and `-egress-allow private` everywhere",
  ],
  [
    "http://169.254.169.254/latest",
    [],
    "169.254.169.254 is a metadata address that calls may not reach; " +
      "`egress: { allow: [169.254.169.254] }` allows it here, and `-egress-allow 169.254.169.254` everywhere",
  ],
  [
    "http://shop.test/",
    ["fd00:ec2::254"],
    "shop.test resolves to fd00:ec2::254, which is a metadata address that calls may not reach; " +
      '`egress: { allow: ["fd00:ec2::254"] }` allows it here, and `-egress-allow fd00:ec2::254` everywhere',
  ],
])("%s with the addresses %p is refused, with what allows it", async (url, addresses, message) => {
  expect(await ask(policy(addresses), url)).toBe(message);
});

test.each([
  [["93.184.216.34", "10.0.0.1"], "10.0.0.1"],
  [["10.0.0.1", "93.184.216.34"], "10.0.0.1"],
  [["93.184.216.34", "::ffff:127.0.0.1"], "::ffff:127.0.0.1"],
])("of the addresses %p the forbidden one %s decides", async (addresses, address) => {
  const refused = policy(addresses).addressesOf(new URL("http://shop.test/"), signal);
  await expect(refused).rejects.toMatchObject({ code: "step.egress_refused", host: "shop.test", address });
  await expect(refused).rejects.toBeInstanceOf(EgressRefused);
});

test.each([
  ["private", "10.0.0.1", true],
  ["private", "fd00::1", true],
  ["private", "127.0.0.1", false],
  ["private", "169.254.169.254", false],
  ["private", "fd00:ec2::254", false],
  ["private", "100.100.100.200", false],
  ["private", "0.0.0.0", false],
  ["loopback", "127.0.0.1", true],
  ["loopback", "::1", true],
  ["loopback", "10.0.0.1", false],
  ["10.1.0.0/16", "10.1.2.3", true],
  ["10.1.0.0/16", "::ffff:10.1.2.3", true],
  ["10.1.0.0/16", "10.2.2.3", false],
  ["198.18.0.0/15", "198.18.0.1", true],
  ["0.0.0.0/0", "10.1.2.3", true],
  ["0.0.0.0/0", "169.254.169.254", false],
  ["169.254.169.254", "169.254.169.254", true],
  ["169.254.0.0/16", "169.254.1.1", true],
  ["fd00::/8", "fd00:ec2::254", false],
  ["fd00:ec2::254", "fd00:ec2::254", true],
  ["shop.internal", "10.0.0.1", true],
  ["SHOP.internal.", "10.0.0.1", true],
  ["shop.internal", "127.0.0.1", true],
  ["shop.internal", "169.254.169.254", false],
  ["other.internal", "10.0.0.1", false],
  ["*.internal", "10.0.0.1", true],
  ["*.shop.internal", "10.0.0.1", false],
  ["*.ternal", "10.0.0.1", false],
])("allow: [%s] lets shop.internal be %s: %p", async (rule, address, isAllowed) => {
  const answer = await ask(policy([address], [rule]), "http://shop.internal/");
  expect(answer === address).toBe(isAllowed);
});

test.each([
  ["example.test", [], "example.test is denied by the egress rules"],
  ["*.test", [], "example.test is denied by the egress rules"],
  ["93.184.0.0/16", [], "example.test resolves to 93.184.216.34, which is denied by the egress rules"],
  [
    "93.184.0.0/16",
    ["93.184.216.34", "example.test"],
    "example.test resolves to 93.184.216.34, which is denied by the egress rules",
  ],
  ["other.test", [], "93.184.216.34"],
  ["private", [], "93.184.216.34"],
])("deny: [%s] wins over allow: %p: %s", async (rule, allow, expected) => {
  expect(await ask(policy(["93.184.216.34"], allow, [rule]), "http://example.test/")).toBe(expected);
});

test("denied kinds and wide blocks win over what is allowed by name", async () => {
  const denied = "shop.test resolves to 169.254.169.254, which is denied by the egress rules";
  expect(await ask(policy(["169.254.169.254"], ["169.254.169.254"], ["0.0.0.0/0"]), "http://shop.test")).toBe(denied);
  expect(await ask(policy(["10.0.0.1"], ["10.0.0.1"], ["private"]), "http://shop.test")).toContain("denied");
});

test("more rules are added to those there are", async () => {
  const process = policy(["10.0.0.1"], [], ["10.0.0.2"]);
  expect(process.with({})).toBe(process);
  const wider = process.with({ allow: ["private"] });
  expect(await ask(wider, "http://shop.test")).toBe("10.0.0.1");
  expect(await ask(wider, "http://10.0.0.2")).toContain("denied");
  expect(await ask(process, "http://shop.test")).toContain("may not reach");
  expect(wider.key).not.toBe(process.key);
});

test("each call is checked with the addresses of that moment", async () => {
  const answers = [["93.184.216.34"], ["127.0.0.1"]];
  const rebinding = new EgressPolicy({}, async () => answers.shift() ?? []);
  expect(await ask(rebinding, "http://shop.test")).toBe("93.184.216.34");
  expect(await ask(rebinding, "http://shop.test")).toContain("127.0.0.1");
});

test("a host without addresses, and one that cannot be resolved, say so", async () => {
  expect(await ask(policy([]), "http://gone.test")).toBe("host gone.test has no address");
  const broken = new EgressPolicy({}, () => Promise.reject(new Error("no such name")));
  expect(await ask(broken, "http://gone.test")).toBe("host gone.test cannot be resolved: no such name");
});

test("a name service that does not answer holds nobody longer than the signal", async () => {
  const silent = new EgressPolicy({}, () => new Promise(() => {}));
  const controller = new AbortController();
  const waiting = silent.addressesOf(new URL("http://slow.test"), controller.signal);
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});

test.each([
  "",
  "any",
  "metadata",
  "link-local",
  "*",
  "10.0.0.0/40",
  "10.0.0",
  "http://host",
  "host:80",
  "a b",
  "host/24",
  "*.*.test",
])('the rule "%s" is refused', (rule) => {
  const form = '"private", "loopback", an address, a CIDR block or a host name';
  expect(() => new EgressPolicy({ allow: [rule] })).toThrow(`"${rule}" is not an egress rule: it must be ${form}`);
  expect(() => new EgressPolicy({ deny: [rule] })).toThrow("is not an egress rule");
});

test.each([
  ["", []],
  ["private", ["private"]],
  ["private,loopback, 10.0.0.0/8  *.svc", ["private", "loopback", "10.0.0.0/8", "*.svc"]],
])("the list %p has the rules %p", (text, rules) => {
  expect(parseEgressList(text)).toEqual(rules);
});
