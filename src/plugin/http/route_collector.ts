import { WorkflowError } from "../../error/error.ts";
import type { Logger } from "../../log/logger.ts";
import { type Connection, Exchange } from "../../port/exchange.ts";
import {
  type Handle,
  type HttpMiddleware,
  type ListenerHandle,
  type MiddlewareOrder,
  type Route,
  type RouteFacts,
  type Router,
  RouteRank,
} from "../../port/http.ts";
import type { HttpRouteMeter } from "../../port/metrics.ts";
import type { RuntimeServices } from "../../port/runtime.ts";
import { describeConflict } from "../../route/conflict.ts";
import { parsePattern, type RoutePattern } from "../../route/pattern.ts";
import { RouteTable } from "../../route/table.ts";
import { failureResponse } from "./failure_response.ts";
import { textError } from "./text_error.ts";

type Failed = (error: unknown, exchange: Exchange) => Response;

/** Waits for an answer, within the time that the listener gives; what comes too late is nobody's. */
function settle(
  answer: Promise<Response>,
  exchange: Exchange,
  done: (response: Response) => Response,
  failed: Failed,
): Promise<Response> {
  const { connection } = exchange;
  connection.watch(exchange);
  return new Promise((resolve) => {
    let isAnswered = false;
    const end = (response: Response): void => {
      if (isAnswered) return;
      isAnswered = true;
      connection.unwatch(exchange);
      exchange.onCancel = undefined;
      resolve(done(response));
    };
    exchange.onCancel = (reason) => end(failed(reason, exchange));
    void answer.then(end, (error: unknown) => end(failed(error, exchange)));
  });
}

interface PlacedRoute extends Route {
  readonly pattern: RoutePattern;
}

/** Gathers routes while a generation is built, and makes them one function when it is complete. */
export class RouteCollector implements Router {
  readonly name: string;
  readonly #log: Logger;
  readonly #runtime: RuntimeServices;
  readonly #added: Route[] = [];
  readonly #global: { readonly middleware: HttpMiddleware; readonly order: MiddlewareOrder }[] = [];
  #placed: readonly PlacedRoute[] = [];

  constructor(name: string, log: Logger, runtime: RuntimeServices) {
    this.name = name;
    this.#log = log;
    this.#runtime = runtime;
  }

  add(route: Route): void {
    this.#added.push(route);
  }

  use(middleware: HttpMiddleware, order: MiddlewareOrder): void {
    this.#global.push({ middleware, order });
  }

  routes(): readonly Route[] {
    return this.#placed;
  }

  /** Orders the routes, refuses overlaps, and folds middleware and handler of each into one function. */
  listenerHandle(): ListenerHandle {
    this.#placed = this.#place();
    for (const { first, second } of RouteTable.conflicts(this.#placed)) {
      const at = [second.at, first.at].filter((position) => position !== undefined);
      const hint = "remove one of them, or make one narrower than the other";
      throw new WorkflowError("config.route_conflict", describeConflict(first.pattern, second.pattern), { at, hint });
    }
    const global = [...this.#global].sort((a, b) => a.order - b.order).map(({ middleware }) => middleware);
    const entries = this.#placed.map((route) => ({ pattern: route.pattern, value: this.#entry(route, global) }));
    const table = RouteTable.build(entries);
    return answerBy(table, this.#refuser(table, global));
  }

  /** The routes in effect: by rank, then in the order they were added; the first of a method and path wins. */
  #place(): readonly PlacedRoute[] {
    const taken = new Set<string>();
    const placed: PlacedRoute[] = [];
    for (const route of [...this.#added].sort((a, b) => a.rank - b.rank)) {
      const pattern = parseRoute(route);
      const key = `${pattern.method} ${shapeOf(pattern)}`;
      if (taken.has(key)) {
        // Probes yield to whoever takes their path; that is meant, and no news.
        const level = route.rank === RouteRank.probe ? "debug" : "warn";
        this.#log.log(level, `Route already exists, skipping: ${pattern.text}`, { source: route.source });
        continue;
      }
      taken.add(key);
      placed.push({ ...route, pattern });
    }
    return placed;
  }

  #entry(route: PlacedRoute, global: readonly HttpMiddleware[]): Handle {
    const facts: RouteFacts = { method: route.pattern.method, path: route.path };
    return this.#guard(this.#fold([...global, ...(route.middlewares ?? [])], route.handle, facts), facts);
  }

  /** Middleware sees responses only, so that what it adds to them is also on the answers to failures. */
  #fold(middlewares: readonly HttpMiddleware[], handle: Handle, facts: RouteFacts): Handle {
    const { isDevelopment, uuid } = this.#runtime;
    const failed = (error: unknown, exchange: Exchange) =>
      failureResponse(error, exchange, { isDevelopment, log: this.#log, uuid });
    return middlewares.reduceRight((next, middleware) => middleware.wrap(answering(next, failed), facts), handle);
  }

  /** Answers what no route matches, inside the global middleware like everything else. */
  #refuser(table: RouteTable<Handle>, global: readonly HttpMiddleware[]): Handle {
    const facts: RouteFacts = { method: "", path: "unmatched" };
    return this.#guard(
      this.#fold(global, (exchange) => refusal(table, exchange), facts),
      facts,
    );
  }

  /** Turns whatever a handler throws into a response, and measures. */
  #guard(handle: Handle, facts: RouteFacts): Handle {
    const meter = this.#meter(facts);
    const log = this.#log;
    const { isDevelopment, uuid } = this.#runtime;
    const failed = (error: unknown, exchange: Exchange) =>
      failureResponse(error, exchange, { isDevelopment, log, uuid });
    return (exchange) => {
      const started = performance.now();
      const done = (response: Response): Response => {
        meter(exchange.method).record(response.status, (performance.now() - started) / 1000);
        return response;
      };
      let answer: Response | Promise<Response>;
      try {
        answer = handle(exchange);
      } catch (error) {
        return done(failed(error, exchange));
      }
      if (!(answer instanceof Promise)) return done(answer);
      return settle(answer, exchange, done, failed);
    };
  }

