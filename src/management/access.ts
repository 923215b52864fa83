import { isLoopback } from "../net/address.ts";

/** What the decision needs of a request to the management port. */
export interface AccessFacts {
  /** Address of the socket's peer. */
  readonly peer: string;
  readonly headers: Headers;
  /** `-admin-open`: everything that the guide calls without a token is open to everyone. */
  readonly isOpen: boolean;
}

/** Whether a request may pass, or why it may not. */
export type AccessDecision = "allowed" | "unauthorized";

/** Headers that a proxy adds: the loopback peer is then not who asks. */
const forwarding = /^(forwarded|x-forwarded-.*|x-real-ip|via)$/;

/**
 * Decides about the endpoints that operators call without a token: allowed from a loopback peer that names a loopback
 * host, sends no foreign `Origin` and came through no proxy; or for everyone when the server was started open. The
 * host and origin rules keep web pages in an operator's browser out (DNS rebinding, cross-site requests).
 * A token that was sent must be valid; until accounts exist none is.
 */
export function decideAccess({ peer, headers, isOpen }: AccessFacts): AccessDecision {
  if (headers.has("authorization")) return "unauthorized";
  if (isOpen) return "allowed";
  if (!isLoopback(peer) || !isLoopbackHost(headers.get("host"))) return "unauthorized";
  if ([...headers.keys()].some((name) => forwarding.test(name))) return "unauthorized";
  const origin = headers.get("origin");
  if (origin !== null && !isLoopbackOrigin(origin)) return "unauthorized";
  return headers.get("sec-fetch-site") === "cross-site" ? "unauthorized" : "allowed";
}

function isLoopbackHost(host: string | null): boolean {
  if (host === null) return false;
  const name = host
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
  return name === "localhost" || name.endsWith(".localhost") || isLoopback(name);
}

function isLoopbackOrigin(origin: string): boolean {
  try {
    return isLoopbackHost(new URL(origin).host);
  } catch {
    // "null" and anything else that is no URL is foreign.
    return false;
  }
}
