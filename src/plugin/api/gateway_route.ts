import { type Position, WorkflowError } from "../../error/error.ts";
import { decodePath } from "../../route/clean.ts";
import { TokenBuckets } from "../../time/token_bucket.ts";

/** A prefix of paths and what happens to the requests below it. */
export interface GatewayRoute {
  readonly prefix: readonly string[];
  readonly backend: URL;
  readonly stripPrefix: boolean;
  readonly auth: boolean;
  readonly timeoutMs: number;
  /** Upper-case; empty for all. */
  readonly methods: readonly string[];
  readonly limit: TokenBuckets | undefined;
}

/** A route as the file has it. */
export interface WrittenRoute {
  readonly at: Position;
  readonly pathPrefix: string;
  readonly backend: string;
  readonly stripPrefix: boolean;
  readonly auth: boolean;
  readonly timeout: number;
  readonly methods: readonly string[];
  readonly rateLimit?: WrittenLimit;
}

/** How often each client may ask, as the file has it. */
export interface WrittenLimit {
  readonly requestsPerMinute: number;
  readonly burstSize?: number;
}

/** The limit that a configuration asks for; undefined when it sets no rate. */
export function clientLimit(written: WrittenLimit | undefined): TokenBuckets | undefined {
  if (written === undefined || written.requestsPerMinute <= 0) return undefined;
  const burst = written.burstSize ?? Math.max(1, written.requestsPerMinute);
  return new TokenBuckets({ tokensPerMinute: written.requestsPerMinute, burst });
}

/** Reads the routes, those with the longest prefix first. Throws `config.value` for a backend that is no HTTP URL. */
export function readRoutes(written: readonly WrittenRoute[]): readonly GatewayRoute[] {
  return written
    .map((route, index) => ({
      prefix: segmentsOf(route.pathPrefix),
      backend: readBackend(route, index),
      stripPrefix: route.stripPrefix,
      auth: route.auth,
      timeoutMs: route.timeout,
      methods: route.methods.map((method) => method.toUpperCase()),
      limit: clientLimit(route.rateLimit),
    }))
    .sort((a, b) => b.prefix.length - a.prefix.length);
}

function readBackend({ backend, at }: WrittenRoute, index: number): URL {
  const url = URL.parse(backend);
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) return url;
  const text = `routes[${index}].backend: "${backend}" is not an http or https URL`;
  throw new WorkflowError("config.value", text, { at: [at] });
}

/** The first route whose prefix stands at the beginning of the path. `/api` stands for `/api/x` and not for `/apix`. */
export function matchRoute(routes: readonly GatewayRoute[], path: string): GatewayRoute | undefined {
  // A prefix also matches when a client writes its letters percent-encoded, or that would be a way around it.
  const segments = segmentsOf(path).map((segment) => decodePath(segment) ?? segment);
  return routes.find(({ prefix }) => prefix.every((segment, index) => segments[index] === segment));
}

/** The path for the backend, without the prefix when the route says so. */
export function backendPath({ prefix, stripPrefix }: GatewayRoute, path: string): string {
  if (!stripPrefix) return path;
  const rest = segmentsOf(path).slice(prefix.length).join("/");
  return `/${rest}${rest !== "" && path.endsWith("/") ? "/" : ""}`;
}

function segmentsOf(path: string): readonly string[] {
  return path.split("/").filter((segment) => segment !== "");
}