  /** One meter per route; routes of every method have one for each method that HTTP defines. */
  #meter({ method, path }: RouteFacts): (method: string) => HttpRouteMeter {
    const { metrics } = this.#runtime;
    if (method !== "" && method !== "GET") {
      const meter = metrics.httpRoute(method, path);
      return () => meter;
    }
    const meters = new Map<string, HttpRouteMeter>();
    const known = method === "GET" ? ["GET", "HEAD"] : standardMethods;
    return (used) => {
      const label = known.includes(used) ? used : "OTHER";
      let meter = meters.get(label);
      if (meter === undefined) {
        meter = metrics.httpRoute(label, path);
        meters.set(label, meter);
      }
      return meter;
    };
  }
}

/** RFC 9110 §9.3 and RFC 5789. Other methods share one label, since clients choose them. */
const standardMethods: readonly string[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "CONNECT",
  "TRACE",
];

function parseRoute(route: Route): RoutePattern {
  try {
    return parsePattern(route.method, route.path);
  } catch (error) {
    if (!(error instanceof WorkflowError) || route.at === undefined) throw error;
    throw new WorkflowError(error.code, `${route.source}: ${error.message}`, {
      at: [route.at],
      hint: error.hint,
      cause: error,
    });
  }
}

/** The path without the names of its parameters: `/a/{id}` and `/a/:key` are the same route. */
function shapeOf(pattern: RoutePattern): string {
  return pattern.segments
    .map((segment) => (segment.kind === "literal" ? `/${segment.text}` : `/{${segment.kind}}`))
    .join("");
}

/** The same handler, with a response in place of whatever it throws. */
function answering(handle: Handle, failed: (error: unknown, exchange: Exchange) => Response): Handle {
  return (exchange) => {
    try {
      const answer = handle(exchange);
      return answer instanceof Promise ? answer.catch((error: unknown) => failed(error, exchange)) : answer;
    } catch (error) {
      return failed(error, exchange);
    }
  };
}

function refusal(table: RouteTable<Handle>, exchange: Exchange): Response {
  const match = table.match(exchange.method, exchange.path);
  switch (match.kind) {
    case "redirect": {
      const status = exchange.method === "GET" || exchange.method === "HEAD" ? 301 : 307;
      return new Response(null, { status, headers: { location: match.location + exchange.search } });
    }
    case "method_not_allowed":
      return textError(405, "Method Not Allowed", { allow: match.allow });
    default:
      return textError(404, "404 page not found");
  }
}

/**
 * Finds the route of each request in the table. Elysia's router was measured against it and replaced: see
 * `docs/architecture.md`, HTTP.
 */
function answerBy(table: RouteTable<Handle>, refuse: Handle): ListenerHandle {
  const answer = (exchange: Exchange): Response | Promise<Response> => {
    const match = table.match(exchange.method, exchange.path);
    if (match.kind !== "found") return refuse(exchange);
    exchange.params = match.params;
    exchange.pattern = match.pattern.path;
    return match.value(exchange);
  };
  return (request, from) => {
    const { url } = request;
    if (url.charCodeAt(0) !== 0x2f) return answer(new Exchange(request, from));
    // Without a usable `Host` there is no URL, only what stood in the request line. HTTP/1.0 may do without one, and it
    // may be empty; an invalid one is answered 400 (RFC 9112 §3.2).
    if ((request.headers.get("host") ?? "") !== "") return textError(400, "Bad Request");
    return answer(new Exchange(new Request(`http://localhost${url}`, request), connectionOf(request, from)));
  };
}

/** A connection that knows its request also when handlers see another object in its place. */
function connectionOf(request: Request, from: Connection): Connection {
  return {
    ...from,
    peer: () => from.peer(request),
    extendTimeout: (_, seconds) => from.extendTimeout(request, seconds),
  };
}
