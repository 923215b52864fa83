import { isIP } from "node:net";
import { messageOf, WorkflowError } from "../error/error.ts";
import type { Clock } from "../time/clock.ts";
import type { EgressPolicy } from "./egress.ts";

/** Most redirects that are followed. */
const redirectsMax = 10;

/** A request to another service. */
export interface OutboundRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | Uint8Array<ArrayBuffer> | undefined;
  /** Which addresses the request and its redirects may go to. */
  readonly egress: EgressPolicy;
  /** Aborts everything, the reading of the answer included. */
  readonly signal: AbortSignal;
  /** Time until the answer begins, for each connection; without it only the signal ends the waiting. */
  readonly firstByte?: { readonly clock: Clock; readonly timeoutMs: number } | undefined;
  /** Whether a redirect is followed; every one without it. May throw what the call fails with. */
  readonly mayFollow?: ((target: URL, status: number) => boolean) | undefined;
  /** Certificate authority to trust instead of the system's, as PEM text. */
  readonly ca?: string | undefined;
}

/** The answer, read completely. */
export interface OutboundAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly text: string;
}

/** A call that found no service or got no complete answer, so that it may go better another time. */
export class TransportFailure extends WorkflowError {
  constructor(text: string, cause: unknown) {
    super("step.upstream", text, { cause });
  }
}

/**
 * Sends a request and reads the whole answer. Throws as `openOutbound` does, and `step.upstream` for an answer of more
 * than `answerBytesMax` bytes.
 */
export async function sendOutbound(
  request: OutboundRequest & { readonly answerBytesMax: number },
): Promise<OutboundAnswer> {
  const response = await openOutbound(request);
  const { status, statusText, headers } = response;
  return { status, statusText, headers, text: await readAnswer(response, request) };
}

/**
 * Sends a request, follows its redirects, and gives the answer with its body still unread. Every connection is made to
 * an address that the egress policy has just allowed. Throws `EgressRefused`, `TransportFailure`, the reason of the
 * signal, or `step.upstream` for what cannot be called.
 */
export async function openOutbound(request: OutboundRequest): Promise<Response> {
  let hop = firstHop(request);
  for (let redirects = 0; ; redirects++) {
    const response = await send(hop);
    const target = redirectOf(response, hop);
    if (target === undefined) return response;
    await response.body?.cancel();
    if (redirects === redirectsMax) throw new WorkflowError("step.upstream", `stopped after ${redirectsMax} redirects`);
    hop = redirected(hop, target, response.status);
  }
}

interface Hop extends OutboundRequest {
  readonly target: URL;
}

/** A user and password in the URL become a header, as long as there is none: they are no part of an address. */
function firstHop(request: OutboundRequest): Hop {
  const target = targetOf(request.url);
  const { username, password } = target;
  if (username === "" && password === "") return { ...request, target };
  const headers = new Headers(request.headers);
  const credentials = Buffer.from(`${percentDecoded(username)}:${percentDecoded(password)}`);
  if (!headers.has("authorization")) headers.set("authorization", `Basic ${credentials.toString("base64")}`);
  return { ...request, headers, target: withoutCredentials(target) };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone `%` is legal in a URL and then stands for itself.
    return text;
  }
}

/** Every URL that is called passes here, those of redirects included: nothing but HTTP leaves the process. */
function targetOf(text: string, origin?: URL): URL {
  const target = URL.parse(text, origin?.href);
  if (target === null) throw new WorkflowError("step.upstream", `invalid URL ${JSON.stringify(redacted(text))}`);
  if (target.protocol === "http:" || target.protocol === "https:") return target;
  const scheme = target.protocol.slice(0, -1);
  throw new WorkflowError("step.upstream", `unsupported protocol scheme ${JSON.stringify(scheme)}`);
}

function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare;
}

/** A text that is no URL may still hold a password. */
function redacted(text: string): string {
  return text.replace(/\/\/[^/]*@/, "//***@");
}

/** Where the answer sends the request; undefined when it is the answer. */
function redirectOf(response: Response, hop: Hop): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined;
  const location = response.headers.get("location");
  if (location === null) return undefined;
  const target = withoutCredentials(targetOf(location, hop.target));
  return hop.mayFollow?.(target, response.status) === false ? undefined : target;
}

