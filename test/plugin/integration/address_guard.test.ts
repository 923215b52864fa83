import { expect, test } from "bun:test";
import { EgressPolicy } from "../../../src/net/egress.ts";
import { connectorEgress, guarded } from "../../../src/plugin/integration/address_guard.ts";

const { signal } = new AbortController();
const text = "SSRF protection: request to private/internal IP address is not allowed: ";

/** Asks for the addresses of a name that has one, with or without the setting. */
const ask = (address: string, allowPrivateIPs: boolean, deny: readonly string[] = []) => {
  const policy = connectorEgress(new EgressPolicy({ deny }, async () => [address]), { allowPrivateIPs });
  return guarded(policy.addressesOf(new URL("http://api.test/"), signal));
};

test.each([
  ["10.0.0.1", "`allowPrivateIPs: true`"],
  ["127.0.0.1", "`allowPrivateIPs: true`"],
  ["::ffff:7f00:1", "`allowPrivateIPs: true`"],
  ["169.254.169.254", "`egress: { allow: [169.254.169.254] }`"],
  ["198.18.0.1", "`egress: { allow: [198.18.0.1] }`"],
])("a host that resolves to %s is refused with the text of connectors and what allows it", async (address, setting) => {
  await expect(ask(address, false)).rejects.toMatchObject({
    code: "step.egress_refused",
    message: `${text}api.test resolves to ${address}`,
    hint: `set ${setting} on the connector to allow it`,
  });
});

test("allowPrivateIPs lets requests reach private and loopback addresses, and no metadata service", async () => {
  expect(await ask("10.0.0.1", true)).toEqual(["10.0.0.1"]);
  expect(await ask("127.0.0.1", true)).toEqual(["127.0.0.1"]);
  await expect(ask("169.254.169.254", true)).rejects.toThrow(`${text}api.test resolves to 169.254.169.254`);
  await expect(ask("fd00:ec2::254", true)).rejects.toThrow(`${text}api.test resolves to fd00:ec2::254`);
});

test("what is denied, and other failures, keep their own words", async () => {
  await expect(ask("93.184.216.34", true, ["api.test"])).rejects.toThrow("api.test is denied by the egress rules");
  await expect(guarded(Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await guarded(Promise.resolve(5))).toBe(5);
});
