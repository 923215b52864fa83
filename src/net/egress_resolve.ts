import { lookup } from "node:dns/promises";
import type { Clock } from "../time/clock.ts";

/** Finds the addresses of a host name. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/** Asks the system's resolver. IPv4 first: IPv6 that leads nowhere is common, and addresses are not raced. */
export const resolveHost: ResolveHost = async (host) => {
  const found = await lookup(host, { all: true, order: "ipv4first" });
  return found.map(({ address }) => address);
};

/** How long an answer is used again, in milliseconds. Short, so that moved services are found; guessed. */
const keptMs = 5000;

/** Most names that are kept. Guessed: far above the number of services that a configuration calls. */
const namesMax = 1000;

interface Entry {
  readonly addresses: Promise<readonly string[]>;
  readonly until: number;
}

/** A resolver that asks another one, once for all who ask at a time, and keeps its answers for five seconds. */
export function keepingResolver(resolve: ResolveHost, clock: Clock): ResolveHost {
  const entries = new Map<string, Entry>();
  return (host) => {
    const known = entries.get(host);
    if (known !== undefined && known.until > clock.monotonic()) return known.addresses;
    const entry = { addresses: resolve(host), until: clock.monotonic() + keptMs };
    entries.delete(host);
    const [oldest] = entries.keys();
    if (oldest !== undefined && entries.size >= namesMax) entries.delete(oldest);
    entries.set(host, entry);
    entry.addresses.catch(() => {
      // Those who wait are told by the promise itself; the next one to ask asks again.
      if (entries.get(host) === entry) entries.delete(host);
    });
    return entry.addresses;
  };
}
