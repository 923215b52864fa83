import type { Position } from "../error/error.ts";
import { definePort } from "../schema/field.ts";
import type { Connection, Exchange } from "./exchange.ts";

/** Answers one request. May throw: a `WorkflowError` becomes a response of its status. */
export type Handle = (exchange: Exchange) => Response | Promise<Response>;

/** A route as middleware and handlers know it when the chain is folded. */
export interface RouteFacts {
  readonly method: string;
  readonly path: string;
}

/** Something a route can name as its `handler`. */
export interface HttpHandler {
  /** Makes the handler of one route; called once, when the generation is built. */
  handler(route: RouteFacts): Handle;
}
export const HttpHandler = definePort<HttpHandler>("http_handler", "an HTTP handler");

/** Something a route can list in its `middlewares`. */
export interface HttpMiddleware {
  /**
   * Wraps the next handler; called once per route, when the generation is built. `next` never throws: a failure comes
   * back as the response of its status.
   */
  wrap(next: Handle, route: RouteFacts): Handle;
  /** Requests without a valid credential are answered 401 or 403; for generated documents. */
  readonly requiresCredential?: true;
}
export const HttpMiddleware = definePort<HttpMiddleware>("http_middleware", "an HTTP middleware");

/** Who adds a route. Where two add the same method and path, the lower rank wins. */
export const RouteRank = { section: 0, trigger: 1, files: 2, openapi: 3, report: 4, probe: 5 } as const;
export type RouteRank = (typeof RouteRank)[keyof typeof RouteRank];

/** What a route says of itself in generated documents. */
export interface RouteDocument {
  readonly summary?: string | undefined;
  readonly description?: string | undefined;
  readonly operationId?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** One route as it is added to a router. */
export interface Route {
  /** Upper-case method, or an empty string for every method. */
  readonly method: string;
  readonly path: string;
  readonly handle: Handle;
  readonly middlewares?: readonly HttpMiddleware[];
  readonly rank: RouteRank;
  /** Where the route is written, for messages about conflicts. */
  readonly at?: Position;
  /** What the route belongs to, for listings: `workflows.http.routes[2]`. */
  readonly source: string;
  readonly document?: RouteDocument;
}

/** Order of middleware around the whole matcher: the lower is the outer. */
export const MiddlewareOrder = { tracing: 0, cors: 1, other: 2 } as const;
export type MiddlewareOrder = (typeof MiddlewareOrder)[keyof typeof MiddlewareOrder];

/** Collects routes while the generation is built. */
export interface Router {
  readonly name: string;
  add(route: Route): void;
  /** Adds middleware around everything the router answers, 404 and 405 included. */
  use(middleware: HttpMiddleware, order: MiddlewareOrder): void;
  /** The routes in effect after the table was built, in the order of the file. */
  routes(): readonly Route[];
}
export const Router = definePort<ServingRouter>("http_router", "an HTTP router");

/** A router that can be attached to a server. */
export interface ServingRouter extends Router {
  /** Completes the route table and gives the function that answers by it. Called once per server. */
  listenerHandle(): ListenerHandle;
}

/** TLS material of a listener, as PEM text. */
export interface TlsOptions {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly clientAuth: "none" | "request" | "require";
}

/** How a listener treats its connections. */
export interface ListenerOptions {
  readonly idleTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly tls: TlsOptions | undefined;
  /** The ranges as written; `isTrustedProxy` tests them. */
  readonly trustedProxies: string;
  readonly isTrustedProxy: (address: string) => boolean;
  readonly bodyBytesMax: number;
}

/** What answers the requests of a listener: a function made once per generation. */
export type ListenerHandle = (request: Request, connection: Connection) => Response | Promise<Response>;

/** An address to listen on and what answers there. The engine owns the socket, so that a reload keeps it. */
export interface ServedAddress {
  readonly name: string;
  /** Where it is written, unless it is a module. */
  readonly at?: Position;
  /** `host:port`, or `:port` for all interfaces. */
  readonly address: string;
  readonly options: ListenerOptions;
  /** Available once the generation is built. */
  handle(): ListenerHandle;
}

/** A server that routers attach themselves to. */
export interface HttpServer extends ServedAddress {
  /** Sets the router it serves: an explicit one replaces what was there, a default one only fills the gap. */
  attach(router: ServingRouter, strength: "default" | "explicit"): void;
}
export const HttpServer = definePort<HttpServer>("http_server", "an HTTP server");
