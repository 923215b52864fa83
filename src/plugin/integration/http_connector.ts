import { type Position, WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import { isPlainMap } from "../../json/map.ts";
import { parseJson } from "../../json/parse.ts";
import type { Clock } from "../../time/clock.ts";
import { fetchAt, publicAddress, resolveHost } from "./address_guard.ts";
import { type CompiledConnector, connectorOf } from "./connector.ts";
import { callOf, type HttpCall, parseHttpAction } from "./http_action.ts";

/** Longest answer that is read, in bytes. */
const answerBytesMax = 10 * 1024 * 1024;

/** Redirects that are followed, all on the same host. */
const redirectsMax = 10;

/** Where and how a connector calls. */
export interface HttpConnectorOptions {
  readonly name: string;
  readonly baseUrl: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Zero for no limit. */
  readonly requestsPerMinute: number;
  readonly addresses: "public" | "any";
  readonly clock: Clock;
}

/** Calls an HTTP API. Gives a JSON object with `statusCode` beside its keys, or `{statusCode, raw}`. */
export function httpConnector(options: HttpConnectorOptions): CompiledConnector {
  const pace = paceOf(options);
  return connectorOf((written) => {
    const action = parseHttpAction(written);
    return async (input, signal) => {
      const call = callOf(action, options.baseUrl, input);
      await pace(signal);
      return limited(options, signal, (limit) => exchange(options, call, limit));
    };
  });
}

/** Lets one call through per interval, in the order they came. */
function paceOf({ requestsPerMinute, clock }: HttpConnectorOptions): (signal: AbortSignal) => Promise<void> {
  if (requestsPerMinute <= 0) return () => Promise.resolve();
  const intervalMs = 60_000 / requestsPerMinute;
  let next = Number.NEGATIVE_INFINITY;
  return async (signal) => {
    const now = clock.monotonic();
    const at = Math.max(now, next);
    next = at + intervalMs;
    if (at > now) await clock.sleep(at - now, signal);
  };
}

async function limited<T>(
  { name, timeoutMs, clock }: HttpConnectorOptions,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const late = new WorkflowError("run.timeout", `connector '${name}' did not answer within ${timeoutMs / 1000} s`);
  const cancel = clock.setTimeout(timeoutMs, () => controller.abort(late));
  try {
    return await work(AbortSignal.any([controller.signal, parent]));
  } catch (error) {
    throw controller.signal.aborted && !parent.aborted ? late : error;
  } finally {
    cancel();
  }
}

async function exchange(
  options: HttpConnectorOptions,
  call: HttpCall,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  let current = call;
  for (let redirects = 0; ; redirects++) {
    const response = await send(options, current, signal);
    const next = redirectOf(response, current, options);
    if (next === undefined) return resultOf(response);
    await response.body?.cancel();
    if (redirects === redirectsMax) {
      throw new WorkflowError("step.upstream", `more than ${redirectsMax} redirects`);
    }
    current = next;
  }
}

async function send(options: HttpConnectorOptions, call: HttpCall, signal: AbortSignal): Promise<Response> {
  const { method, url } = call;
  const body = call.body === undefined ? {} : { body: encodeJson(call.body) };
  const request = { method, headers: options.headers, ...body, signal };
  if (options.addresses === "public") return fetchAt(await publicAddress(url, resolveHost), url, request);
  return fetch(url.href, { ...request, redirect: "manual" });
}

/**
 * The next request when the answer sends elsewhere (RFC 9110 §15.4). Another host is refused, because the headers hold
 * credentials.
 */
function redirectOf(response: Response, call: HttpCall, { baseUrl }: HttpConnectorOptions): HttpCall | undefined {
  const location = response.headers.get("location");
  if (location === null || ![301, 302, 303, 307, 308].includes(response.status)) return undefined;
  const url = URL.parse(location, call.url.href);
  if (url === null || url.host !== baseUrl.host || url.protocol !== baseUrl.protocol) {
    throw new WorkflowError("step.upstream", `redirect to another host is not followed: ${url?.host ?? location}`);
  }
  const keepsMethod = response.status >= 307 || call.method === "GET" || call.method === "HEAD";
  return keepsMethod ? { ...call, url } : { url, method: "GET", body: undefined };
}

async function resultOf(response: Response): Promise<Record<string, unknown>> {
  const statusCode = response.status;
  if (statusCode >= 400) {
    await response.body?.cancel();
    throw new WorkflowError("step.upstream", `request returned error status: ${statusCode}`);
  }
  const raw = await readText(response);
  const value = jsonOf(raw);
  return isPlainMap(value) ? { ...value, statusCode } : { statusCode, raw };
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > answerBytesMax) {
      throw new WorkflowError("step.upstream", `the answer is larger than ${answerBytesMax} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    // An answer may be anything; what is not JSON is given as text.
    return undefined;
  }
}

/** The headers of every request: JSON, the credential, and what the connector sets. Throws `config.value`. */
export function connectorHeaders(settings: {
  readonly authType: "" | "basic" | "bearer";
  readonly username: string;
  readonly password: string;
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
}): Record<string, string> {
  const { authType, username, password, token, headers } = settings;
  const all: Record<string, string> = { "content-type": "application/json" };
  if (authType === "basic") all.authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  if (authType === "bearer") all.authorization = `Bearer ${token}`;
  for (const [name, value] of Object.entries(headers)) all[name.toLowerCase()] = value;
  return all;
}

/** The URL under which all requests of a connector lie. Throws `config.value` at its place. */
export function connectorUrl(name: string, text: string, at: Position): URL {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) return url;
  const problem = `baseURL of HTTP connector '${name}': "${text}" is not an http or https URL`;
  throw new WorkflowError("config.value", problem, { at: [at] });
}
