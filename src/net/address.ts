import { BlockList, isIP, isIPv6 } from "node:net";
import { WorkflowError } from "../error/error.ts";

/** A `host:port` to listen on, split. */
export interface ListenAddress {
  /** Empty for all interfaces. */
  readonly host: string;
  readonly port: number;
}

/** Splits `host:port`, `:port` or `[v6]:port`. Port 0 asks for any free one. Throws `config.value`. */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    const hint = 'write ":8080", "127.0.0.1:8080" or "[::1]:8080"';
    throw new WorkflowError("config.value", `invalid address "${text}": expected host:port`, { hint });
  }
  return { host: match[1] ?? match[2] ?? "", port };
}

/** An IPv4 address that arrived on an IPv6 socket as IPv4; others unchanged. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/** True for an address of this machine's loopback interface; false for anything that is no address. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return isIP(plain) !== 0 && loopback.check(plain, family(plain));
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

const namedRanges: ReadonlyMap<string, readonly string[]> = new Map([
  ["loopback", ["127.0.0.0/8", "::1/128"]],
  ["private", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"]],
]);

/**
 * A test for membership in a list of ranges: `loopback`, `private`, addresses and CIDR blocks, separated by commas or
 * as a list. Throws `config.value` for anything else.
 */
export function addressMatcher(ranges: string | readonly string[]): (address: string) => boolean {
  const list = typeof ranges === "string" ? ranges.split(",") : ranges;
  const blocks = new BlockList();
  for (const range of list.map((text) => text.trim()).filter((text) => text !== "")) {
    for (const block of namedRanges.get(range) ?? [range]) addBlock(blocks, block);
  }
  return (address) => {
    const plain = plainAddress(address);
    return isIP(plain) !== 0 && blocks.check(plain, family(plain));
  };
}

function addBlock(blocks: BlockList, block: string): void {
  const [, address = "", bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(block) ?? [];
  const size = isIPv6(address) ? 128 : 32;
  const prefix = bits === undefined ? size : Number(bits);
  if (isIP(address) === 0 || prefix > size) {
    throw new WorkflowError("config.value", `"${block}" is not an address, a CIDR block, "loopback" or "private"`);
  }
  blocks.addSubnet(address, prefix, family(address));
}

function family(address: string): "ipv4" | "ipv6" {
  return isIPv6(plainAddress(address)) ? "ipv6" : "ipv4";
}
