import { messageOf, type Position, WorkflowError } from "../error/error.ts";
import type { Logger } from "../log/logger.ts";
import { parseListenAddress, plainAddress } from "../net/address.ts";
import type { Connection, Exchange } from "../port/exchange.ts";
import type { ListenerHandle, ListenerOptions } from "../port/http.ts";
import { ExchangeWatch } from "./exchange_watch.ts";

/** One generation's hold on a listener: what answers, by which limits, and how many requests it still answers. */
export class Lease {
  readonly handle: ListenerHandle;
  readonly connection: Connection;
  readonly #watch: ExchangeWatch;

  constructor(handle: ListenerHandle, options: ListenerOptions, listener: Listener) {
    this.handle = handle;
    this.#watch = new ExchangeWatch(options.writeTimeoutMs);
    this.connection = {
      peer: (request) => listener.peer(request),
      isTrustedProxy: options.isTrustedProxy,
      bodyBytesMax: options.bodyBytesMax,
      readTimeoutMs: options.readTimeoutMs,
      isSecure: options.tls !== undefined,
      watch: (exchange: Exchange) => this.#watch.add(exchange),
      unwatch: (exchange: Exchange) => this.#watch.delete(exchange),
      extendTimeout: (request, seconds) => listener.extendTimeout(request, seconds),
    };
  }

  /** Requests that wait for an answer. Those that are answered without waiting are never seen. */
  get inFlight(): number {
    return this.#watch.size;
  }

  /** Resolves when no request is in flight, or when the signal is aborted. */
  idle(signal: AbortSignal): Promise<void> {
    return this.#watch.idle(signal);
  }

  /** Stops watching for requests that take too long. */
  close(): void {
    this.#watch.close();
  }
}

/** Where a listener is defined, and the flag that moves it, for messages about an address that is taken. */
export interface ListenerPlace {
  readonly at?: Position | undefined;
  readonly flag?: string;
}

/** A listening socket. It outlives generations: what answers is a pointer that a reload swaps between two requests. */
export class Listener {
  readonly address: string;
  readonly options: ListenerOptions;
  readonly #log: Logger;
  readonly #place: ListenerPlace;
  #server: Bun.Server<undefined> | undefined;
  /** A socket that answers its last requests; they still ask for their peers. */
  #stopping: Bun.Server<undefined> | undefined;
  #lease: Lease | undefined;

  /** Binds at once; throws `start.address_in_use` naming the port, or `start.failed`. Requests wait for `swap`. */
  constructor(address: string, options: ListenerOptions, log: Logger, place: ListenerPlace = {}) {
    this.address = address;
    this.options = options;
    this.#log = log;
    this.#place = place;
    this.bind();
  }

  /** Binds again after `stop`. */
  bind(): void {
    const callbacks = {
      fetch: (request: Request) => this.#answer(request),
      error: (error: unknown) => this.#broken(error),
    };
    this.#server = bind(this.address, this.options, callbacks, this.#place);
  }

  /** The port that is listened on, also when the address asked for any. */
  get port(): number {
    return this.#server?.port ?? 0;
  }

  /** Makes `handle` answer from the next request on, by the limits in `options`; returns the lease before. */
  swap(handle: ListenerHandle, options: ListenerOptions = this.options): Lease | undefined {
    const before = this.#lease;
    this.#lease = new Lease(handle, options, this);
    return before;
  }

  get lease(): Lease | undefined {
    return this.#lease;
  }

  /** The peer's address. */
  peer(request: Request): string {
    const server = this.#server ?? this.#stopping;
    return plainAddress(server?.requestIP(request)?.address ?? "");
  }

  /** Changes how long the connection of a request may be idle. */
  extendTimeout(request: Request, seconds: number): void {
    (this.#server ?? this.#stopping)?.timeout(request, seconds);
  }

  /** Refuses new connections at once; resolves when the requests in flight are answered. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#stopping = server;
    this.#server = undefined;
    await server?.stop();
    if (this.#server === undefined) this.#lease?.close();
  }

  /** Ends every connection now. */
  async abort(): Promise<void> {
    const server = this.#server ?? this.#stopping;
    this.#server = undefined;
    await server?.stop(true);
    this.#lease?.close();
  }

  #answer(request: Request): Response | Promise<Response> {
    const lease = this.#lease;
    if (lease === undefined) return new Response("starting\n", { status: 503, headers: { "retry-after": "1" } });
    return lease.handle(request, lease.connection);
  }

  /** Handlers convert their own failures; whatever comes this far is a bug. */
  #broken(error: unknown): Response {
    this.#log.error("Request handler failed", {
      error: error instanceof Error ? (error.stack ?? error.message) : error,
    });
    return Response.json({ error: "internal error" }, { status: 500 });
  }
}

interface Callbacks {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly error: (error: unknown) => Response;
}

/** True when a socket with the one set of options cannot serve by the other: TLS and idle time are fixed at binding. */
export function needsNewSocket(a: ListenerOptions, b: ListenerOptions): boolean {
  const key = ({ tls, idleTimeoutMs }: ListenerOptions) => JSON.stringify([tls, idleSeconds(idleTimeoutMs)]);
  return key(a) !== key(b);
}

/** Bun counts idle time in whole seconds and up to 255. */
function idleSeconds(ms: number): number {
  return Math.min(255, Math.max(1, Math.ceil(ms / 1000)));
}

function bind(
  address: string,
  options: ListenerOptions,
  callbacks: Callbacks,
  place: ListenerPlace,
): Bun.Server<undefined> {
  const { host, port } = parseListenAddress(address);
  const { tls } = options;
  const settings = {
    port,
    reusePort: false,
    idleTimeout: idleSeconds(options.idleTimeoutMs),
    // Bodies that are read into memory are limited where they are read; proxied and streamed ones are not.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    ...callbacks,
    ...(tls === undefined ? {} : { tls: tlsSettings(tls) }),
  } as const;
  const hosts = host === "" ? ["::", "0.0.0.0"] : [host];
  for (const [index, hostname] of hosts.entries()) {
    try {
      return Bun.serve({ ...settings, hostname });
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      const isLast = index === hosts.length - 1;
      if (code === "EADDRINUSE" || isLast) throw bindFailure(address, port, error, place);
    }
  }
  throw new WorkflowError("internal.invariant", "an address has at least one host");
}

function tlsSettings(tls: NonNullable<ListenerOptions["tls"]>): Bun.TLSOptions {
  return {
    cert: tls.cert,
    key: tls.key,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    requestCert: tls.clientAuth !== "none",
    rejectUnauthorized: tls.clientAuth === "require",
  };
}

function bindFailure(address: string, port: number, cause: unknown, place: ListenerPlace): WorkflowError {
  const { at, flag = "-addr" } = place;
  const where = at === undefined ? [] : [at];
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EADDRINUSE") {
    const text = `listen on ${address}: port ${port} is already in use`;
    const hint = `find who has it with "lsof -i :${port}", or listen elsewhere with ${flag} :<port>`;
    return new WorkflowError("start.address_in_use", text, { at: where, hint, cause });
  }
  const reason = code === "EACCES" ? "permission denied" : messageOf(cause);
  return new WorkflowError("start.failed", `listen on ${address}: ${reason}`, { at: where, cause });
}
