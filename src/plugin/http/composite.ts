import { messageOf, WorkflowError } from "../../error/error.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import type { Exchange } from "../../port/exchange.ts";
import type { Handle } from "../../port/http.ts";
import { backendError, forward, type ForwardOptions, send, type SentBody } from "./forward.ts";

/** One of several backends that answer a path together; without a URL it is not defined. */
export interface CompositeBackend {
  readonly id: string;
  readonly url: URL | undefined;
}

/** Bytes of one backend's answer that is merged with others; guessed, as it is held in memory. */
const mergedBytesMax = 10 * 1024 * 1024;

// RFC 9110 §9.2.2: what may be sent again when the first attempt failed.
const idempotent = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/** Answers from several backends, by one of the strategies of `composite_routes`. */
export function compositeHandle(
  backends: readonly CompositeBackend[],
  strategy: "select" | "merge",
  options: ForwardOptions,
): Handle {
  return strategy === "select"
    ? (exchange) => select(exchange, backends, options)
    : (exchange) => merge(exchange, backends, options);
}

async function select(
  exchange: Exchange,
  backends: readonly CompositeBackend[],
  options: ForwardOptions,
): Promise<Response> {
  const candidates = idempotent.has(exchange.method) ? backends : backends.slice(0, 1);
  const last = candidates.at(-1);
  // Only a body that may have to be sent again is read; a single candidate gets it as a stream.
  const body = candidates.length > 1 ? await wholeBody(exchange) : undefined;
  for (const backend of candidates) {
    const answer = await ask(exchange, backend, body, options);
    if (answer.status < 500 || backend === last) return answer;
    await answer.body?.cancel();
  }
  return backendError(502, "", "backend unavailable", exchange);
}

async function ask(
  exchange: Exchange,
  { id, url }: CompositeBackend,
  body: SentBody,
  options: ForwardOptions,
): Promise<Response> {
  if (url === undefined) return backendError(502, id, "backend unavailable", exchange);
  return body === undefined ? forward(exchange, url, options) : forward(exchange, url, options, body);
}

async function merge(
  exchange: Exchange,
  backends: readonly CompositeBackend[],
  options: ForwardOptions,
): Promise<Response> {
  const body = await wholeBody(exchange);
  const parts = await Promise.all(backends.map((backend) => readPart(exchange, backend, body, options)));
  exchange.signal.throwIfAborted();
  const status = parts.some(({ isOk }) => isOk) ? 200 : 502;
  const merged = Object.fromEntries(parts.map(({ id, value }) => [id, value]));
  return new Response(encodeJsonLine(merged), { status, headers: { "content-type": "application/json" } });
}

async function wholeBody(exchange: Exchange): Promise<SentBody> {
  if (exchange.method === "GET" || exchange.method === "HEAD") return null;
  return new Uint8Array(await exchange.bytes());
}

interface Part {
  readonly id: string;
  readonly isOk: boolean;
  readonly value: unknown;
}

async function readPart(
  exchange: Exchange,
  { id, url }: CompositeBackend,
  body: SentBody,
  options: ForwardOptions,
): Promise<Part> {
  const failed = (error: string): Part => ({ id, isOk: false, value: { error } });
  if (url === undefined) return failed("backend unavailable");
  try {
    const answer = await send(exchange, url, body, { ...options, edit: wholeAnswers(options) });
    if (!answer.ok) {
      await answer.body?.cancel();
      return failed(`backend answered ${answer.status}`);
    }
    return { id, isOk: true, value: parsed(await readText(answer)) };
  } catch (error) {
    options.log.warn("Backend unavailable", { backend: url.host, path: exchange.path, error: messageOf(error) });
    return failed("backend unavailable");
  }
}

/** What is merged must be there in full and readable: no compression, ranges or conditions. */
function wholeAnswers({ edit }: ForwardOptions): (headers: Headers) => void {
  return (headers) => {
    edit?.(headers);
    headers.set("accept-encoding", "identity");
    const partial = Array.from(headers.keys()).filter((name) => name === "range" || name.startsWith("if-"));
    for (const name of partial) headers.delete(name);
  };
}

async function readText(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    length += chunk.byteLength;
    if (length > mergedBytesMax) {
      throw new WorkflowError("http.upstream", `the answer is larger than ${mergedBytesMax} bytes`);
    }
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** The JSON value of a text, or the text itself when it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A backend that answers in plain text is shown as it answered.
    return text;
  }
}
