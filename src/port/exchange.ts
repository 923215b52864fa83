import { WorkflowError } from "../error/error.ts";
import { isPlainMap } from "../json/map.ts";
import { parseJson } from "../json/parse.ts";

/** What an exchange knows of the listener that accepted it. */
export interface Connection {
  /** The peer's IP address, or an empty string when there is no socket (calls inside the process). */
  peer(request: Request): string;
  /** Whether an address belongs to a proxy whose forwarding headers count. */
  isTrustedProxy(address: string): boolean;
  /** Bytes of a body that is read into memory. */
  readonly bodyBytesMax: number;
  /** Time for reading a body, in milliseconds. */
  readonly readTimeoutMs: number;
  /** True for TLS. */
  readonly isSecure: boolean;
  /** Counts the request as in flight, so that it is cancelled when it takes longer than the listener allows. */
  watch(exchange: Exchange): void;
  unwatch(exchange: Exchange): void;
  /** Changes how long the connection of a request may be idle; 0 lifts the limit, as event streams need. */
  extendTimeout(request: Request, seconds: number): void;
}

/** The connection of calls that come from inside the process. */
export const insideConnection: Connection = {
  peer: () => "",
  isTrustedProxy: () => false,
  bodyBytesMax: 10 * 1024 * 1024,
  readTimeoutMs: 30_000,
  isSecure: false,
  watch: () => {},
  unwatch: () => {},
  extendTimeout: () => {},
};

/** A response that a step wrote. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  body: string | Uint8Array | null;
}

const noParams: Readonly<Record<string, string>> = Object.freeze({});

/**
 * One HTTP request on its way through middleware, handler and pipeline. Everything costly (URL, query, body) is read
 * when it is first asked for, and once.
 */
export class Exchange {
  readonly request: Request;
  readonly method: string;
  readonly connection: Connection;
  /** Path parameters by name, percent-decoded. */
  params: Readonly<Record<string, string>> = noParams;
  /** The path of the matched route as written in the configuration. */
  pattern = "";
  /** Claims of the verified credential. */
  claims: Readonly<Record<string, unknown>> | undefined;
  requestId: string | undefined;
  /** Called once when the request is cancelled, to answer it even if its handlers do not heed the signal. */
  onCancel: ((reason: WorkflowError) => void) | undefined;
  /** The response that a pipeline step wrote; the first one wins. */
  reply: Reply | Response | undefined;
  #path: string | undefined;
  #search: string | undefined;
  #query: URLSearchParams | undefined;
  #body: Promise<Uint8Array> | undefined;
  #text: Promise<string> | undefined;
  #contentLength: number | undefined | null = null;
  #client: string | undefined;
  #controller: AbortController | undefined;
  #signal: AbortSignal | undefined;

  constructor(request: Request, connection: Connection) {
    this.request = request;
    this.method = request.method;
    this.connection = connection;
  }

