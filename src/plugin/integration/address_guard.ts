import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { addressMatcher } from "../../net/address.ts";

/** Addresses that are not of the public internet (RFC 6890), and forms of IPv6 that wrap an IPv4 address. */
const isInternal = addressMatcher([
  "loopback",
  "private",
  "0.0.0.0/8",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/32",
  "2002::/16",
  "fec0::/10",
  "ff00::/8",
]);

/** Finds the addresses of a host name. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/** Asks the system's resolver. */
export const resolveHost: ResolveHost = async (host) => {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
};

/**
 * The address to connect to for a URL. Throws `step.upstream` when any of the host's addresses is internal: a name that
 * has both kinds is taken for an attempt to reach the internal one.
 */
export async function publicAddress(url: URL, resolve: ResolveHost): Promise<string> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const addresses = isIP(host) === 0 ? await resolveOrFail(host, resolve) : [host];
  for (const address of addresses) {
    // A zone (`fe80::1%eth0`) belongs to link-local addresses only.
    if (!isInternal(address.replace(/%.*$/, ""))) continue;
    const text = "SSRF protection: request to private/internal IP address is not allowed";
    const hint = "set `allowPrivateIPs: true` on the connector to allow it";
    throw new WorkflowError("step.upstream", `${text}: ${host} resolves to ${address}`, { hint });
  }
  const [first] = addresses;
  if (first === undefined) throw new WorkflowError("step.upstream", `host ${host} has no address`);
  return first;
}

async function resolveOrFail(host: string, resolve: ResolveHost): Promise<readonly string[]> {
  try {
    return await resolve(host);
  } catch (error) {
    throw prefixed(`host ${host} cannot be resolved: `, error, "step.upstream");
  }
}

/** What `fetchAt` passes on. */
export interface PinnedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Certificate authority to trust instead of the system's, as PEM text. */
  readonly ca?: string;
}

/**
 * Sends a request to a given address of the URL's host, so that the host cannot resolve to another one after it was
 * checked. `Host`, the TLS server name and the check of the certificate are those of the URL. Redirects are not
 * followed.
 */
export function fetchAt(address: string, url: URL, request: PinnedRequest): Promise<Response> {
  const target = new URL(url);
  target.hostname = isIP(address) === 6 ? `[${address}]` : address;
  const { ca, headers, ...rest } = request;
  const serverName = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const tls = { serverName, ...(ca === undefined ? {} : { ca }) };
  return fetch(target.href, {
    ...rest,
    headers: { ...headers, host: url.host },
    redirect: "manual",
    // Kept connections are found again by address: one of another host on the same address must not be taken.
    keepalive: false,
    ...(url.protocol === "https:" ? { tls } : {}),
  });
}
