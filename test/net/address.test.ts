import { expect, test } from "bun:test";
import { addressMatcher, isLoopback, parseListenAddress, plainAddress } from "../../src/net/address.ts";

test.each([
  [":8080", { host: "", port: 8080 }],
  ["127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
  ["localhost:65535", { host: "localhost", port: 65_535 }],
  ["[::1]:80", { host: "::1", port: 80 }],
  ["[]:80", { host: "", port: 80 }],
])("%s is an address to listen on", (text, expected) => {
  expect(parseListenAddress(text)).toEqual(expected);
});

test.each([["8080"], [""], ["localhost"], [":"], [":http"], [":65536"], ["::1:80"], ["a:b:80"], [":80 "], [":-1"]])(
  "%j is no address to listen on",
  (text) => {
    expect(() => parseListenAddress(text)).toThrow(`invalid address "${text}": expected host:port`);
  },
);

test.each([
  ["127.0.0.1", true],
  ["127.255.0.9", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["10.0.0.1", false],
  ["::2", false],
  ["localhost", false],
  ["", false],
  ["127.0.0.1.example", false],
])("%j is loopback: %p", (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

test("an IPv4 address on an IPv6 socket is shown plainly", () => {
  expect(plainAddress("::ffff:192.0.2.1")).toBe("192.0.2.1");
  expect(plainAddress("::ffff:c000:201")).toBe("::ffff:c000:201");
  expect(plainAddress("2001:db8::1")).toBe("2001:db8::1");
});

test.each([
  ["loopback", "127.9.9.9", true],
  ["loopback", "10.0.0.1", false],
  ["private", "172.31.255.255", true],
  ["private", "172.32.0.0", false],
  ["private", "fd00::1", true],
  ["loopback, private", "192.168.1.1", true],
  ["192.0.2.0/24", "192.0.2.255", true],
  ["192.0.2.0/24", "192.0.3.0", false],
  ["192.0.2.7", "192.0.2.7", true],
  ["192.0.2.7", "::ffff:192.0.2.7", true],
  ["2001:db8::/32", "2001:db8:1::5", true],
  ["0.0.0.0/0", "8.8.8.8", true],
  ["", "127.0.0.1", false],
  ["loopback", "not an address", false],
  ["loopback", "", false],
])("the ranges %j hold %j: %p", (ranges, address, expected) => {
  expect(addressMatcher(ranges)(address)).toBe(expected);
});

test("ranges may come as a list", () => {
  expect(addressMatcher(["192.0.2.1", "loopback"])("127.0.0.1")).toBe(true);
});

test.each([
  ["10.0.0.0/"],
  ["10.0.0.0/33"],
  ["::/129"],
  ["10.0.0.0/8/8"],
  ["10.0.0.0/-1"],
  ["host"],
  ["constructor"],
  ["__proto__"],
])("the range %j is refused", (range) => {
  expect(() => addressMatcher(range)).toThrow(`"${range}" is not an address, a CIDR block, "loopback" or "private"`);
});
