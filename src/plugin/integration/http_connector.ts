import { type Position, WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import { isPlainMap } from "../../json/map.ts";
import { parseJson } from "../../json/parse.ts";
import type { EgressPolicy } from "../../net/egress.ts";
import { openOutbound, readAnswer } from "../../net/outbound.ts";
import type { Clock } from "../../time/clock.ts";
import { guarded } from "./address_guard.ts";
import { type CompiledConnector, connectorOf } from "./connector.ts";
import { callOf, type HttpCall, parseHttpAction } from "./http_action.ts";

/** Longest answer that is read, in bytes. */
const answerBytesMax = 10 * 1024 * 1024;

/** Where and how a connector calls. */
export interface HttpConnectorOptions {
  readonly name: string;
  readonly baseUrl: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Zero for no limit. */
  readonly requestsPerMinute: number;
  /** Where requests may go. */
  readonly egress: EgressPolicy;
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

/** Redirects are followed on the same host only, because the headers hold credentials. */
async function exchange(
  { headers, egress, baseUrl }: HttpConnectorOptions,
  { method, url, body }: HttpCall,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const request = {
    method,
    url: url.href,
    headers: new Headers(headers),
    body: body === undefined ? undefined : encodeJson(body),
    egress,
    signal,
    mayFollow(target: URL) {
      if (target.host === baseUrl.host && target.protocol === baseUrl.protocol) return true;
      throw new WorkflowError("step.upstream", `redirect to another host is not followed: ${target.host}`);
    },
  };
  const response = await guarded(openOutbound(request));
  const statusCode = response.status;
  if (statusCode >= 400) {
    await response.body?.cancel();
    throw new WorkflowError("step.upstream", `request returned error status: ${statusCode}`);
  }
  const raw = await readAnswer(response, { answerBytesMax, signal });
  const value = jsonOf(raw);
  return isPlainMap(value) ? { ...value, statusCode } : { statusCode, raw };
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
