import { messageOf, WorkflowError } from "../error/error.ts";
import type { Clock } from "../time/clock.ts";

/** How a request is passed on. */
export interface ProxyOptions {
  readonly clock: Clock;
  /** Address of the peer, appended to `X-Forwarded-For`; an empty one leaves the header as it came. */
  readonly peer: string;
  /** True when the request came over TLS. */
  readonly isSecure: boolean;
  /** The `Host` that the backend sees: the client's, or the backend's own. */
  readonly host: "client" | "backend";
  /** Time until the backend's headers arrive, in milliseconds; 0 for no limit. The body may take any time. */
  readonly timeoutMs: number;
  /** Aborts the exchange, its body included. */
  readonly signal: AbortSignal;
  /** Body to send instead of the request's own, for one that was read before; null for none. */
  readonly body?: Uint8Array<ArrayBuffer> | string | null;
  /** Changes the headers for the backend, after everything else. */
  readonly edit?: (headers: Headers) => void;
}

/**
 * Sends a request to a backend and gives its answer. Bodies are streamed both ways and never decoded, redirects are
 * passed on, and hop-by-hop headers end here (RFC 9110 §7.6.1). Throws `http.upstream`: 502 when the backend cannot be
 * reached, 504 when it does not answer in time.
 */
export async function proxyRequest(request: Request, target: URL, options: ProxyOptions): Promise<Response> {
  const { clock, signal, timeoutMs } = options;
  const timeout = new AbortController();
  const cancelTimer =
    timeoutMs > 0 ? clock.setTimeout(timeoutMs, () => timeout.abort(slowBackend(target, timeoutMs))) : undefined;
  try {
    const answer = await fetch(target, {
      method: request.method,
      headers: requestHeaders(request, options),
      body: options.body === undefined ? request.body : options.body,
      redirect: "manual",
      // The bytes of the backend are the bytes of the client: what was compressed stays so.
      decompress: false,
      signal: timeoutMs > 0 ? AbortSignal.any([signal, timeout.signal]) : signal,
    });
    return new Response(answer.body, {
      status: answer.status,
      statusText: answer.statusText,
      headers: endToEnd(answer.headers),
    });
  } catch (error) {
    if (timeout.signal.aborted) throw timeout.signal.reason;
    if (signal.aborted) throw signal.reason;
    throw new WorkflowError("http.upstream", `${target.host}: ${messageOf(error)}`, { cause: error });
  } finally {
    cancelTimer?.();
  }
}

/**
 * The URL of a path below a backend: the path is appended to the backend's own, and the queries are joined. `path` is
 * percent-encoded; `search` is empty or begins with `?`. Throws `http.bad_request` for a path that would climb out.
 */
export function backendUrl(base: URL, path: string, search: string): URL {
  if (path.split(/[/\\]/).some(isDotSegment)) {
    throw new WorkflowError("http.bad_request", "the path must not have segments that are only dots");
  }
  const url = new URL(base);
  const joined = `${base.pathname.replace(/\/$/, "")}/${path.replace(/^\//, "")}`;
  url.pathname = joined.replaceAll("\\", "%5C");
  url.search = [base.search.slice(1), search.slice(1)].filter((part) => part !== "").join("&");
  return url;
}

/** URL parsers resolve `.` and `..` also when their dots are percent-encoded (WHATWG URL, §4.1). */
function isDotSegment(segment: string): boolean {
  return /^(?:\.|%2e){1,2}$/i.test(segment);
}

function requestHeaders(request: Request, options: ProxyOptions): Headers {
  const headers = endToEnd(request.headers);
  const host = headers.get("host");
  if (options.host === "backend") headers.delete("host");
  if (options.peer !== "") {
    const before = headers.get("x-forwarded-for");
    headers.set("x-forwarded-for", before === null ? options.peer : `${before}, ${options.peer}`);
  }
  if (host !== null && !headers.has("x-forwarded-host")) headers.set("x-forwarded-host", host);
  if (!headers.has("x-forwarded-proto")) headers.set("x-forwarded-proto", options.isSecure ? "https" : "http");
  // Without this the runtime would ask for compression on behalf of a client that cannot read it.
  if (!headers.has("accept-encoding")) headers.set("accept-encoding", "identity");
  // The length belongs to the body as it came; a replaced one gets its own.
  if (options.body !== undefined) headers.delete("content-length");
  options.edit?.(headers);
  return headers;
}

const hopByHop: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** A copy without the headers that concern one connection only, those that `Connection` names included. */
function endToEnd(source: Headers): Headers {
  const headers = new Headers(source);
  const named = (source.get("connection") ?? "").split(",").map((name) => name.trim());
  for (const name of [...named, ...hopByHop]) if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) headers.delete(name);
  return headers;
}

function slowBackend(target: URL, timeoutMs: number): WorkflowError {
  return new WorkflowError("http.upstream", `${target.host} did not answer within ${timeoutMs} ms`, { status: 504 });
}