  /** Percent-encoded path, without the query. */
  get path(): string {
    if (this.#path === undefined) this.#split();
    return this.#path ?? "/";
  }

  /** The query with its `?`, or an empty string. */
  get search(): string {
    if (this.#search === undefined) this.#split();
    return this.#search ?? "";
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.search);
    return this.#query;
  }

  get headers(): Headers {
    return this.request.headers;
  }

  /** Aborted when the client goes away or the request is cancelled. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      this.#signal = AbortSignal.any([this.request.signal, this.#controller.signal]);
    }
    return this.#signal ?? this.request.signal;
  }

  /** Ends the work on the request; its handlers fail with the reason. */
  cancel(reason: WorkflowError): void {
    void this.signal;
    this.#controller?.abort(reason);
    this.onCancel?.(reason);
  }

  /**
   * The client's address: the peer's, or behind trusted proxies the right-most address in `X-Forwarded-For` that is
   * not itself a trusted proxy.
   */
  get client(): string {
    this.#client ??= this.#findClient();
    return this.#client;
  }

  /**
   * Whether there is a body (RFC 9112 §6). Asking `request.body` would create a stream. The one of a GET or HEAD
   * has no meaning (RFC 9110 §9.3.1) and is not delivered by the runtime, so that their headers need not be looked at.
   */
  get hasBody(): boolean {
    if (this.method === "GET" || this.method === "HEAD") return false;
    return this.contentLength === undefined ? this.request.headers.has("transfer-encoding") : this.contentLength > 0;
  }

  /** Bytes of the body as announced; undefined when nothing was. */
  get contentLength(): number | undefined {
    if (this.#contentLength === null) {
      const announced = this.request.headers.get("content-length");
      this.#contentLength = announced === null ? undefined : Number(announced);
    }
    return this.#contentLength;
  }

  /** The body, read once. Throws `http.body_too_large` beyond the listener's limit, and 408 when it is too slow. */
  bytes(): Promise<Uint8Array> {
    // A body that was read as text can be read only once: its bytes are those of the text.
    this.#body ??=
      this.#text?.then((text) => new TextEncoder().encode(text)) ?? readBody(this.request, this.connection);
    return this.#body;
  }

  text(): Promise<string> {
    if (this.#text !== undefined) return this.#text;
    const limit = Math.min(smallBodyBytes, this.connection.bodyBytesMax);
    const isDirect = this.#body === undefined && (this.contentLength ?? Number.POSITIVE_INFINITY) <= limit;
    this.#text = isDirect ? this.request.text() : this.bytes().then((bytes) => new TextDecoder().decode(bytes));
    return this.#text;
  }

  /** The body as JSON; throws `http.bad_json`. Every caller gets its own copy. */
  async json(): Promise<unknown> {
    return parseJson(await this.text());
  }

  /** The body when it is a JSON object; undefined for anything else, which is for the steps to judge. */
  jsonObject(): Promise<Record<string, unknown> | undefined> {
    return this.text().then(jsonObjectOf);
  }

  /** Records the response of a step. The status and headers of the first win; later bodies are appended. */
  respond(status: number, headers: Readonly<Record<string, string>>, body: string | Uint8Array | null): void {
    if (this.reply === undefined) {
      this.reply = { status, headers, body };
    } else if (!(this.reply instanceof Response) && body !== null) {
      this.reply.body = appendBody(this.reply.body, body);
    }
  }

  /** The recorded reply as a response, or undefined when no step wrote one. */
  takeReply(): Response | undefined {
    const reply = this.reply;
    if (reply === undefined || reply instanceof Response) return reply;
    return new Response(reply.body, { status: reply.status, headers: responseHeadersOf(reply.headers) });
  }

  #split(): void {
    const url = this.request.url;
    const start = url.indexOf("/", url.indexOf("//") + 2);
    const question = url.indexOf("?", start);
    this.#path = start < 0 ? "/" : question < 0 ? url.slice(start) : url.slice(start, question);
    this.#search = question < 0 ? "" : url.slice(question);
  }

  #findClient(): string {
    const peer = this.connection.peer(this.request);
    const forwarded = this.request.headers.get("x-forwarded-for");
    if (forwarded === null || !this.connection.isTrustedProxy(peer)) return peer;
    const hops = forwarded
      .split(",")
      .map((hop) => hop.trim())
      .filter((hop) => hop !== "");
    return hops.findLast((hop) => !this.connection.isTrustedProxy(hop)) ?? hops[0] ?? peer;
  }
}

/** A text as a JSON object; undefined when it is anything else. */
export function jsonObjectOf(text: string): Record<string, unknown> | undefined {
  if (text[0] !== "{" && text.trimStart()[0] !== "{") return undefined;
  try {
    const value = parseJson(text);
    return isPlainMap(value) ? value : undefined;
  } catch {
    // Not JSON: the run goes on without a body, and a step that needs one says so.
    return undefined;
  }
}

/** Headers that cannot change, by the record they were made from. */
const keptHeaders = new WeakMap<Readonly<Record<string, string>>, Headers>();

/** Headers for a response, which copies them. Frozen ones belong to a step's configuration and are converted once. */
function responseHeadersOf(headers: Readonly<Record<string, string>>): Headers | Record<string, string> {
  const kept = keptHeaders.get(headers);
  if (kept !== undefined || !Object.isFrozen(headers)) return kept ?? headers;
  const made = new Headers(headers);
  keptHeaders.set(headers, made);
  return made;
}

function appendBody(first: string | Uint8Array | null, second: string | Uint8Array): string | Uint8Array {
  if (first === null) return second;
  if (typeof first === "string" && typeof second === "string") return first + second;
  return Buffer.concat([bytesOf(first), bytesOf(second)]);
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === "string" ? Buffer.from(body) : body;
}

/** Bodies whose announced length is this small arrive with the headers or right after: no timer is spent on them. */
const smallBodyBytes = 16 * 1024;

async function readBody(request: Request, connection: Connection): Promise<Uint8Array> {
  const announced = Number(request.headers.get("content-length") ?? "0");
  const limit = connection.bodyBytesMax;
  if (announced > limit) throw tooLarge(limit);
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const timer = setTimeout(() => void reader.cancel(slowBody(connection)), connection.readTimeoutMs);
  const started = Date.now();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.byteLength;
      if (length > limit) throw tooLarge(limit);
      chunks.push(value);
    }
  } finally {
    clearTimeout(timer);
  }
  if (Date.now() - started >= connection.readTimeoutMs) throw slowBody(connection);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

function tooLarge(limit: number): WorkflowError {
  return new WorkflowError("http.body_too_large", `the request body is larger than ${limit} bytes`);
}

function slowBody(connection: Connection): WorkflowError {
  const text = `the request body did not arrive within ${connection.readTimeoutMs} ms`;
  return new WorkflowError("http.bad_request", text, { status: 408 });
}