/** The next request of a redirect (RFC 9110 §15.4). Credentials stay with the origin they were meant for. */
function redirected(hop: Hop, target: URL, status: number): Hop {
  const headers = new Headers(hop.headers);
  if (target.origin !== hop.target.origin) {
    for (const name of ["authorization", "cookie", "proxy-authorization", "host"]) headers.delete(name);
  }
  const isRead = hop.method === "GET" || hop.method === "HEAD";
  const becomesGet = status === 303 ? !isRead : status < 303 && hop.method === "POST";
  if (!becomesGet) return { ...hop, headers, target };
  for (const name of ["content-type", "content-encoding", "content-language", "idempotency-key"]) headers.delete(name);
  return { ...hop, method: "GET", body: undefined, headers, target };
}

/** Tries the addresses of the host in turn. Only when nothing was sent yet: no request arrives twice by this. */
async function send(hop: Hop): Promise<Response> {
  const addresses = await resolved(hop);
  let failure: unknown;
  for (const address of addresses) {
    try {
      return await limited(hop, (signal) => connect(address, { ...hop, signal }));
    } catch (error) {
      if (hop.signal.aborted) throw hop.signal.reason;
      failure = error;
      if (!isUnconnected(error)) break;
    }
  }
  throw failure instanceof WorkflowError ? failure : transportFailure(failure);
}

async function resolved({ egress, target, signal }: Hop): Promise<readonly string[]> {
  try {
    return await egress.addressesOf(target, signal);
  } catch (error) {
    // The name service is a part of the way to the other one.
    if (!signal.aborted && error instanceof WorkflowError && error.code === "step.upstream") {
      throw transportFailure(error);
    }
    throw error;
  }
}

/** Within the time for the first byte; afterwards the answer has all the time of the call. */
async function limited(hop: Hop, work: (signal: AbortSignal) => Promise<Response>): Promise<Response> {
  if (hop.firstByte === undefined) return work(hop.signal);
  const { clock, timeoutMs } = hop.firstByte;
  const deadline = new AbortController();
  const late = () => deadline.abort(new TransportFailure(`no answer within ${timeoutMs} ms`, undefined));
  const cancelTimer = clock.setTimeout(timeoutMs, late);
  try {
    return await work(AbortSignal.any([hop.signal, deadline.signal]));
  } finally {
    cancelTimer();
  }
}

/**
 * Sends the request to one address, under the name of its URL: `Host`, the TLS server name and the check of the
 * certificate are those of the name. Connections are kept and used again per address, port and TLS server name, so one
 * that was verified for another name is never taken.
 */
function connect(address: string, { target, method, headers, body, signal, ca }: Hop): Promise<Response> {
  const pinned = new URL(target);
  pinned.hostname = isIP(address) === 6 ? `[${address}]` : address;
  const sent = new Headers(headers);
  if (!sent.has("host")) sent.set("host", target.host);
  const isNamed = pinned.hostname !== target.hostname;
  const tls = {
    ...(isNamed ? { serverName: target.hostname.replace(/\.$/, "") } : {}),
    ...(ca === undefined ? {} : { ca }),
  };
  return fetch(pinned.href, {
    method,
    headers: sent,
    ...(body === undefined ? {} : { body }),
    signal,
    redirect: "manual",
    // The runtime's own limit on silence would cut calls that were given more time.
    timeout: false,
    ...(target.protocol === "https:" && (isNamed || ca !== undefined) ? { tls } : {}),
  });
}

const unconnectedCodes: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
]);

function isUnconnected(error: unknown): boolean {
  return error instanceof Error && "code" in error && unconnectedCodes.has(error.code);
}

/** A certificate that is not accepted stays so: everything else may be better another time. */
function transportFailure(error: unknown): WorkflowError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/.test(code)) {
    return new WorkflowError("step.upstream", messageOf(error), { cause: error });
  }
  return new TransportFailure(messageOf(error), error);
}

/**
 * Reads a body as text. Throws `step.upstream` for more than `answerBytesMax` bytes, after which nothing more is read,
 * and `TransportFailure` for one that ends early.
 */
export async function readAnswer(
  { headers, body }: Response,
  { answerBytesMax, signal }: { readonly answerBytesMax: number; readonly signal: AbortSignal },
): Promise<string> {
  const tooLarge = new WorkflowError("step.upstream", `the response is larger than ${answerBytesMax} bytes`);
  if (Number(headers.get("content-length") ?? "0") > answerBytesMax) {
    await body?.cancel();
    throw tooLarge;
  }
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  try {
    for await (const chunk of body ?? []) {
      length += chunk.byteLength;
      // Leaving the loop by an error cancels the rest of the body.
      if (length > answerBytesMax) throw tooLarge;
      text += decoder.decode(chunk, { stream: true });
    }
  } catch (error) {
    if (error === tooLarge) throw error;
    throw signal.aborted ? signal.reason : transportFailure(error);
  }
  return text + decoder.decode();
}
