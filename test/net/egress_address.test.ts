import { expect, test } from "bun:test";
import { addressKind, matcherOf, namesMetadata, parseBlock } from "../../src/net/egress_address.ts";

test.each([
  ["93.184.216.34", "public"],
  ["2606:2800:220:1::1", "public"],
  ["172.15.255.255", "public"],
  ["172.32.0.0", "public"],
  ["64:ff9b::5db8:d822", "public"],
  ["::ffff:93.184.216.34", "public"],
  ["10.1.2.3", "private"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.168.1.1", "private"],
  ["100.64.0.1", "private"],
  ["fd00::1", "private"],
  ["::ffff:10.0.0.1", "private"],
  ["::ffff:a00:1", "private"],
  ["0:0:0:0:0:FFFF:0A00:0001", "private"],
  ["64:ff9b::a00:1", "private"],
  ["64:ff9b::10.0.0.1", "private"],
  ["127.0.0.1", "loopback"],
  ["127.255.255.254", "loopback"],
  ["::1", "loopback"],
  ["::ffff:127.0.0.1", "loopback"],
  ["::ffff:7f00:1", "loopback"],
  ["64:ff9b::7f00:1", "loopback"],
  ["fe80::1", "link-local"],
  ["fe80::1%eth0", "link-local"],
  ["169.254.169.254", "metadata"],
  ["169.254.0.1", "metadata"],
  ["::ffff:169.254.169.254", "metadata"],
  ["64:ff9b::a9fe:a9fe", "metadata"],
  ["fd00:ec2::254", "metadata"],
  ["fd20:ce::254", "metadata"],
  ["100.100.100.200", "metadata"],
  ["168.63.129.16", "metadata"],
  ["0.0.0.0", "reserved"],
  ["::", "reserved"],
  ["::7f00:1", "reserved"],
  ["64:ff9b:1::1", "reserved"],
  ["2002:7f00:1::", "reserved"],
  ["2001::1", "reserved"],
  ["198.18.0.1", "reserved"],
  ["224.0.0.1", "reserved"],
  ["255.255.255.255", "reserved"],
  ["ff02::1", "reserved"],
  ["not an address", "reserved"],
])("the address %s is %s", (address, kind) => {
  expect<string>(addressKind(address)).toBe(kind);
});

test.each([
  ["10.0.0.0/8", { address: "10.0.0.0", bits: 8 }],
  ["10.0.0.1", { address: "10.0.0.1", bits: 32 }],
  ["fd00::/8", { address: "fd00::", bits: 8 }],
  ["::1", { address: "::1", bits: 128 }],
  ["::ffff:10.0.0.0/104", { address: "10.0.0.0", bits: 8 }],
  ["::ffff:10.0.0.1", { address: "10.0.0.1", bits: 32 }],
  ["10.0.0.0/33", undefined],
  ["fd00::/129", undefined],
  ["10.0.0/8", undefined],
  ["10.0.0.0/", undefined],
  ["fe80::1%eth0", undefined],
  ["host", undefined],
])("the block %s is read as %p", (text, block) => {
  expect(parseBlock(text)).toEqual(block);
});

test("an address that wraps another one is in the blocks of that", () => {
  const isIn = matcherOf([
    { address: "10.0.0.0", bits: 8 },
    { address: "fd00::", bits: 8 },
  ]);
  expect(["10.2.3.4", "::ffff:10.2.3.4", "64:ff9b::a02:304", "fd12::1"].filter((address) => !isIn(address))).toEqual(
    [],
  );
  expect(["11.0.0.1", "::ffff:11.0.0.1", "fe80::1", "host"].filter(isIn)).toEqual([]);
});

test.each([
  ["169.254.169.254", true],
  ["169.254.0.0/16", true],
  ["fd00:ec2::254", true],
  ["169.254.0.0/15", false],
  ["0.0.0.0/0", false],
  ["fd00::/8", false],
  ["10.0.0.1", false],
])("that %s can only mean a metadata service is %p", (text, expected) => {
  const block = parseBlock(text);
  expect(block !== undefined && namesMetadata(block)).toBe(expected);
});
