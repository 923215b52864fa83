import { messageOf, WorkflowError } from "../../error/error.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import type { Logger } from "../../log/logger.ts";
import { backendUrl, proxyRequest } from "../../net/proxy.ts";
import type { Exchange } from "../../port/exchange.ts";
import type { Clock } from "../../time/clock.ts";

/** How requests are passed on to backends. */
export interface ForwardOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Time until the backend's headers arrive, in milliseconds. */
  readonly timeoutMs: number;
  /** Changes the headers for the backend, after everything else. */
  readonly edit?: (headers: Headers) => void;
}

/**
 * Passes a request on to a backend below whose path its own is appended, and gives the answer as it comes. A backend
 * that cannot be reached is answered 502, one that is too slow 504, and a WebSocket handshake 501.
 */
export async function forward(
  exchange: Exchange,
  backend: URL,
  options: ForwardOptions,
  body: SentBody = streamedBody(exchange),
): Promise<Response> {
  if (isWebSocket(exchange)) return backendError(501, backend.host, "WebSocket is not passed on", exchange);
  try {
    const answer = await send(exchange, backend, body, options);
    // An event stream is silent for as long as nothing happens, which is no reason to end its connection.
    if (answer.headers.get("content-type")?.startsWith("text/event-stream") === true) {
      exchange.connection.extendTimeout(exchange.request, 0);
    }
    return answer;
  } catch (error) {
    return backendFailure(error, exchange, backend, options.log);
  }
}

/** What a backend gets: bytes that were read before, nothing, or (undefined) the request's own body as a stream. */
export type SentBody = Uint8Array<ArrayBuffer> | null | undefined;

/** Asks a backend and gives its answer as it comes. Throws `http.upstream`. */
export function send(
  exchange: Exchange,
  backend: URL,
  body: SentBody,
  { clock, timeoutMs, edit }: ForwardOptions,
): Promise<Response> {
  const { request, connection } = exchange;
  return proxyRequest(request, backendUrl(backend, exchange.path, exchange.search), {
    clock,
    peer: connection.peer(request),
    isSecure: connection.isSecure,
    host: "client",
    timeoutMs,
    signal: exchange.signal,
    ...(body === undefined ? {} : { body }),
    ...(edit === undefined ? {} : { edit }),
  });
}

/** The content of a GET or HEAD request has no meaning (RFC 9110 §9.3.1) and is left behind. */
function streamedBody({ method }: Exchange): SentBody {
  return method === "GET" || method === "HEAD" ? null : undefined;
}

/** The answer for a backend that gave none. Anything but a failure of the backend is thrown again. */
function backendFailure(error: unknown, exchange: Exchange, backend: URL, log: Logger): Response {
  if (exchange.request.signal.aborted || !(error instanceof WorkflowError) || error.code !== "http.upstream")
    throw error;
  log.warn("Backend unavailable", { backend: backend.host, path: exchange.path, error: messageOf(error) });
  const text = error.status === 504 ? "backend timed out" : "backend unavailable";
  return backendError(error.status, backend.host, text, exchange);
}

/** Offers of other protocols, such as h2c, may be ignored (RFC 9110 §7.8): the request is served without. */
function isWebSocket({ headers }: Exchange): boolean {
  return headers.get("upgrade")?.toLowerCase().includes("websocket") === true;
}

/** An answer in place of a backend's, which says which backend and path it is about. */
export function backendError(status: number, backend: string, error: string, { path }: Exchange): Response {
  const headers = { "content-type": "application/json" };
  return new Response(encodeJsonLine({ backend, error, path }), { status, headers });
}

/** Reads a backend's URL. Throws `config.value` for what is not an absolute http or https URL. */
export function parseBackend(text: string, fail: (reason: string) => WorkflowError): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw fail(`${JSON.stringify(text)} is not an absolute http or https URL`);
  }
  return url;
}
