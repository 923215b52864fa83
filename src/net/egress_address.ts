import { BlockList, isIP, isIPv6 } from "node:net";
import { WorkflowError } from "../error/error.ts";

/** What an address is, as far as calls to it are concerned. */
export type AddressKind = "public" | "private" | "loopback" | "link-local" | "metadata" | "reserved";

/** Kinds that a rule may name as a whole. */
export const namedKinds = ["private", "loopback"] as const;

/**
 * Where machines of clouds find credentials and the host's agents: AWS, Azure, Google and most others at
 * 169.254.169.254, some also or only elsewhere.
 */
const metadataBlocks = [
  "169.254.0.0/16",
  "fd00:ec2::254/128",
  "fd20:ce::254/128",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "192.0.0.192/32",
];

/** Addresses that are not of the public internet (RFC 6890), and forms of IPv6 that wrap an IPv4 address. */
const kinds: readonly (readonly [AddressKind, BlockList])[] = [
  ["metadata", blocksOf(metadataBlocks)],
  ["loopback", blocksOf(["127.0.0.0/8", "::1/128"])],
  ["link-local", blocksOf(["fe80::/10"])],
  ["private", blocksOf(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"])],
  [
    "reserved",
    blocksOf([
      "0.0.0.0/8",
      "192.0.0.0/24",
      "192.0.2.0/24",
      "192.88.99.0/24",
      "198.18.0.0/15",
      "198.51.100.0/24",
      "203.0.113.0/24",
      "224.0.0.0/4",
      "240.0.0.0/4",
      "::/96",
      "64:ff9b:1::/48",
      "100::/64",
      "2001::/23",
      "2001:db8::/32",
      "2002::/16",
      "3fff::/20",
      "5f00::/16",
      "fec0::/10",
      "ff00::/8",
    ]),
  ],
];

/**
 * The kind of an address. One that wraps an IPv4 address (IPv4-mapped, RFC 4291 §2.5.5.2; NAT64, RFC 6052) is of the
 * kind of that. Anything that is no address is `reserved`.
 */
export function addressKind(address: string): AddressKind {
  const plain = unwrapped(address);
  const version = familyOf(plain);
  if (version === undefined) return "reserved";
  return kinds.find(([, blocks]) => blocks.check(plain, version))?.[0] ?? "public";
}

/** A range of addresses. */
export interface AddressBlock {
  readonly address: string;
  readonly bits: number;
}

/** Reads an address or a CIDR block; undefined when it is neither. */
export function parseBlock(text: string): AddressBlock | undefined {
  const [, written = "", suffix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (isIP(written) === 0 || written.includes("%")) return undefined;
  const size = isIPv6(written) ? 128 : 32;
  const bits = suffix === undefined ? size : Number(suffix);
  if (bits > size) return undefined;
  const address = unwrapped(written);
  if (address === written || bits < 96) return { address: written, bits };
  return { address, bits: bits - 96 };
}

/** Whether the block lies within one of the metadata services' ranges, and so can only mean them. */
export function namesMetadata({ address, bits }: AddressBlock): boolean {
  return metadataBlocks.some((text) => {
    const range = parseBlock(text);
    return range !== undefined && bits >= range.bits && matcherOf([range])(address);
  });
}

/** A test for membership in any of the blocks; addresses that wrap an IPv4 address count as that. */
export function matcherOf(blocks: readonly AddressBlock[]): (address: string) => boolean {
  if (blocks.length === 0) return () => false;
  const list = new BlockList();
  for (const { address, bits } of blocks) list.addSubnet(address, bits, isIPv6(address) ? "ipv6" : "ipv4");
  return (address) => {
    const plain = unwrapped(address);
    const version = familyOf(plain);
    return version !== undefined && list.check(plain, version);
  };
}

function blocksOf(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const block = parseBlock(text);
    if (block === undefined) throw new WorkflowError("internal.invariant", `${text} is not a block of addresses`);
    list.addSubnet(block.address, block.bits, isIPv6(block.address) ? "ipv6" : "ipv4");
  }
  return list;
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 6 ? "ipv6" : "ipv4";
}

/** The IPv4 address inside an IPv6 one, or the address itself without its zone. */
function unwrapped(address: string): string {
  // A zone (`fe80::1%eth0`) names an interface of this machine.
  const plain = address.replace(/%.*$/, "");
  if (!isIPv6(plain)) return plain;
  // URL parsers write every IPv6 address in one way, in which the last 32 bits are two groups (RFC 5952).
  const canonical = URL.parse(`http://[${plain}]/`)?.hostname.slice(1, -1) ?? plain;
  const groups = groupsOf(canonical);
  const [a, b, c, d, e, f, high = 0, low = 0] = groups;
  const isMapped = [a, b, c, d, e].every((group) => group === 0) && f === 0xffff;
  const isNat64 = a === 0x64 && b === 0xff9b && [c, d, e, f].every((group) => group === 0);
  return isMapped || isNat64 ? [high >> 8, high & 255, low >> 8, low & 255].join(".") : canonical;
}

function groupsOf(address: string): readonly number[] {
  const [head = "", tail] = address.split("::");
  const read = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const [before, after] = [read(head), read(tail ?? "")];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}
